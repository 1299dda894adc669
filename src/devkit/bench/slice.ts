import { Bench } from "tinybench";
import type { Chain, Transform } from "../../engine/index.ts";
import { Batch, type Frame } from "../../record/index.ts";
import { type LoadedContender, openContender } from "./contender.ts";
import { countedClock, type Now } from "./timer.ts";

/** The same work for everybody: so many batches, beginning with the first one, in a new instance. */
export interface Work {
  readonly frames: readonly Frame[];
  readonly batches: number;
}

export interface Slice {
  readonly instantiateMs: number;
  /** Milliseconds of each batch, without putting it into the host's buffer; the first one is that of a new instance. */
  readonly batchMs: readonly number[];
  readonly records: number;
  readonly transform: Transform;
}

/** What the host and the module took of the same batches, in milliseconds of each. */
export interface SplitSlice {
  readonly hostMs: readonly number[];
  readonly guestMs: readonly number[];
}

/**
 * Lets a new instance do the work, with tinybench around each batch.
 * @param clockMs what asking the clock takes; it is taken off
 * @throws MillraceError what ends the module
 */
export async function runSlice(
  contender: LoadedContender,
  { frames, batches }: Work,
  now: Now,
  clockMs: number,
): Promise<Slice> {
  const start = now();
  const chain = await openContender(contender);
  const instantiateMs = now() - start;
  const transform = transformOf(chain);
  const batchMs = timedBatches(frames, batches, (batch) => {
    const then = now();
    chain.process(batch);
    return Math.max(0, now() - then - clockMs);
  });
  return { instantiateMs, batchMs, records: transform.counts.records, transform };
}

/**
 * Lets a new instance do the work with a clock inside of it, and tells the time in the module from the time around it. What the
 * clock itself takes is taken off, as often as it was asked.
 */
export async function runSplitSlice(
  contender: LoadedContender,
  { frames, batches }: Work,
  now: Now,
  clockMs: number,
): Promise<SplitSlice> {
  const clock = countedClock(now);
  const chain = await openContender(contender, clock.now);
  const { counts } = transformOf(chain);
  const hostMs: number[] = [];
  const guestMs: number[] = [];
  timedBatches(frames, batches, (batch) => {
    const { calls, guestMs: guestBefore } = counts;
    const asked = clock.asked;
    const then = now();
    chain.process(batch);
    const wholeMs = now() - then;
    const inGuest = Math.max(0, counts.guestMs - guestBefore - (counts.calls - calls) * clockMs);
    guestMs.push(inGuest);
    hostMs.push(Math.max(0, wholeMs - inGuest - (clock.asked - asked + 1) * clockMs));
    return wholeMs;
  });
  return { guestMs, hostMs };
}

/** The one transform of a contender's chain. */
export function transformOf(chain: Chain): Transform {
  return chain.transforms[0] as Transform;
}

function timedBatches(
  frames: readonly Frame[],
  batches: number,
  timed: (batch: Batch) => number,
): readonly number[] {
  const batch = new Batch();
  let next = 0;
  const bench = new Bench({ warmup: false, time: 0, iterations: batches, retainSamples: true, throws: true });
  const inOrder: number[] = [];
  bench.add(
    "batch",
    () => {
      batch.load(frames[next++ % frames.length] as Frame);
      const overriddenDuration = timed(batch);
      inOrder.push(overriddenDuration);
      return { overriddenDuration };
    },
    { async: false },
  );
  bench.runSync();
  return inOrder;
}
