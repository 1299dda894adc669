import { assert } from "../../base/index.ts";
import type { ConfigWarning, Plan } from "../../config/index.ts";
import { formatWhere } from "../../errors.ts";
import type { PipelineCounts } from "../../pipeline/index.ts";
import type { Exchange } from "../../run/index.ts";
import type { SkippedRecord } from "./skip-report.ts";
import type { StageRow } from "./stage-table.ts";

/** What ended a run. */
export type RunEnd = "source" | "signal" | "failure";

/** What `run --json` gives, also for a run that failed after its pipeline had been made. */
export interface RunResult {
  readonly pipeline: string;
  readonly direction: "inbound" | "outbound";
  /** The connector, as in `meta.type`. */
  readonly type: string;
  readonly topic: string;
  /** Absolute path of the config; null for a connector that was run with flags. */
  readonly config: string | null;
  /**
   * `source`: it had no more records. `signal`: it was stopped, and what was read has arrived, except for what waited to
   * be handed to the sink again.
   */
  readonly end: RunEnd;
  readonly durationMs: number;
  /** Of input records: read = delivered + filtered + deadLettered + skipped + inFlight. */
  readonly counts: PipelineCounts;
  /** In the order in which records pass them. */
  readonly stages: readonly StageResult[];
  /** When modules were exchanged while it ran. */
  readonly exchanges: readonly ExchangeResult[];
  /** The first skipped records of each stage. */
  readonly skipped: readonly SkippedRecord[];
  /** Where dead letters go; null where no policy makes any. */
  readonly deadLetterTopic: string | null;
  /** The first records of each stage that were kept as dead letters. */
  readonly deadLettered: readonly SkippedRecord[];
  readonly warnings: readonly { readonly where: string; readonly message: string }[];
}

export interface ExchangeResult extends Omit<Exchange, "at"> {
  /** In the form of ISO 8601. */
  readonly at: string;
}

export interface StageResult extends Omit<StageRow, "recordsPerSecond" | "fuelPerRecord"> {
  /** Instructions of its module for each record that came in; null where they are not counted. */
  readonly fuelPerRecord: number | null;
  /** Records in, per second of the whole run; null for a run too short to tell. */
  readonly recordsPerSecond: number | null;
}

export interface Ending {
  readonly end: RunEnd;
  readonly durationMs: number;
  readonly counts: PipelineCounts;
  readonly rows: readonly StageRow[];
  readonly exchanges: readonly Exchange[];
  readonly skipped: readonly SkippedRecord[];
  readonly deadLettered: readonly SkippedRecord[];
  readonly warnings: readonly ConfigWarning[];
}

export function runResult(plan: Plan, ending: Ending): RunResult {
  const { end, durationMs, counts, rows, exchanges, skipped, deadLettered, warnings } = ending;
  checkCounts(counts, end);
  return {
    pipeline: plan.name,
    direction: plan.direction,
    type: plan.type,
    topic: plan.topic,
    config: plan.file,
    end,
    durationMs: Math.round(durationMs),
    counts,
    stages: rows.map((row) => ({
      ...row,
      recordsPerSecond: rounded(row.recordsPerSecond),
      fuelPerRecord: rounded(row.fuelPerRecord),
    })),
    exchanges: exchanges.map((exchange) => ({ ...exchange, at: new Date(exchange.at).toISOString() })),
    skipped,
    deadLetterTopic: plan.deadLetterTopic ?? null,
    deadLettered,
    warnings: warnings.map(({ where, message }) => ({ where: formatWhere(where), message })),
  };
}

/** Guards the promise that no record is lost unsaid. */
function checkCounts(counts: PipelineCounts, end: RunEnd): void {
  const { read, delivered, filtered, deadLettered, skipped, inFlight } = counts;
  const settled = delivered + filtered + deadLettered + skipped;
  assert(read === settled + inFlight, "the counts of a pipeline add up");
  assert(inFlight >= 0, "no record is settled twice");
  // A stop does not wait for the next attempt at the sink.
  assert(inFlight === 0 || end !== "source", "a run that ends by itself has nothing in flight");
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}
