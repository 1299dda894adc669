import type { ModuleLogLine, TransformCounts } from "../../engine/index.ts";
import type { ErrorCode, MillraceError } from "../../errors.ts";
import type { Header } from "../../record/index.ts";

/** A record that came out, with bytes of its own. */
export interface TrialRecord {
  readonly value: Uint8Array;
  readonly key: Uint8Array | undefined;
  /** Milliseconds since 1970, or undefined. */
  readonly timestamp: number | undefined;
  readonly headers: readonly Header[];
}

/** What failed a record. */
export interface TrialFailure {
  /** Index of the step. */
  readonly step: number;
  readonly module: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/**
 * What became of one input record: `kept` as it came in, `replaced` by one that differs, `expanded` to other records,
 * `dropped`, `failed`, or `unsettled`, where the trial ended before or while it was worked on.
 */
export type Fate = "kept" | "replaced" | "expanded" | "dropped" | "failed" | "unsettled";

export interface TrialOutcome {
  readonly fate: Fate;
  /** What came out for it. A record that failed may have parts that did not. */
  readonly output: readonly TrialRecord[];
  /** Index of the step that dropped it; undefined for other fates. */
  readonly droppedBy: number | undefined;
  /** One for each part that failed; empty for other fates. */
  readonly failures: readonly TrialFailure[];
}

/** What a step did on all batches of a run. */
export interface TrialStepResult {
  readonly stage: string;
  readonly module: string;
  /** Sums over the life of the trial. */
  readonly counts: Readonly<TransformCounts>;
  /** The most that its instances' memory had after a batch, in bytes. */
  readonly memoryBytesMax: number;
  /** What an aggregate has added up; undefined for other kinds. */
  readonly accumulator: Uint8Array | undefined;
}

/** A line that a step logged. */
export interface TrialLogLine extends ModuleLogLine {
  /** Index of the step. */
  readonly step: number;
}

/** A call of all steps for some records. */
export interface TrialBatch {
  /** Index of the first input record in it. */
  readonly first: number;
  readonly records: number;
  /** Fuel that its records took in all steps, in instructions. */
  readonly fuel: number;
}

export interface TrialResult {
  /** One for each input record, in order. */
  readonly outcomes: readonly TrialOutcome[];
  readonly steps: readonly TrialStepResult[];
  readonly batches: readonly TrialBatch[];
  /** In order, those of init and look-back included. */
  readonly log: readonly TrialLogLine[];
  /** Fuel that the records took in all steps, in instructions. */
  readonly fuel: number;
  /** What ended the trial before all records were through, such as a trap by which a module lost what it kept. */
  readonly ended: MillraceError | undefined;
}

/** The records that came out, in order. */
export function outputOf({ outcomes }: Pick<TrialResult, "outcomes">): readonly TrialRecord[] {
  return outcomes.flatMap(({ output }) => output);
}
