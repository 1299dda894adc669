import type { SpeedRatio, Verdict } from "../bench/result.ts";
import type { Spread } from "../bench/statistics.ts";

/**
 * How what comes of a record of the new version differs from what comes of it of the old one: `added`, something comes where
 * nothing did; `dropped`, the other way round; `changed`, something else comes; `failsNow`, `failsNoLonger`, or `failsOtherwise`,
 * with another code or text.
 */
export type Kind = "same" | "added" | "dropped" | "changed" | "failsNow" | "failsNoLonger" | "failsOtherwise";

export type DiffCounts = Readonly<Record<Kind, number>>;

/** What differs first about a record. */
export type DiffPart = "fate" | "failure" | "count" | "order" | "value" | "key" | "timestamp" | "headers";

export interface DiffLine {
  readonly sign: "-" | "+" | " ";
  readonly text: string;
}

/** A record of which the two versions do not make the same. */
export interface DiffedRecord {
  /** Index among the records that were compared. */
  readonly record: number;
  readonly kind: Exclude<Kind, "same">;
  readonly part: DiffPart;
  /** First byte of the part that differs; null for parts that are no bytes. */
  readonly byte: number | null;
  /** The record that went in, as text. */
  readonly input: string;
  /** What comes of it, line by line: `-` of the old version, `+` of the new one. */
  readonly diff: readonly DiffLine[];
}

export interface ComparedModule {
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
  readonly abi: string;
  readonly kind: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A number of each version, and the new one divided by the old one; null where the old one is 0. */
export interface OldAndNew {
  readonly old: number;
  readonly new: number;
  readonly ratio: number | null;
}

/** The two versions measured side by side. A speed above 1: the new one is faster. */
export interface DiffTime {
  readonly batchRecords: number;
  readonly rounds: number;
  readonly oldNsPerRecord: Spread;
  readonly newNsPerRecord: Spread;
  readonly speed: { readonly [part in keyof SpeedRatio]: number | null };
  readonly pValue: number;
  /** A ratio that is no further from 1 is no difference; null where the rounds are too few to know. */
  readonly noiseFloor: number | null;
  readonly verdict: Verdict;
}

/** What `diff --json` gives. */
export interface DiffResult {
  readonly old: ComparedModule;
  readonly new: ComparedModule;
  readonly records: number;
  readonly batches: number;
  /** Whether the same comes of each record. */
  readonly same: boolean;
  readonly counts: DiffCounts;
  /** `other order`: the same records come out in all, in another order. */
  readonly output: "same" | "other order" | "other records";
  /** Records that failed, by their codes. */
  readonly failures: readonly { readonly code: string; readonly old: number; readonly new: number }[];
  /** The first ones. */
  readonly differences: readonly DiffedRecord[];
  /** Instructions for each record, on average. */
  readonly fuelPerRecord: OldAndNew;
  /** The most that the memory of an instance had after a batch, in bytes. */
  readonly memoryBytes: OldAndNew;
  /** Null where time was not measured. */
  readonly time: DiffTime | null;
  /** True where somebody ended it before all records were through. */
  readonly stopped: boolean;
  readonly notes: readonly string[];
}
