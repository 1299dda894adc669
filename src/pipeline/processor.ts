import type { Caretaker, StateLoss, Transform, TransformCounts } from "../engine/index.ts";
import type { Batch } from "../record/index.ts";
import type { Accumulator } from "../topic/index.ts";
import type { LastResort } from "./policy.ts";

/** A step of a pipeline, as others see it. */
export interface ProcessorStep {
  /** What people call its place: `filter`, `shape`, `transform`. */
  readonly stage: string;
  /** Under which its accumulator is kept; its own in the pipeline, and the same in each run. */
  readonly name: string;
  readonly onError: LastResort;
  /** The module's name. */
  readonly module: string;
  /** Of the module's file, where it is known. */
  readonly sha256?: string | undefined;
  /** True when the module wants to see earlier records before the first one. */
  readonly looksBack: boolean;
  /** What would be lost with its present instance. */
  readonly stateLoss: StateLoss;
  /** What it has done up to the last batch that came back. */
  readonly counts: Readonly<TransformCounts>;
}

/** What the steps made of a batch, beside what is in the batch itself. */
export interface Processed {
  /** How many of the batch's failures each step made, in order; a step that did not run made none. */
  readonly failedBySteps: readonly number[];
  /** What the aggregates have added up to after this batch. */
  readonly accumulators: readonly Accumulator[];
}

/**
 * Runs batches through the steps of a pipeline, on this thread or on another. Batches that it works on were made by it, or by
 * another one that runs its steps in the same way.
 */
export interface Processor {
  readonly steps: readonly ProcessorStep[];
  newBatch(): Batch;
  /** Shows one step the batch's records as earlier ones. @throws MillraceError as `Transform.lookBack` */
  lookBack(step: number, batch: Batch): Promise<void>;
  /**
   * Runs a batch through all steps, up to one that fails a record of which the policy is `fail`. Several may be under
   * way: they are worked on, and settle, in the order of the calls. Until then the batch is the processor's. After a
   * rejection there is nothing more to be had of it.
   * @throws MillraceError as `Transform.process`
   */
  process(batch: Batch): Promise<Processed>;
  close(): Promise<void>;
}

/** A transform in a pipeline. */
export interface PipelineStep {
  readonly stage: string;
  readonly name: string;
  readonly transform: Transform;
  /** Of the module's file, where it is known. */
  readonly sha256?: string | undefined;
  readonly onError: LastResort;
}

/**
 * Runs a batch through steps on this thread.
 * @param beginStep told of each step before it works, by its index; gives who looks after the batch there, where somebody does
 * @throws MillraceError as `Transform.process`
 */
export function runSteps(
  steps: readonly PipelineStep[],
  batch: Batch,
  beginStep?: (step: number) => Caretaker | undefined,
): Processed {
  const failedBySteps: number[] = [];
  for (const [index, { transform, onError }] of steps.entries()) {
    const failedBefore = batch.failures.length;
    transform.process(batch, beginStep?.(index));
    const failed = batch.failures.length - failedBefore;
    failedBySteps.push(failed);
    // The batch goes nowhere, and what a later step would make of it could only hide the cause.
    if (failed > 0 && onError === "fail") break;
  }
  const accumulators = steps.flatMap(({ name, transform }) => {
    const bytes = transform.accumulator();
    return bytes === undefined ? [] : [{ step: name, bytes }];
  });
  return { failedBySteps, accumulators };
}
