import { align8, assert } from "../base/index.ts";
import type { Batch } from "./batch.ts";
import { writeHeader } from "./frame-writer.ts";
import { absent, headerBytes, none, singleLineTrait, spanBytes, writeInt64 } from "./layout.ts";
import { RunMover } from "./run-mover.ts";

/** Gaps of up to this many bytes between the values of neighbours (a line end, a comma and blanks) are moved along. */
const gapBytesMax = 8;

/** Where an encoded frame goes: a memory as bytes and as 32-bit words, and the multiple of 8 where the frame starts. */
export interface EncodeTarget {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly at: number;
}

export interface EncodeOptions {
  /** Keep the records' offsets. A topic gives its own, so it leaves them out. */
  readonly offsets: boolean;
  /** Records before this index are of no use any more: they keep their places, but their bytes stay behind. */
  readonly from?: number;
  /** Records from this index on stay behind; all come along where it is absent. */
  readonly end?: number;
}

/** An untouched batch that comes along whole is one move. */
function isWhole(batch: Batch, { from = 0, end = batch.count }: EncodeOptions): boolean {
  return batch.untouched && from === 0 && end === batch.count;
}

/** Bytes that the values, keys and headers of the records from `from` up to `end` stand for. */
export function bytesOfRecords({ columns }: Batch, from: number, end: number): number {
  const { values, keys, headers } = columns;
  let total = sumLengths(values, from, end);
  if (keys !== undefined) total += sumLengths(keys, from, end);
  if (headers !== undefined) total += sumLengths(headers, from, end);
  return total;
}

/** Room that `encodeBatch` may need for a batch's records in play, in bytes. */
export function encodedBytesMax(batch: Batch, options: EncodeOptions): number {
  if (isWhole(batch, options)) return batch.frame.bytes.length;
  const { values, keys, timestamps, headers } = batch.columns;
  const { from = 0, end: count = batch.count } = options;
  let total = headerBytes + count * (spanBytes + gapBytesMax) + sumLengths(values, from, count);
  if (keys !== undefined) total += count * spanBytes + sumLengths(keys, from, count);
  if (headers !== undefined) total += count * spanBytes + sumLengths(headers, from, count);
  if (timestamps !== undefined) total += count * 8;
  if (options.offsets && batch.offsetOf(0) !== undefined) total += count * 8;
  return align8(total);
}

/**
 * Writes the records in play as one compact frame and returns its size in bytes. All of an untouched batch is moved in one piece;
 * otherwise bytes are gathered run by run, so that nothing comes along of a record that was dropped or a part that was
 * taken out.
 *
 * @throws MillraceError `frame.too-large` when the records in play have grown beyond one frame
 */
export function encodeBatch(batch: Batch, target: EncodeTarget, options: EncodeOptions): number {
  assert(target.at % 8 === 0, "a frame starts at a multiple of 8");
  if (isWhole(batch, options)) {
    target.bytes.set(batch.frame.bytes, target.at);
    return batch.frame.bytes.length;
  }
  const { values, keys, timestamps, headers } = batch.columns;
  const { words, at: start } = target;
  const { from = 0, end: count = batch.count } = options;
  let next = headerBytes;
  const column = (wanted: boolean): number => {
    if (!wanted) return 0;
    const at = next;
    next += count * spanBytes;
    return at;
  };
  const valuesAt = column(true);
  const keysAt = column(keys !== undefined);
  const timestampsAt = column(timestamps !== undefined);
  const offsetsAt = column(options.offsets && batch.offsetOf(0) !== undefined);
  const headersAt = column(headers !== undefined);
  const bytesAt = next;
  const mover = new RunMover(batch, target.bytes, start + bytesAt);
  next = gather(batch, values, from, count, target, valuesAt, next, mover, separatedValues(batch));
  if (keys !== undefined) next = gather(batch, keys, from, count, target, keysAt, next, mover);
  if (headers !== undefined) next = gather(batch, headers, from, count, target, headersAt, next, mover);
  mover.flush();
  if (timestamps !== undefined) words.set(timestamps.subarray(0, count * 2), (start + timestampsAt) / 4);
  if (offsetsAt !== 0) {
    for (let i = 0; i < count; i++) {
      writeInt64(words, (start + offsetsAt) / 4 + i * 2, batch.offsetOf(batch.originOf(i)) as number);
    }
  }
  const frameBytes = align8(next);
  target.bytes.fill(0, start + next, start + frameBytes);
  writeHeader(words, start, {
    frameBytes,
    recordCount: count,
    valuesAt,
    keysAt,
    timestampsAt,
    offsetsAt,
    headersAt,
    bytesAt,
    bytesLength: next - bytesAt,
    traits: batch.singleLine ? singleLineTrait : 0,
    baseOffset: none,
    baseTimestamp: batch.frame.baseTimestamp,
  });
  return frameBytes;
}

/**
 * The values as they came in, where nothing but separators can stand between one and the next; undefined where keys or
 * headers stand there too, which a step may have taken away.
 */
function separatedValues({ frame }: Batch): Uint32Array | undefined {
  return frame.keys === undefined && frame.headers === undefined ? frame.values : undefined;
}

/**
 * Copies the spans of one column behind each other and writes the new spans; returns the position behind them.
 * @param separated spans of the frame's records, between neighbours of which gaps may be moved along
 */
function gather(
  batch: Batch,
  spans: Uint32Array,
  from: number,
  count: number,
  target: EncodeTarget,
  columnAt: number,
  startAt: number,
  mover: RunMover,
  separated?: Uint32Array,
): number {
  const { origins } = batch.columns;
  const { words, at: start } = target;
  const column = (start + columnAt) / 4;
  let next = startAt;
  let runFrom = 0;
  let runTo = 0;
  for (let i = 0; i < from; i++) {
    words[column + i * 2] = startAt;
    words[column + i * 2 + 1] = 0;
  }
  for (let i = from; i < count; i++) {
    const length = spans[i * 2 + 1] as number;
    if (length === absent) {
      words[column + i * 2] = 0;
      words[column + i * 2 + 1] = absent;
      continue;
    }
    const at = spans[i * 2] as number;
    const origin = origins === undefined ? i : (origins[i] as number);
    // A gap is moved along only between neighbours of the frame, from where the one ended in it to where the other
    // began: any other gap could hold a dropped record, or what a step took out of these two.
    const joins =
      at === runTo ||
      (separated !== undefined &&
        at > runTo &&
        at - runTo <= gapBytesMax &&
        separated[origin * 2] === at &&
        (separated[origin * 2 - 2] as number) + (separated[origin * 2 - 1] as number) === runTo);
    if (!joins) {
      mover.move(runFrom, runTo);
      next += runTo - runFrom;
      runFrom = at;
    }
    words[column + i * 2] = next + (at - runFrom);
    words[column + i * 2 + 1] = length;
    runTo = at + length;
  }
  mover.move(runFrom, runTo);
  return next + (runTo - runFrom);
}

function sumLengths(spans: Uint32Array, from: number, count: number): number {
  let total = 0;
  for (let i = from * 2 + 1; i < count * 2; i += 2) {
    const length = spans[i] as number;
    if (length !== absent) total += length;
  }
  return total;
}
