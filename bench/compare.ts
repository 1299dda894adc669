import { type Spread, spreadOf } from "./statistics.ts";

/** One way to do a suite's work. */
export interface Contender {
  readonly name: string;
  /** Does the work once and gives its result, which must be the same for all, and the milliseconds that count. */
  run(): Measured | Promise<Measured>;
}

export interface Measured {
  readonly ms: number;
  readonly result: number;
}

export interface ComparedContender {
  readonly name: string;
  /** Nanoseconds for each unit of work, mostly a record. */
  readonly ns: Spread;
  /** Its time divided by the time of the first contender in the same round: above 1, the first is faster. */
  readonly ratio: Spread;
}

export interface Comparison {
  readonly rounds: number;
  readonly contenders: readonly ComparedContender[];
  /** The first contender against itself in the same rounds: a ratio inside this spread is no difference. */
  readonly noise: Spread;
}

/**
 * Runs all contenders in each round, in turning order, so that a drift of the machine meets all of them alike. The first one runs twice.
 *
 * @param units how many units of work one run does
 */
export async function compare(
  contenders: readonly [Contender, ...Contender[]],
  { rounds, units }: { readonly rounds: number; readonly units: number },
): Promise<Comparison> {
  const all = [...contenders, contenders[0]];
  const times = all.map((): number[] => []);
  const expected = (await contenders[0].run()).result;
  for (let round = -1; round < rounds; round++) {
    for (let i = 0; i < all.length; i++) {
      const index = (i + round + 1) % all.length;
      const { name, run } = all[index] as Contender;
      const { ms, result } = await run();
      if (result !== expected) throw new Error(`${name} gives ${result}, the first contender ${expected}`);
      if (round >= 0) times[index]?.push(ms);
    }
  }
  const base = times[0] ?? [];
  const ratioOf = (other: readonly number[]): Spread =>
    spreadOf(other.map((ms, i) => ms / (base[i] ?? Number.NaN)));
  return {
    rounds,
    contenders: contenders.map(({ name }, i) => ({
      name,
      ns: spreadOf((times[i] ?? []).map((ms) => (ms * 1e6) / units)),
      ratio: ratioOf(times[i] ?? []),
    })),
    noise: ratioOf(times.at(-1) ?? []),
  };
}

/** Wall-clock milliseconds of a piece of work that runs on this thread alone. */
export function timed(work: () => number): Measured {
  const start = performance.now();
  const result = work();
  return { ms: performance.now() - start, result };
}
