import type { Transform } from "../../engine/index.ts";
import { MillraceError } from "../../errors.ts";
import { Batch, type Frame, FrameBuffer } from "../../record/index.ts";
import { becameOfEach, originsOf } from "./became.ts";
import { frameOfBatch } from "./frame-edit.ts";
import type { TakenStep } from "./taken.ts";

/**
 * Runs steps on frames. A capture and its replay both do it here, each step on a batch that holds nothing but the frame before
 * it: so the same module gets the same bytes, and what it makes of them is encoded the same way.
 */
export class Stepper {
  readonly #batch = new Batch(new FrameBuffer(0));

  /** Never throws what the step throws: it is part of what is told. */
  run(transform: Pick<Transform, "kind" | "process">, before: Frame): TakenStep {
    const batch = this.#batch.load(before);
    try {
      transform.process(batch);
    } catch (error) {
      batch.release();
      if (!MillraceError.is(error)) throw error;
      return {
        before,
        after: undefined,
        origins: undefined,
        became: new Uint8Array(0),
        failures: [],
        threw: error,
      };
    }
    const failures = batch.failures.map(({ origin, code, message }) => ({ record: origin, code, message }));
    const after = batch.untouched ? before : frameOfBatch(batch);
    const origins = originsOf(batch);
    const failed = new Set(failures.map(({ record }) => record));
    const expands = transform.kind === "array-map";
    batch.release();
    const became = becameOfEach(before, after, origins, failed, expands);
    return { before, after, origins, became, failures, threw: undefined };
  }
}
