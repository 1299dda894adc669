import { Batch, encodeBatch, encodedBytesMax, Frame, FrameBuffer } from "../../record/index.ts";

/** Parts of a record that are others now. */
export interface RecordEdit {
  readonly value?: Uint8Array | undefined;
  readonly key?: Uint8Array | undefined;
  /** A header block, as a frame has it. */
  readonly headers?: Uint8Array | undefined;
}

const encoded = new FrameBuffer(0);
const edited = new Batch(new FrameBuffer(0));

/** The records in play as a frame of its own. @throws MillraceError `frame.too-large` */
export function frameOfBatch(batch: Batch): Frame {
  const options = { offsets: true };
  encoded.reset();
  const at = encoded.reserve(encodedBytesMax(batch, options));
  const byteCount = encodeBatch(batch, { bytes: encoded.bytes, words: encoded.words, at }, options);
  return new Frame(encoded.bytes.slice(at, at + byteCount));
}

/**
 * A frame of the first records of another one, some of them changed, and of nothing else: bytes that are part of no record stay
 * behind.
 */
export function editedFrame(
  frame: Frame,
  recordCount: number,
  edits: ReadonlyMap<number, RecordEdit>,
): Frame {
  const batch = edited.load(frame);
  const { values, keys, timestamps, headers } = batch.columns;
  const next = batch.scratch();
  const words = recordCount * 2;
  for (let i = 0; i < recordCount; i++) (next.origins as Uint32Array)[i] = i;
  next.values.set(values.subarray(0, words));
  if (keys !== undefined) next.keys?.set(keys.subarray(0, words));
  if (timestamps !== undefined) next.timestamps?.set(timestamps.subarray(0, words));
  if (headers !== undefined) next.headers?.set(headers.subarray(0, words));
  for (const [index, { value, key, headers: block }] of edits) {
    place(batch, next.values, index, value);
    place(batch, next.keys, index, key);
    place(batch, next.headers, index, block);
  }
  batch.adopt(next, recordCount);
  try {
    return frameOfBatch(batch);
  } finally {
    batch.release();
  }
}

function place(
  { buffer }: Batch,
  column: Uint32Array | undefined,
  index: number,
  bytes: Uint8Array | undefined,
): void {
  if (column === undefined || bytes === undefined) return;
  buffer.makeRoom(bytes.length);
  buffer.bytes.set(bytes, buffer.used);
  column[index * 2] = buffer.used;
  column[index * 2 + 1] = bytes.length;
  buffer.used += bytes.length;
}
