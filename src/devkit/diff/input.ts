import { limits } from "../../limits.ts";
import type { Source } from "../../pipeline/index.ts";
import { Batch, type Frame, FrameBuffer, type RecordInput } from "../../record/index.ts";
import { CaptureReader, captureFile } from "../../run/index.ts";
import { copyOf, recordSource, type SourceOfRecords } from "../bench/records.ts";

/** Where the records come from that two versions are tried with. */
export type DiffInput = SourceOfRecords | { readonly from: "capture"; readonly path: string };

export interface BatchesWanted {
  /** Most records of a batch; undefined: as they were captured, and else as a pipeline would take them. */
  readonly batchRecordsMax: number | undefined;
  /** Most records in all; undefined: all there are. */
  readonly recordsMax: number | undefined;
}

/**
 * The records of an input, batch by batch.
 * @throws MillraceError what reading the input throws; `capture.invalid`; `config.invalid` for a template or format
 */
export async function* inputBatches(
  input: DiffInput,
  { batchRecordsMax, recordsMax = Number.POSITIVE_INFINITY }: BatchesWanted,
): AsyncGenerator<readonly RecordInput[]> {
  const keepsBatches = input.from === "capture" && batchRecordsMax === undefined;
  const most = batchRecordsMax ?? limits.batchRecordsMax.default;
  let left = recordsMax;
  let batch: RecordInput[] = [];
  let bytes = 0;
  for await (const records of input.from === "capture"
    ? capturedRecords(input.path)
    : sourceRecords(await recordSource(input, madeUp(recordsMax)))) {
    for (const record of records) {
      if (left-- <= 0) break;
      batch.push(record);
      bytes += record.value.length + (record.key?.length ?? 0);
      if (batch.length < most && bytes < limits.batchBytes.default) continue;
      yield batch;
      [batch, bytes] = [[], 0];
    }
    if (keepsBatches && batch.length > 0) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    if (left <= 0) break;
  }
  if (batch.length > 0) yield batch;
}

function madeUp(recordsMax: number): number {
  return Number.isFinite(recordsMax) ? recordsMax : limits.diffGeneratedRecords.default;
}

async function* sourceRecords(source: Source): AsyncGenerator<readonly RecordInput[]> {
  const { signal } = new AbortController();
  const batch = new Batch(new FrameBuffer());
  try {
    await source.open(undefined);
    for (;;) {
      batch.release();
      const reading = await source.read(batch.buffer, signal);
      if (reading === undefined) return;
      batch.start(reading.frame);
      // When it was read says nothing, and would be another time in each call.
      yield Array.from(batch, (view) => ({ ...copyOf(view), timestamp: undefined }));
    }
  } finally {
    await source.close();
  }
}

/** The batches of a capture as they were before the first step. */
async function* capturedRecords(path: string): AsyncGenerator<readonly RecordInput[]> {
  const reader = await CaptureReader.open(await captureFile(path));
  const batch = new Batch();
  try {
    for await (const { envelope, frames } of reader.entries()) {
      if (envelope.kind === "batch") yield Array.from(batch.load(frames[0] as Frame), copyOf);
    }
  } finally {
    await reader.close();
  }
}
