import { Frame, FrameBuffer, FrameBuilder, type RecordInput } from "../../record/index.ts";

/** Batches to measure with, in memory of their own. */
export interface BatchFrames {
  readonly frames: readonly Frame[];
  readonly batchRecords: number;
}

/** So many batches differ at the most; records that come again sooner than that would let caches look better than they are. */
const framesMax = 512;

/**
 * Batches of a size out of records, which begin again from the first one where there are fewer than a batch takes.
 * @throws MillraceError `frame.too-large` when so many of them do not fit into one frame
 */
export function batchFrames(records: readonly RecordInput[], batchRecords: number): BatchFrames {
  const count = Math.max(1, Math.min(framesMax, Math.floor(records.length / batchRecords)));
  const buffer = new FrameBuffer();
  const frames = Array.from({ length: count }, (_, index) => {
    buffer.reset();
    const builder = new FrameBuilder(buffer);
    for (let i = 0; i < batchRecords; i++) {
      builder.add(records[(index * batchRecords + i) % records.length] as RecordInput);
    }
    const { bytes } = builder.finish({ offset: index * batchRecords, timestamp: baseTimestamp });
    return new Frame(bytes.slice());
  });
  return { frames, batchRecords };
}

/** Bytes of the values of records, on average. */
export function valueBytesOf(records: readonly RecordInput[]): number {
  let bytes = 0;
  for (const { value } of records)
    bytes += typeof value === "string" ? Buffer.byteLength(value) : value.length;
  return bytes / records.length;
}

/** The time of records that have none of their own, so that what modules do with time is the same in each run. */
const baseTimestamp = Date.UTC(2024, 0, 1);
