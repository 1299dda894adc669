import { limits } from "../../limits.ts";
import { Frame } from "../frame.ts";
import type { FrameBuffer } from "../frame-buffer.ts";
import type { FrameBase } from "../frame-builder.ts";
import { writeHeader } from "../frame-writer.ts";
import { headerBytes, none, singleLineTrait, spanBytes } from "../layout.ts";

const lineFeed = 10;

export interface DelimitedOptions {
  /** Largest record; a larger one is passed over and reported. */
  readonly recordBytesMax?: number;
  /** Wished size of a frame: it takes no further record once it has so many bytes. */
  readonly batchBytes?: number;
  readonly recordsMax?: number;
}

/** A record that was passed over because it is too large. */
export interface OversizeRecord {
  readonly byteCount: number;
  /** Its first bytes. */
  readonly sample: Uint8Array;
}

export interface DelimitedFrame {
  readonly frame: Frame;
  readonly oversize: readonly OversizeRecord[];
}

/**
 * Splits a text that comes in chunks of any size into the records between its delimiters, whose own bytes may be spread
 * over several chunks. Each chunk is copied once, into the buffer of the frame, where its records stay as they stand:
 *
 *     | header | kept from before + chunk + chunk …      |        columns |
 *              | record | delimiter | record | delimiter | rest → kept for the next frame
 *
 * For one frame after another: `start`, then `push` with what has come, then `finish`. What is not terminated yet stays
 * with the splitter, until it is or `end` says that nothing more will come. At most one record and one chunk are held.
 */
export class DelimitedSplitter {
  readonly #delimiter: Uint8Array;
  readonly #first: number;
  readonly #recordBytesMax: number;
  readonly #batchBytes: number;
  readonly #recordsMax: number;
  #rest: Uint8Array = new Uint8Array(0);
  #buffer: FrameBuffer | undefined;
  #spans = new Uint32Array(512);
  #count = 0;
  #oversize: OversizeRecord[] = [];
  /** Where the record in hand begins in the buffer, where its bytes end, and from where a delimiter may begin. */
  #recordAt = headerBytes;
  #endAt = headerBytes;
  #searchAt = headerBytes;
  /** Bytes of the record in hand that were given up already, and what it began with. */
  #droppedBytes = 0;
  #droppedSample: Uint8Array | undefined;

  /** @param delimiter at least one byte */
  constructor(delimiter: Uint8Array, options: DelimitedOptions = {}) {
    this.#delimiter = delimiter;
    this.#first = delimiter[0] as number;
    this.#recordBytesMax = options.recordBytesMax ?? limits.recordBytesMax.default;
    this.#batchBytes = options.batchBytes ?? limits.batchBytes.default;
    this.#recordsMax = options.recordsMax ?? limits.batchRecordsMax.default;
  }

  /** Records of the frame in hand, and those that were too large for it. */
  get recordCount(): number {
    return this.#count + this.#oversize.length;
  }

  /** Bytes of a record that is not terminated yet. */
  get restBytes(): number {
    return (
      this.#droppedBytes + (this.#buffer === undefined ? this.#rest.length : this.#endAt - this.#recordAt)
    );
  }

  /** True when the frame in hand is to be finished before more is pushed. */
  get isFull(): boolean {
    return this.recordCount >= this.#recordsMax || this.#recordAt - headerBytes >= this.#batchBytes;
  }

  /** Begins a frame in an empty buffer, with what the one before has left. */
  start(buffer: FrameBuffer): void {
    const rest = this.#rest;
    this.#buffer = buffer;
    this.#count = 0;
    this.#oversize = [];
    this.#searchAt = headerBytes + this.#searchAt - this.#recordAt;
    this.#recordAt = headerBytes;
    this.#endAt = headerBytes;
    this.#append(buffer, rest);
    this.#rest = rest.subarray(0, 0);
  }

  /**
   * Takes bytes of a chunk, up to the end of the record that fills the frame.
   * @param from how much of the chunk was taken before
   * @returns how much of the chunk is taken now
   */
  push(chunk: Uint8Array, from = 0): number {
    const buffer = this.#buffer as FrameBuffer;
    if (this.isFull) return from;
    this.#append(buffer, chunk.subarray(from));
    this.#split(buffer);
    if (!this.isFull) return chunk.length;
    // The delimiter that filled the frame ends in this chunk, so what stands behind it is the end of the chunk.
    const left = this.#endAt - this.#recordAt;
    this.#endAt = this.#recordAt;
    return chunk.length - left;
  }

  /** Nothing more comes: what is left is a record too, unless it has no bytes. The splitter can begin anew then. */
  end(): void {
    if (this.restBytes > 0) this.#take(this.#endAt, 0);
  }

  /** Forgets what is not terminated, where it will never be. */
  forget(): void {
    this.#rest = this.#rest.subarray(0, 0);
    this.#endAt = this.#recordAt;
    this.#searchAt = this.#recordAt;
    this.#droppedBytes = 0;
    this.#droppedSample = undefined;
  }

  /**
   * Ends the frame, in its buffer.
   * @throws MillraceError `frame.too-large` when records and columns together pass `frameBytesMax`
   */
  finish(base: FrameBase = {}): DelimitedFrame {
    const buffer = this.#buffer as FrameBuffer;
    this.#rest = buffer.bytes.slice(this.#recordAt, this.#endAt);
    buffer.used = this.#recordAt;
    const columnAt = buffer.reserve(this.#count * spanBytes);
    buffer.words.set(this.#spans.subarray(0, this.#count * 2), columnAt / 4);
    const frameBytes = buffer.used;
    writeHeader(buffer.words, 0, {
      frameBytes,
      recordCount: this.#count,
      valuesAt: columnAt,
      bytesAt: headerBytes,
      bytesLength: this.#recordAt - headerBytes,
      traits: this.#delimiter.length === 1 && this.#first === lineFeed ? singleLineTrait : 0,
      baseOffset: base.offset ?? none,
      baseTimestamp: base.timestamp ?? none,
    });
    this.#buffer = undefined;
    return { frame: new Frame(buffer.bytes.subarray(0, frameBytes)), oversize: this.#oversize };
  }

  #append(buffer: FrameBuffer, bytes: Uint8Array): void {
    buffer.used = this.#endAt;
    buffer.makeRoom(bytes.length);
    buffer.bytes.set(bytes, this.#endAt);
    this.#endAt += bytes.length;
  }

  /** Takes records out of what is there, as long as the frame is not full. */
  #split(buffer: FrameBuffer): void {
    const { length } = this.#delimiter;
    let bytes = buffer.bytes.subarray(0, this.#endAt);
    for (;;) {
      const found = this.#findDelimiter(buffer, bytes);
      if (found < 0) break;
      const end = this.#endAt;
      this.#take(found, length);
      if (this.isFull) return;
      if (this.#endAt !== end) bytes = buffer.bytes.subarray(0, this.#endAt);
    }
    this.#dropOversize(buffer);
  }

  /** Position of the first delimiter, or -1; sets from where to go on searching when more has come. */
  #findDelimiter(buffer: FrameBuffer, bytes: Uint8Array): number {
    const { length } = this.#delimiter;
    for (let at = this.#searchAt; ; at++) {
      at =
        this.#first === lineFeed
          ? buffer.kernel.findLineFeed(at, bytes.length)
          : bytes.indexOf(this.#first, at);
      if (at < 0 || at >= bytes.length) {
        this.#searchAt = bytes.length;
        return -1;
      }
      if (at + length > bytes.length) {
        this.#searchAt = at;
        return -1;
      }
      if (this.#isDelimiter(bytes, at)) return at;
    }
  }

  #isDelimiter(bytes: Uint8Array, at: number): boolean {
    for (let i = 1; i < this.#delimiter.length; i++) if (bytes[at + i] !== this.#delimiter[i]) return false;
    return true;
  }

  /** Ends the record in hand at `end`, with a delimiter of so many bytes behind it. */
  #take(end: number, delimiterBytes: number): void {
    const byteCount = this.#droppedBytes + end - this.#recordAt;
    if (byteCount > this.#recordBytesMax) {
      this.#reject(byteCount, end + delimiterBytes);
      return;
    }
    if (this.#count * 2 === this.#spans.length) {
      const larger = new Uint32Array(this.#spans.length * 2);
      larger.set(this.#spans);
      this.#spans = larger;
    }
    this.#spans[this.#count * 2] = this.#recordAt;
    this.#spans[this.#count * 2 + 1] = byteCount;
    this.#count++;
    this.#recordAt = end + delimiterBytes;
    this.#searchAt = this.#recordAt;
  }

  /** Reports the record in hand and takes it out of the buffer; what stands behind it moves to its place. */
  #reject(byteCount: number, next: number): void {
    const { bytes } = this.#buffer as FrameBuffer;
    this.#oversize.push({ byteCount, sample: this.#droppedSample ?? this.#sample(bytes, byteCount) });
    bytes.copyWithin(this.#recordAt, next, this.#endAt);
    this.#endAt -= next - this.#recordAt;
    this.#searchAt = this.#recordAt;
    this.#droppedBytes = 0;
    this.#droppedSample = undefined;
  }

  /** Gives up bytes of a record that is too large already, but not those that may begin a delimiter. */
  #dropOversize(buffer: FrameBuffer): void {
    const byteCount = this.#searchAt - this.#recordAt;
    if (this.#droppedBytes + byteCount <= this.#recordBytesMax) return;
    const { bytes } = buffer;
    this.#droppedSample ??= this.#sample(bytes, byteCount);
    this.#droppedBytes += byteCount;
    bytes.copyWithin(this.#recordAt, this.#searchAt, this.#endAt);
    this.#endAt -= byteCount;
    this.#searchAt = this.#recordAt;
  }

  #sample(bytes: Uint8Array, byteCount: number): Uint8Array {
    const length = Math.min(byteCount, limits.sampleBytesMax.default);
    return bytes.slice(this.#recordAt, this.#recordAt + length);
  }
}
