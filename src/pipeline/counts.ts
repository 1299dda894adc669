import type { ProcessorStep } from "./processor.ts";

/**
 * What became of the records that a pipeline has read. Counts are of input records, and at any time
 * read = delivered + filtered + skipped + in flight. A record that was expanded counts once: as skipped when any part
 * of it failed, as delivered when any part arrived.
 */
export interface PipelineCounts {
  readonly read: number;
  /** Durable at the other end. */
  readonly delivered: number;
  /** Dropped by a module. */
  readonly filtered: number;
  /** Failed, and left out because the config says `onError: skip`. */
  readonly skipped: number;
  /** Read, and not settled yet; after a failure the records that will be read again. */
  readonly inFlight: number;
}

/** What one stage has done so far. */
export interface StageCounts {
  readonly stage: string;
  /** What does the work: a connector's type, a module's name, a topic. */
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly dropped: number;
  readonly failed: number;
  /** Fuel that a module has used, in instructions; absent for other stages, and for a module without a meter. */
  readonly fuel?: number | undefined;
}

/** Counts of a step, told by its transform. */
export function stepCounts({ stage, module, counts }: ProcessorStep): StageCounts {
  return {
    stage,
    name: module,
    in: counts.records,
    out: counts.kept + counts.replaced + counts.emitted,
    dropped: counts.dropped,
    failed: counts.failed,
    ...(counts.fuel === 0 ? {} : { fuel: counts.fuel }),
  };
}
