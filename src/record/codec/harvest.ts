import { align8 } from "../../base/index.ts";
import type { ErrorCode } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { Frame } from "../frame.ts";
import type { FrameBuffer } from "../frame-buffer.ts";
import type { FrameBase } from "../frame-builder.ts";
import { writeHeader } from "../frame-writer.ts";
import { headerBytes, none, singleLineTrait, spanBytes, writeInt64 } from "../layout.ts";
import type { DecodeFailure } from "./decoder.ts";
import { TextWriter } from "./text-writer.ts";

/**
 * Gathers the records of one frame: spans of the bytes where they stand, or texts that a codec writes. Used again for
 * the next frame, so that the steady state allocates nothing for a record.
 */
export class Harvest {
  /** Where a codec that makes records of its own writes them. */
  readonly text = new TextWriter();
  /** Pairs (at, length), in the buffer or in `text`. */
  #spans = new Uint32Array(1024);
  #offsets = new Float64Array(512);
  #count = 0;
  #failures: DecodeFailure[] = [];
  /** Offset of what is taken next. */
  offset = 0;

  get count(): number {
    return this.#count;
  }

  get failures(): readonly DecodeFailure[] {
    return this.#failures;
  }

  begin(offset: number): void {
    this.text.clear();
    this.#count = 0;
    this.#failures = [];
    this.offset = offset;
  }

  /** Adds a record, or a failure when it is larger than a record may be. */
  add(source: Uint8Array, at: number, length: number): void {
    if (length > limits.recordBytesMax.default) {
      this.fail("record.too-large", tooLargeText, source, at, at + length);
      return;
    }
    if (this.#count * 2 === this.#spans.length) this.#grow();
    this.#spans[this.#count * 2] = at;
    this.#spans[this.#count * 2 + 1] = length;
    this.#offsets[this.#count] = this.offset;
    this.#count++;
  }

  /** Adds what was written to `text` from `start` on as a record. */
  addText(start: number): void {
    const { text } = this;
    const { count } = this;
    this.add(text.bytes, start, text.length - start);
    if (this.#count === count) text.cut(start);
  }

  /** @param source bytes of what has failed, in `[from, to)` */
  fail(code: ErrorCode, message: string, source: Uint8Array, from: number, to: number): void {
    const sampleEnd = Math.min(to, from + limits.sampleBytesMax.default);
    this.failWith({ offset: this.offset, code, message, sample: source.slice(from, sampleEnd) });
  }

  failWith(failure: DecodeFailure): void {
    this.#failures.push(failure);
  }

  /** A frame of spans of the buffer, whose bytes end at `end`. */
  frameInPlace(buffer: FrameBuffer, end: number, base: FrameBase): Frame {
    buffer.used = end;
    return this.#frame(buffer, headerBytes, end, base);
  }

  /** A frame of the written texts. */
  frameOfTexts(buffer: FrameBuffer, base: FrameBase): Frame {
    const { text } = this;
    buffer.used = headerBytes;
    buffer.makeRoom(text.length);
    buffer.bytes.set(text.written, headerBytes);
    buffer.used = headerBytes + text.length;
    for (let i = 0; i < this.#count * 2; i += 2) this.#spans[i] = (this.#spans[i] as number) + headerBytes;
    return this.#frame(buffer, headerBytes, buffer.used, base);
  }

  #frame(buffer: FrameBuffer, bytesAt: number, bytesEnd: number, base: FrameBase): Frame {
    const count = this.#count;
    const first = count === 0 ? this.offset : (this.#offsets[0] as number);
    const isRow = this.#isRow(first);
    const valuesAt = buffer.reserve(count * spanBytes);
    const offsetsAt = isRow ? 0 : buffer.reserve(count * spanBytes);
    const { bytes, words } = buffer;
    words.set(this.#spans.subarray(0, count * 2), valuesAt / 4);
    if (!isRow) {
      for (let i = 0; i < count; i++) writeInt64(words, offsetsAt / 4 + i * 2, this.#offsets[i] as number);
    }
    const frameBytes = align8(buffer.used);
    buffer.used = frameBytes;
    writeHeader(words, 0, {
      frameBytes,
      recordCount: count,
      valuesAt,
      offsetsAt,
      bytesAt,
      bytesLength: bytesEnd - bytesAt,
      traits: this.#isSingleLine(buffer, bytesEnd) ? singleLineTrait : 0,
      baseOffset: isRow ? first : none,
      baseTimestamp: base.timestamp ?? none,
    });
    return new Frame(bytes.subarray(0, frameBytes));
  }

  /** Whether the offsets follow one another, so that the first of them says them all. */
  #isRow(first: number): boolean {
    for (let i = 1; i < this.#count; i++) if (this.#offsets[i] !== first + i) return false;
    return true;
  }

  /** Line feeds between records do not count. */
  #isSingleLine({ kernel }: FrameBuffer, end: number): boolean {
    let lineFeedAt = -1;
    for (let i = 0; i < this.#count * 2; i += 2) {
      const at = this.#spans[i] as number;
      if (lineFeedAt < at) lineFeedAt = kernel.findLineFeed(at, end);
      if (lineFeedAt < at + (this.#spans[i + 1] as number)) return false;
    }
    return true;
  }

  #grow(): void {
    const spans = new Uint32Array(this.#spans.length * 2);
    spans.set(this.#spans);
    this.#spans = spans;
    const offsets = new Float64Array(this.#offsets.length * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
  }
}

export const tooLargeText = `the record has more than ${limits.recordBytesMax.default} bytes, the limit for one record`;
