import { align8 } from "../../base/index.ts";
import { limits } from "../../limits.ts";
import type { Batch, RecordFailure } from "../batch.ts";
import { Frame } from "../frame.ts";
import type { FrameBuffer } from "../frame-buffer.ts";
import type { FrameBase } from "../frame-builder.ts";
import { writeHeader } from "../frame-writer.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { headerBytes, none, singleLineTrait, spanBytes } from "../layout.ts";
import type { Rest } from "./rest.ts";

const lineFeed = 10;
/** Bytes that a search for line feeds looks at beyond the value in hand. */
const searchBytes = 16_384;

/** Where the text of a frame of lines begins in its buffer: read a file or socket to here, and nothing has to move. */
export const linesAt = headerBytes;

export interface LinesOptions extends FrameBase {
  readonly recordsMax?: number;
  /** Takes a copy of the bytes behind the last line of the frame, up to `readEnd`, before columns overwrite them. */
  readonly rest?: Rest;
  /** Where the bytes end that stand behind the lines; `end` where it is absent. */
  readonly readEnd?: number;
}

/**
 * Makes a frame of the lines that stand in a buffer from `linesAt` to `end`, without moving a byte: one record for
 * each line, without its line end (`\n` or `\r\n`). The last line need not be terminated. Columns go behind the last
 * line and overwrite what stands there, so that a frame holds nothing of a line that is not in it.
 *
 * @returns the frame, and where the first line that is not in it began: `end`, or less when `recordsMax` was reached
 * @throws MillraceError `frame.too-large` when lines and columns together pass `frameBytesMax`
 */
export function frameOfLines(
  buffer: FrameBuffer,
  end: number,
  options: LinesOptions = {},
): { frame: Frame; next: number } {
  const recordsMax = options.recordsMax ?? limits.batchRecordsMax.default;
  const readEnd = options.readEnd ?? end;
  buffer.used = readEnd;
  // The kernel writes the end of the last line behind the last span.
  const firstColumnAt = buffer.reserve((Math.min(recordsMax, end - linesAt) + 1) * spanBytes);
  const { bytes, words } = buffer;
  const count = end === linesAt ? 0 : buffer.kernel.splitLines(linesAt, end, firstColumnAt, recordsMax);
  const next = end === linesAt ? end : (words[(firstColumnAt + count * spanBytes) / 4] as number);
  options.rest?.keep(bytes, next, readEnd);
  let columnAt = firstColumnAt;
  if (next < readEnd) {
    buffer.used = next;
    columnAt = buffer.reserve(0);
    bytes.copyWithin(columnAt, firstColumnAt, firstColumnAt + count * spanBytes);
  }
  const frameBytes = columnAt + count * spanBytes;
  buffer.used = frameBytes;
  writeHeader(words, 0, {
    frameBytes,
    recordCount: count,
    valuesAt: columnAt,
    bytesAt: linesAt,
    bytesLength: next - linesAt,
    traits: singleLineTrait,
    baseOffset: options.offset ?? none,
    baseTimestamp: options.timestamp ?? none,
  });
  return { frame: new Frame(bytes.subarray(0, frameBytes)), next };
}

/** Records as lines, in the batch's own memory. */
export interface EncodedLines {
  /** Where the lines stand in `batch.bytes`, until the batch's buffer takes more bytes or the lines are encoded again. */
  readonly at: number;
  readonly bytes: number;
  readonly refused: readonly RecordFailure[];
}

/**
 * Writes each record in play as its value and a line feed, behind what the batch's buffer holds: moving bytes inside
 * one memory costs a third of moving them to another. Neighbours that stand in the batch as they would in the file
 * are moved together. A value that holds a line feed would read back as two records, so it is left out and reported.
 *
 * @throws MillraceError `frame.too-large` when the buffer has no room for the lines
 */
export function encodeLines(batch: Batch): EncodedLines {
  const { count, singleLineEnd } = batch;
  const { values } = batch.columns;
  const refused: RecordFailure[] = [];
  // The lines are not part of the batch: room is made for them, not taken, so that they can be encoded again.
  const start = align8(batch.buffer.used);
  batch.buffer.makeRoom(start - batch.buffer.used + linesBytes(values, count));
  const { bytes } = batch;
  const finder = new LineFeedFinder(batch.buffer.kernel, bytes.length);
  let next = start;
  let runFrom = -1;
  let runTo = -2;
  for (let i = 0; i < count; i++) {
    const at = values[i * 2] as number;
    const end = at + (values[i * 2 + 1] as number);
    if (end > singleLineEnd) {
      const found = finder.within(at, end);
      if (found >= 0) {
        refused.push(lineFeedIn(batch.originOf(i), found - at));
        continue;
      }
    }
    if (at !== runTo + 1 || bytes[runTo] !== lineFeed) {
      if (runFrom >= 0) next = moveLines(bytes, runFrom, runTo, next);
      runFrom = at;
    }
    runTo = end;
  }
  if (runFrom >= 0) next = moveLines(bytes, runFrom, runTo, next);
  return { at: start, bytes: next - start, refused };
}

/** Moves lines that stand in a row to `next`, ends the last one, and returns the position behind it. */
function moveLines(bytes: Uint8Array, from: number, to: number, next: number): number {
  bytes.copyWithin(next, from, to);
  const end = next + (to - from);
  bytes[end] = lineFeed;
  return end + 1;
}

function linesBytes(values: Uint32Array, count: number): number {
  let total = count;
  for (let i = 1; i < count * 2; i += 2) total += values[i] as number;
  return total;
}

function lineFeedIn(origin: number, position: number): RecordFailure {
  return {
    origin,
    by: "lines",
    code: "record.line-feed",
    message: `the value has a line feed at byte ${position}, so it cannot be written as one line`,
  };
}

/**
 * Finds line feeds in spans of one memory. Searches are bounded, since behind the last line feed there may be
 * megabytes, and what one of them passed over is not searched again by the next, since values mostly stand in a row.
 */
class LineFeedFinder {
  readonly #kernel: Kernel;
  readonly #bytesMax: number;
  /** No line feed stands in between. */
  #clearFrom = 0;
  #clearTo = 0;

  constructor(kernel: Kernel, bytesMax: number) {
    this.#kernel = kernel;
    this.#bytesMax = bytesMax;
  }

  /** Position of the first line feed in a span, or -1. */
  within(at: number, end: number): number {
    if (at >= this.#clearFrom && end <= this.#clearTo) return -1;
    const to = Math.min(this.#bytesMax, Math.max(end, at + searchBytes));
    const found = this.#kernel.findLineFeed(at, to);
    this.#clearFrom = at;
    this.#clearTo = found;
    return found < end ? found : -1;
  }
}
