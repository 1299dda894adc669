import type { MillraceError } from "../../errors.ts";
import type { Frame } from "../../record/index.ts";
import type { CapturedFailure } from "./envelope.ts";

/** What a step did to a batch. Records are counted in the frame before it. */
export interface TakenStep {
  readonly before: Frame;
  /** Undefined where it threw. */
  readonly after: Frame | undefined;
  /** For each record after, the one before that it was made of; undefined: each is at its own place. */
  readonly origins: Uint32Array | undefined;
  readonly became: Uint8Array;
  readonly failures: readonly CapturedFailure[];
  readonly threw: MillraceError | undefined;
}
