import type { RecordInput } from "../../record/index.ts";

export const lawNames = [
  "traps",
  "fuel",
  "answers",
  "batches",
  "order",
  "state",
  "instances",
  "idempotent",
  "text",
  "memory",
] as const;

export type LawName = (typeof lawNames)[number];

/** What is expected of a record, in a saved test. */
export type Expected =
  | { readonly fate: "kept" | "dropped" | "failed" | "text" }
  | { readonly fate: "output"; readonly values: readonly Uint8Array[] };

/** How a law was broken. */
export interface Violation {
  /** What happened, as a sentence. */
  readonly message: string;
  /** What should have become of each record; undefined where the law is not about that. */
  readonly expected: readonly (Expected | undefined)[];
  /** Records that show it, where these are not the input itself. */
  readonly shownBy?: readonly RecordInput[] | undefined;
  /** Records of one batch where it is broken; undefined: all of them are in one. */
  readonly batchRecordsMax?: number | undefined;
  /** Most memory that the module should have, where that is what it is about. */
  readonly memoryBytesMax?: number | undefined;
}

export interface BrokenLaw extends Violation {
  /** The smallest input that was found. */
  readonly records: readonly RecordInput[];
}

/** How it went with one law. */
export interface LawResult {
  readonly law: LawName;
  /** What holds for every module, as a sentence. */
  readonly sentence: string;
  /** Inputs that were tried; 0 where the law is not for this module. */
  readonly runs: number;
  /** Why the law is not for this module; undefined where it is. */
  readonly skipped: string | undefined;
  readonly broken: BrokenLaw | undefined;
}

export interface FuzzResult {
  readonly module: string;
  readonly sha256: string;
  readonly kind: string;
  /** The same seed tries the same inputs again. */
  readonly seed: number;
  readonly laws: readonly LawResult[];
}
