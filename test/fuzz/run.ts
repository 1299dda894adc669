import { Dice } from "../support/dice.ts";
import type { FuzzTarget, PreparedTarget } from "./target.ts";

/** Which inputs of a target: each is made of the seed and its own index alone. */
export interface Inputs {
  readonly seed: number;
  /** Index of the first one. */
  readonly from: number;
  /** Whether there is to be one more. */
  readonly goesOn: (done: number) => boolean;
  /** Told of each before it is tried. */
  readonly onInput?: (index: number) => void;
}

export interface Fuzzed {
  readonly executions: number;
  /** The first input that breaks the law, and how. */
  readonly found:
    | { readonly index: number; readonly input: Uint8Array; readonly problem: string }
    | undefined;
}

export function inputOf(prepared: PreparedTarget, seed: number, index: number): Uint8Array<ArrayBuffer> {
  return prepared.make(new Dice(seed, index), seed + index);
}

/** Tries a target until an input breaks its law, or there are no more. */
export async function fuzz(target: FuzzTarget, { seed, from, goesOn, onInput }: Inputs): Promise<Fuzzed> {
  const prepared = await target.prepare();
  let executions = 0;
  for (let index = from; goesOn(executions); index++) {
    onInput?.(index);
    const input = inputOf(prepared, seed, index);
    try {
      await prepared.check(input);
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { executions, found: { index, input, problem } };
    }
    executions++;
  }
  return { executions, found: undefined };
}
