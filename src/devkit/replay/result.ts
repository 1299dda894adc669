import type { Became } from "../../run/index.ts";

/** What differs about a record: its fate, or the first part of what came out. */
export type DifferentPart = "fate" | "count" | "key" | "value" | "timestamp" | "headers" | "failure";

/** A record of which a step made something else than was captured. */
export interface ReplayDifference {
  /** Number of the batch in the run. */
  readonly batch: number;
  /** Index of the record in the batch, as the step got it. */
  readonly record: number;
  readonly step: string;
  readonly part: DifferentPart;
  /** First byte of the part that differs; null for parts that are no bytes. */
  readonly byte: number | null;
  /** As texts for people. */
  readonly captured: string;
  readonly now: string;
}

/** Counts of records that went into a step, by what is other about what came of them. */
export interface StepComparison {
  readonly step: string;
  readonly module: string;
  readonly sha256: string;
  /** Whether it is the module that was captured. */
  readonly sameModule: boolean;
  readonly records: number;
  readonly same: number;
  /** Something comes of them now, and nothing did. */
  readonly added: number;
  /** Nothing comes of them any more. */
  readonly dropped: number;
  /** Something else comes of them. */
  readonly changed: number;
  /** They fail now. */
  readonly failed: number;
  /** Instructions that the records took. */
  readonly fuel: number;
}

/** What `replay --json` gives. */
export interface ReplayResult {
  /** The file, as it was named. */
  readonly capture: string;
  readonly pipeline: string;
  /** `same-modules`: whether they still do the same; `what-if`: what another module would have done. */
  readonly mode: "same-modules" | "what-if";
  readonly batches: number;
  /** Records before the first step. */
  readonly records: number;
  /** False for what a crash has left of a capture. */
  readonly complete: boolean;
  readonly same: boolean;
  readonly steps: readonly StepComparison[];
  /** The first ones. */
  readonly differences: readonly ReplayDifference[];
  /** What may make a difference beside the modules. */
  readonly notes: readonly string[];
}

/** A record as people see it. */
export interface ShownRecord {
  readonly value: Uint8Array;
  readonly key: Uint8Array | undefined;
  readonly timestamp: number | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What a step made of a record. */
export interface TrailStep {
  readonly step: string;
  readonly became: Became;
  readonly failure: string | undefined;
  readonly after: readonly ShownRecord[];
}

/** One record on its way through all steps. */
export interface Trail {
  readonly batch: number;
  /** Index in the batch, and in the whole run. */
  readonly record: number;
  readonly inRun: number;
  readonly masked: boolean;
  readonly before: ShownRecord;
  /** Of a record that was expanded, each part goes on. */
  readonly steps: readonly TrailStep[];
}
