import { type Clock, type Logger, silentLogger, systemClock } from "../../base/index.ts";
import { type ConnectorContext, findConnector } from "../../connector/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Source } from "../../pipeline/index.ts";
import { Batch, FrameBuffer, type RecordInput, type RecordView } from "../../record/index.ts";
import { sizedLogs } from "./sized-logs.ts";

/** Where the records of a measurement come from. */
export type RecordsFrom =
  | { readonly from: "file"; readonly path: string; readonly format: unknown }
  | {
      readonly from: "generator";
      /** `log`, `order`, or a template of the connector `generate`. */
      readonly kind: string;
      readonly seed: number;
      /** About the bytes of each value; logs only. */
      readonly valueBytes?: number | undefined;
    }
  | { readonly from: "memory"; readonly records: readonly RecordInput[] };

/** A place that records are read from as a pipeline would. */
export type SourceOfRecords = Exclude<RecordsFrom, { readonly from: "memory" }>;

/** The seed of what is generated where none is given. */
export const usualSeed = 1;

/**
 * Records to measure with, as many as are wanted or as fit into `benchRecordBytesMax`; a file may have fewer.
 * @throws MillraceError what reading the file throws; `file.empty` where it has none; `config.invalid` for a template or format
 */
export async function recordsToMeasure(given: RecordsFrom, wanted: number): Promise<readonly RecordInput[]> {
  if (given.from === "memory") return given.records.slice(0, wanted);
  if (given.from === "generator" && given.valueBytes !== undefined) {
    const most = Math.max(1, Math.floor(limits.benchRecordBytesMax.default / given.valueBytes));
    return sizedLogs(Math.min(wanted, most), given.valueBytes, given.seed).map((value) => ({ value }));
  }
  const records = await firstRecords(await recordSource(given, wanted), wanted);
  if (records.length === 0) {
    const where = given.from === "file" ? { file: given.path } : undefined;
    throw new MillraceError("file.empty", "there is no record to measure with", {
      where,
      hint: "give a file with records, or leave --input out to measure with made-up ones",
    });
  }
  return records;
}

/**
 * What reads a file, or makes records up.
 * @param count records that are made up
 * @throws MillraceError `config.invalid` for a template or format
 */
export function recordSource(given: SourceOfRecords, count: number): Promise<Source> {
  return given.from === "file" ? fileSource(given) : generateSource(given, count);
}

async function fileSource({ path, format }: SourceOfRecords & { readonly from: "file" }): Promise<Source> {
  const { spec } = findConnector("file-source");
  const extract = checked(spec.extract?.safeParse(format), "--format");
  return sourceOf(await spec.source?.(spec.settings.parse({ path }), extract, context()));
}

async function generateSource(
  { kind, seed }: SourceOfRecords & { readonly from: "generator" },
  count: number,
): Promise<Source> {
  const { spec } = findConnector("generate-source");
  const made = kind === "log" || kind === "order" ? { kind } : { template: kind };
  const settings = checked(spec.settings.safeParse({ ...made, seed, count }), "--generate");
  return sourceOf(await spec.source?.(settings, undefined, context()));
}

interface Checked {
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: { readonly issues: readonly { readonly message: string }[] } | undefined;
}

function checked(result: Checked | undefined, option: string): unknown {
  if (result?.success === true) return result.data;
  const message = result?.error?.issues.map((issue) => issue.message).join("; ") ?? "it has no settings";
  throw new MillraceError("config.invalid", message, { where: { option } });
}

function sourceOf(source: Source | undefined): Source {
  if (source !== undefined) return source;
  throw new MillraceError("internal.bug", "a connector that has a source gave none");
}

function context(): ConnectorContext {
  const clock: Clock = systemClock;
  const log: Logger = silentLogger;
  return {
    pipeline: "bench",
    folder: process.cwd(),
    once: true,
    log,
    clock,
    openTopic: () =>
      Promise.reject(new MillraceError("internal.bug", "a measurement has no topics to read records from")),
  };
}

/** Copies of what a source brings, in memory of their own. */
async function firstRecords(source: Source, wanted: number): Promise<readonly RecordInput[]> {
  const { signal } = new AbortController();
  const batch = new Batch(new FrameBuffer());
  const records: RecordInput[] = [];
  let bytes = 0;
  try {
    await source.open(undefined);
    while (records.length < wanted && bytes < limits.benchRecordBytesMax.default) {
      batch.release();
      const reading = await source.read(batch.buffer, signal);
      if (reading === undefined) break;
      batch.start(reading.frame);
      for (const view of batch) {
        if (records.length === wanted || bytes >= limits.benchRecordBytesMax.default) break;
        records.push(copyOf(view));
        bytes += view.value.length;
      }
    }
  } finally {
    await source.close();
  }
  return records;
}

/** A record with bytes of its own. */
export function copyOf(view: RecordView): RecordInput {
  const { value, key, timestamp, headers } = view;
  return {
    value: value.slice(),
    key: key?.slice(),
    timestamp,
    headers: headers.map((header) => ({ name: header.name, value: header.value.slice() })),
  };
}
