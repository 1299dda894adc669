import { resolve } from "node:path";
import { limits } from "../../limits.ts";
import type { CaptureSummary } from "../../run/index.ts";
import type { Outcome } from "../outcome.ts";
import { formatBytes, formatCount, plural } from "../output/index.ts";
import { readConfig } from "../read-config.ts";
import { runPlan } from "../run/action.ts";
import type { RunResult } from "../run/result.ts";
import type { Session } from "../session.ts";
import type { CaptureCommandOptions } from "./options.ts";

/** What `capture --json` gives: how the run went, and what was captured of it. */
export interface CaptureResult extends RunResult {
  /** Null where the run has ended before there was anything to capture. */
  readonly capture: {
    /** Absolute path. */
    readonly file: string;
    /** False where nothing was captured, or something kept the file from being written. */
    readonly written: boolean;
    readonly batches: number;
    /** Records before the first step. */
    readonly records: number;
    /** Those of them that the mask changed. */
    readonly maskedRecords: number;
    readonly bytes: number;
    /** What the capture was full of: `records` or `bytes`; null where it was not. */
    readonly full: string | null;
  } | null;
}

/**
 * Runs a pipeline and captures what its steps do, until the source ends, somebody stops it, or the capture is full.
 * @throws MillraceError what keeps the pipeline from being made
 */
export async function captureRun(
  config: string,
  options: CaptureCommandOptions,
  session: Session,
): Promise<Outcome<CaptureResult>> {
  const { plan, warnings } = await readConfig(config, options, session);
  const full = new AbortController();
  const capture = {
    file: resolve(options.output ?? plan.capture?.file ?? `${plan.name}.mrcap`),
    recordsMax: options.records ?? plan.capture?.recordsMax ?? limits.captureRecordsMax.default,
    bytesMax: options.bytes ?? plan.capture?.bytesMax ?? limits.captureBytesMax.default,
    share: options.sample ?? plan.capture?.share ?? 1,
    mask: options.mask ?? plan.capture?.mask ?? [],
    onFull: () => full.abort(),
  };
  const run = await runPlan(
    { plan, warnings, config: plan.file, capture, stop: full.signal },
    options,
    session,
  );
  const { captured } = run.pipeline;
  const { outcome } = run;
  const told = captured === undefined ? "nothing was captured" : summaryOf(captured);
  return {
    ...outcome,
    summary: `${outcome.summary}; ${told}`,
    result: { ...outcome.result, capture: captured === undefined ? null : resultOf(captured) },
    text: outcome.text === undefined ? undefined : `${outcome.text}\n${told}`,
    error: outcome.error ?? captured?.error,
  };
}

function resultOf({ file, isWritten, ...counts }: CaptureSummary): CaptureResult["capture"] {
  const { batches, records, maskedRecords, bytes, full } = counts;
  return { file, written: isWritten, batches, records, maskedRecords, bytes, full };
}

function summaryOf({
  file,
  isWritten,
  batches,
  records,
  bytes,
  full,
  maskedRecords,
}: CaptureSummary): string {
  if (!isWritten) return "nothing was captured";
  const what = `${plural(records, "record")} in ${plural(batches, "batch", "batches")}`;
  const masked = maskedRecords === 0 ? "" : `, ${formatCount(maskedRecords)} of them masked`;
  const end = full === null ? "" : `; it is full: it may have no more ${full}`;
  return `captured ${what}${masked}: ${file}, ${formatBytes(bytes)}${end}`;
}
