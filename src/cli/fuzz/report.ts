import type { FuzzResult, LawResult } from "../../devkit/index.ts";
import type { RecordInput } from "../../record/index.ts";

/** What `fuzz --json` gives. */
export interface FuzzReport {
  /** The file, as it was named. */
  readonly module: string;
  readonly sha256: string;
  readonly kind: string;
  /** The same seed tries the same inputs again. */
  readonly seed: number;
  readonly laws: readonly LawReport[];
  /** The file of tests that what was found is in; null where nothing was. */
  readonly saved: string | null;
}

export interface LawReport {
  readonly law: string;
  readonly sentence: string;
  readonly outcome: "held" | "broken" | "skipped";
  readonly runs: number;
  /** How it is broken, or why it is not for this module; null where it held. */
  readonly message: string | null;
  /** The smallest input that breaks it; empty where none does. */
  readonly records: readonly ReportedRecord[];
}

/** Bytes are text where they are UTF-8, and base64 where they are not. */
export interface ReportedRecord {
  readonly value: string;
  readonly encoding: "utf-8" | "base64";
  readonly key: string | null;
  readonly timestamp: number | null;
}

export function fuzzReport(
  module: string,
  { sha256, kind, seed, laws }: FuzzResult,
  saved: string | undefined,
): FuzzReport {
  return { module, sha256, kind, seed, laws: laws.map(lawReport), saved: saved ?? null };
}

function lawReport({ law, sentence, runs, skipped, broken }: LawResult): LawReport {
  const outcome = skipped !== undefined ? "skipped" : broken === undefined ? "held" : "broken";
  const message = broken?.message ?? skipped ?? null;
  return { law, sentence, outcome, runs, message, records: (broken?.records ?? []).map(reported) };
}

function reported({ value, key, timestamp }: RecordInput): ReportedRecord {
  const [text, encoding] = encoded(value);
  return {
    value: text,
    encoding,
    key: key === undefined ? null : encoded(key)[0],
    timestamp: timestamp ?? null,
  };
}

function encoded(bytes: Uint8Array | string): readonly [text: string, encoding: ReportedRecord["encoding"]] {
  if (typeof bytes === "string") return [bytes, "utf-8"];
  try {
    return [new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), "utf-8"];
  } catch {
    return [Buffer.from(bytes).toString("base64"), "base64"];
  }
}
