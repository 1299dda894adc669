import type { ProcessorStep } from "./processor.ts";

/**
 * What became of the records that a pipeline has read. Counts are of input records, and at any time
 * read = delivered + filtered + dead-lettered + skipped + in flight. A record that was expanded counts once, at the worst
 * that became of its parts: as dead-lettered or skipped when any part failed, as delivered when any part arrived.
 */
export interface PipelineCounts {
  readonly read: number;
  /** Durable at the other end. */
  readonly delivered: number;
  /** Dropped by a module. */
  readonly filtered: number;
  /** Failed, and kept with the cause in the topic of dead letters, because the config says `onError: dead-letter`. */
  readonly deadLettered: number;
  /** Failed, and left out because the config says `onError: skip`. */
  readonly skipped: number;
  /** Read, and not settled yet; after a failure or a stop the records that will be read again. */
  readonly inFlight: number;
}

export const noPipelineCounts: PipelineCounts = {
  read: 0,
  delivered: 0,
  filtered: 0,
  deadLettered: 0,
  skipped: 0,
  inFlight: 0,
};

/** What one stage has done so far. */
export interface StageCounts {
  readonly stage: string;
  /** What does the work: a connector's type, a module's name, a topic. */
  readonly name: string;
  readonly in: number;
  readonly out: number;
  readonly dropped: number;
  readonly failed: number;
  /** Of the failed ones, those that it made dead letters of. */
  readonly deadLettered: number;
  /** Records that were handed to the sink again, each as often as it was. */
  readonly retried: number;
  /** Fuel that a module has used, in instructions; absent for other stages, and for a module without a meter. */
  readonly fuel?: number | undefined;
}

/** Counts of a step, told by its transform. */
export function stepCounts({ stage, module, counts }: ProcessorStep, deadLettered: number): StageCounts {
  return {
    stage,
    name: module,
    in: counts.records,
    out: counts.kept + counts.replaced + counts.emitted,
    dropped: counts.dropped,
    failed: counts.failed,
    deadLettered,
    retried: 0,
    ...(counts.fuel === 0 ? {} : { fuel: counts.fuel }),
  };
}
