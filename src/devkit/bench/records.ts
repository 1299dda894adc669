import { type Clock, type Logger, silentLogger, systemClock } from "../../base/index.ts";
import { type ConnectorContext, findConnector } from "../../connector/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Source } from "../../pipeline/index.ts";
import { Batch, FrameBuffer, type RecordInput } from "../../record/index.ts";
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
    };

/** The seed of what is generated where none is given. */
export const usualSeed = 1;

/**
 * Records to measure with, as many as are wanted or as fit into `benchRecordBytesMax`; a file may have fewer.
 * @throws MillraceError what reading the file throws; `file.empty` where it has none; `config.invalid` for a template or format
 */
export async function recordsToMeasure(given: RecordsFrom, wanted: number): Promise<readonly RecordInput[]> {
  if (given.from === "generator" && given.valueBytes !== undefined) {
    const most = Math.max(1, Math.floor(limits.benchRecordBytesMax.default / given.valueBytes));
    return sizedLogs(Math.min(wanted, most), given.valueBytes, given.seed).map((value) => ({ value }));
  }
  const source = given.from === "file" ? await fileSource(given) : await generateSource(given, wanted);
  const records = await firstRecords(source, wanted);
  if (records.length === 0) {
    const where = given.from === "file" ? { file: given.path } : undefined;
    throw new MillraceError("file.empty", "there is no record to measure with", {
      where,
      hint: "give a file with records, or leave --input out to measure with made-up ones",
    });
  }
  return records;
}

async function fileSource({ path, format }: RecordsFrom & { readonly from: "file" }): Promise<Source> {
  const { spec } = findConnector("file-source");
  const extract = checked(spec.extract?.safeParse(format), "--format");
  return sourceOf(await spec.source?.(spec.settings.parse({ path }), extract, context()));
}

async function generateSource(
  { kind, seed }: RecordsFrom & { readonly from: "generator" },
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
        const { key, timestamp } = view;
        const value = view.value.slice();
        const headers = view.headers.map((header) => ({ name: header.name, value: header.value.slice() }));
        records.push({ value, key: key?.slice(), timestamp, headers });
        bytes += value.length;
      }
    }
  } finally {
    await source.close();
  }
  return records;
}
