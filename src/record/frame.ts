import { assert } from "../base/index.ts";
import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { absent, headerBytes, magic, readInt64, singleLineTrait, spanBytes, word } from "./layout.ts";
import { isHeaderBlock } from "./record.ts";

/**
 * A frame as read-only columns over its bytes. Columns of spans hold pairs (at, length), columns of 64-bit numbers
 * pairs (low, high); an absent column is undefined. Nothing may be written through it: what came in stays as it came.
 */
export class Frame {
  /** Exactly the frame: from its header to its end. */
  readonly bytes: Uint8Array;
  readonly recordCount: number;
  readonly values: Uint32Array;
  readonly keys: Uint32Array | undefined;
  readonly timestamps: Uint32Array | undefined;
  readonly offsets: Uint32Array | undefined;
  readonly headers: Uint32Array | undefined;
  /** Offset of record 0 where there is no offsets column, or -1. */
  readonly baseOffset: number;
  /** Timestamp of every record where there is no timestamps column, in ms, or -1. */
  readonly baseTimestamp: number;
  /** True when the frame's writer knows that no value holds a line feed. */
  readonly singleLine: boolean;

  /**
   * Views a frame that this process built itself: only what a slip of our own could break is checked.
   * For bytes from anywhere else use `openFrame`.
   */
  constructor(bytes: Uint8Array) {
    assert(bytes.byteOffset % 8 === 0, "a frame starts at a multiple of 8");
    assert(bytes.length >= headerBytes, "a frame holds at least its header");
    const header = new Uint32Array(bytes.buffer, bytes.byteOffset, headerBytes / 4);
    assert(header[word.magic] === magic, "a frame starts with its magic number");
    const frameBytes = header[word.frameBytes] as number;
    assert(frameBytes <= bytes.length, "a frame ends inside its buffer");
    const count = header[word.recordCount] as number;
    const column = (at: number): Uint32Array | undefined =>
      at === 0 ? undefined : new Uint32Array(bytes.buffer, bytes.byteOffset + at, count * 2);
    this.bytes = bytes.length === frameBytes ? bytes : bytes.subarray(0, frameBytes);
    this.recordCount = count;
    this.values = new Uint32Array(
      bytes.buffer,
      bytes.byteOffset + (header[word.valuesAt] as number),
      count * 2,
    );
    this.keys = column(header[word.keysAt] as number);
    this.timestamps = column(header[word.timestampsAt] as number);
    this.offsets = column(header[word.offsetsAt] as number);
    this.headers = column(header[word.headersAt] as number);
    this.baseOffset = readInt64(header, word.baseOffset);
    this.baseTimestamp = readInt64(header, word.baseTimestamp);
    this.singleLine = ((header[word.traits] as number) & singleLineTrait) !== 0;
  }

  get checksum(): number {
    return new Uint32Array(this.bytes.buffer, this.bytes.byteOffset, 4)[word.checksum] as number;
  }
}

/**
 * Views bytes that come from outside (a file, the topic store, another process) as a frame, after checking all of it.
 *
 * @throws MillraceError `frame.invalid` naming the first rule of the layout that does not hold
 */
export function openFrame(bytes: Uint8Array): Frame {
  if (bytes.byteOffset % 8 !== 0) throw invalid("does not start at a multiple of 8 in its buffer");
  if (bytes.length < headerBytes)
    throw invalid(`has ${bytes.length} bytes, its header alone takes ${headerBytes}`);
  const header = new Uint32Array(bytes.buffer, bytes.byteOffset, headerBytes / 4);
  if (header[word.magic] !== magic) throw invalid('does not start with "MRF1"');
  const frameBytes = header[word.frameBytes] as number;
  if (frameBytes > limits.frameBytesMax.default)
    throw invalid(`claims ${frameBytes} bytes, more than the limit`);
  if (frameBytes < headerBytes || frameBytes > bytes.length || frameBytes % 8 !== 0) {
    throw invalid(`claims ${frameBytes} bytes, ${bytes.length} are there`);
  }
  const count = header[word.recordCount] as number;
  const bytesAt = header[word.bytesAt] as number;
  const bytesEnd = bytesAt + (header[word.bytesLength] as number);
  if (bytesAt < headerBytes || bytesEnd > frameBytes) throw invalid("has its bytes outside of itself");
  for (const name of ["valuesAt", "keysAt", "timestampsAt", "offsetsAt", "headersAt"] as const) {
    const at = header[word[name]] as number;
    if (at === 0 && name !== "valuesAt") continue;
    if (at < headerBytes || at % 8 !== 0 || at + count * spanBytes > frameBytes) {
      throw invalid(`has a column (${name} ${at}) outside of itself or unaligned`);
    }
  }
  const frame = new Frame(bytes);
  checkSpans("value", frame.values, bytesAt, bytesEnd);
  if (frame.keys !== undefined) checkSpans("key", frame.keys, bytesAt, bytesEnd, absent);
  if (frame.headers !== undefined) {
    checkSpans("header block", frame.headers, bytesAt, bytesEnd, 0);
    checkHeaderBlocks(frame.bytes, frame.headers);
  }
  return frame;
}

/** @param noneLength length of a span that points to nothing, whose position does not count */
function checkSpans(name: string, spans: Uint32Array, from: number, to: number, noneLength?: number): void {
  // Were spans allowed to overlap, a small frame could stand for terabytes, and checking it could take hours.
  let least = from;
  for (let i = 0; i < spans.length; i += 2) {
    const at = spans[i] as number;
    const length = spans[i + 1] as number;
    if (length === noneLength) continue;
    if (at < least || at + length > to)
      throw invalid(`has the ${name} of record ${i / 2} outside of its bytes or before the one ahead of it`);
    least = at + length;
  }
}

function checkHeaderBlocks(bytes: Uint8Array, spans: Uint32Array): void {
  for (let i = 0; i < spans.length; i += 2) {
    if (!isHeaderBlock(bytes, spans[i] as number, spans[i + 1] as number)) {
      throw invalid(`has a broken header block at record ${i / 2}`);
    }
  }
}

function invalid(what: string): MillraceError {
  return new MillraceError("frame.invalid", `the frame ${what}`, {
    hint: "the bytes are damaged, or are not a frame; frames are written by Millrace only",
  });
}
