import { expect } from "vitest";
import type { Transform } from "../../src/engine/index.ts";
import { type ErrorCode, MillraceError } from "../../src/errors.ts";
import { Batch, frameOf, type RecordInput } from "../../src/record/index.ts";

/** What a transform makes of a batch of its own. */
export function run(transform: Transform, values: Iterable<RecordInput | string>): Batch {
  const batch = Batch.of(frameOf(values));
  transform.process(batch);
  return batch;
}

/** Expects that this throws, and gives what it threw. */
export function expectFailure(action: () => unknown, code: ErrorCode, message: string): MillraceError {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  if (!MillraceError.is(thrown)) throw thrown ?? new Error(`this did not fail with ${code}`);
  expect([thrown.code, thrown.message]).toEqual([code, expect.stringContaining(message)]);
  return thrown;
}
