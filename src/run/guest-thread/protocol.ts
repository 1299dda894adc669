import type { Logger, WasmMemory } from "../../base/index.ts";
import type { PartOfRecord, StateLoss, TransformCounts } from "../../engine/index.ts";
import type { ErrorCode } from "../../errors.ts";
import type { Processed } from "../../pipeline/index.ts";
import type { BatchState } from "../../record/index.ts";
import type { StepToOpen } from "../open-steps.ts";
import type { SentError } from "./sent-error.ts";

/*
 * What the thread of a pipeline and its guest thread say to one another.
 *
 *   pipeline                        guest thread
 *     | -- steps ---------------------> |  opens an instance for each step
 *     | <------------------- opened --- |
 *     | -- look-back, batch, step ----> |  any number of times
 *     | <-------------- looked-back --- |
 *     | -- process, batch ------------> |  answered in the order of the requests, several may be under way
 *     | <---------------- processed --- |
 *     | <---------------------- log --- |  at any time
 *     | <------------------- failed --- |  instead of any answer; then there are no others
 *
 * A batch is in memory that both threads see, and belongs to the side that was told of it last. What is sent is its
 * state: how much of the memory is in use, and which columns, which are in shared memory too. The memory itself is
 * sent only when the other side does not have it, which is at first and after it grew.
 *
 * What the guest thread has in hand is in memory that both see (progress.ts), so that it is known when it says nothing more.
 */

/** A batch as it is handed from one thread to the other. */
export interface SentBatch {
  /** Number of the batch, the same for its life. */
  readonly batch: number;
  /** Absent when it is the one that was sent last. */
  readonly memory: WasmMemory | undefined;
  readonly state: BatchState;
}

export interface ThreadStart {
  readonly steps: readonly StepToOpen[];
  /** Cells of the progress. */
  readonly progress: Int32Array;
}

/** A record that no module is to see again, and why it has failed. */
export interface Refusal extends PartOfRecord {
  readonly step: number;
  readonly code: ErrorCode;
  readonly message: string;
}

interface Numbered {
  /** Number of the request, from 1. */
  readonly work: number;
}

export type Request =
  | ({
      readonly kind: "process";
      /** There for a batch that has ended a thread: its records go in one by one, without these. */
      readonly refusals: readonly Refusal[] | undefined;
    } & Numbered &
      SentBatch)
  | ({ readonly kind: "look-back"; readonly step: number } & Numbered & SentBatch);

export type Reply =
  | { readonly kind: "opened"; readonly steps: readonly OpenedStep[] }
  | {
      readonly kind: "looked-back";
      /** Of each step. */
      readonly losses: readonly StateLoss[];
    }
  | ({
      readonly kind: "processed";
      readonly processed: Processed;
      /** Of each step, so far. */
      readonly counts: readonly TransformCounts[];
      readonly losses: readonly StateLoss[];
      readonly tookMs: number;
    } & SentBatch)
  | { readonly kind: "log"; readonly level: keyof Logger; readonly text: string }
  | { readonly kind: "failed"; readonly error: SentError };

export interface OpenedStep {
  readonly module: string;
  readonly looksBack: boolean;
  readonly loss: StateLoss;
}
