import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Frame } from "../frame.ts";
import type { FrameBuffer } from "../frame-buffer.ts";
import { headerBytes } from "../layout.ts";
import type { Decoded, DecodeOptions, Decoder } from "./decoder.ts";
import { Harvest, tooLargeText } from "./harvest.ts";

/** What `find` gives where a record does not end in the bytes in hand. */
export const unfinished = -1;

/** What a format knows of its records. The decoder around it does what is the same for all. */
export interface RecordFormat {
  readonly counts: "lines" | "records";
  /** True when records stand in the frame where they stood in the bytes; false when the format writes texts. */
  readonly isInPlace: boolean;
  readonly state: string | undefined;
  /**
   * Where the record ends whose bytes go on at `from`: the position behind it, or `unfinished`. It remembers what it
   * has seen of the record until `reset`.
   * @throws MillraceError when no end can be found, in this record or any behind it
   */
  find(bytes: Uint8Array, from: number, to: number): number;
  /** Another record begins. */
  reset(): void;
  /** Takes the whole record in `[at, end)`: adds it, or a failure, or nothing, and counts the offset on. */
  take(bytes: Uint8Array, at: number, end: number, harvest: Harvest): void;
  /** The bytes end in the middle of the record in `[at, end)`. */
  takeLast(bytes: Uint8Array, at: number, end: number, harvest: Harvest): void;
  /** Counts the offset on over bytes of a record that is too large to be held. */
  pass(bytes: Uint8Array, at: number, end: number, harvest: Harvest, isWhole: boolean): void;
}

/** Room for what belongs to a record and does not go into it, such as its length in front of it. */
const wrappingBytesMax = 64;

interface PassedRecord {
  readonly offset: number;
  /** The first bytes of it. */
  readonly sample: Uint8Array;
}

/** Takes the records of a format out of bytes. */
export class FormatDecoder implements Decoder {
  readonly heldBytesMax = limits.recordBytesMax.default + wrappingBytesMax;
  readonly #format: RecordFormat;
  readonly #harvest = new Harvest();
  /** Bytes of the first record that were looked at, and where it ends in them; counted from its start. */
  #scanned = 0;
  #foundEnd: number = unfinished;
  /** A record that is passed over, since it is too large to be held. */
  #passed: PassedRecord | undefined;

  constructor(format: RecordFormat) {
    this.#format = format;
  }

  get counts(): "lines" | "records" {
    return this.#format.counts;
  }

  get state(): string | undefined {
    return this.#format.state;
  }

  hasRecord({ bytes }: FrameBuffer, end: number): boolean {
    if (this.#passed !== undefined) return end > headerBytes;
    if (end - headerBytes >= this.heldBytesMax) return true;
    try {
      return this.#findFirst(bytes, end) !== unfinished;
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      // `decode` meets the same damage, and says so.
      this.#begin();
      return true;
    }
  }

  decode(buffer: FrameBuffer, end: number, options: DecodeOptions = {}): Decoded {
    const harvest = this.#harvest;
    const format = this.#format;
    harvest.begin(options.offset ?? 0);
    const { bytes } = buffer;
    const next =
      this.#passed === undefined
        ? this.#takeAll(bytes, end, options)
        : this.#passOver(this.#passed, bytes, end, options.isLast === true);
    if (next < end) options.rest?.keep(bytes, next, end);
    else options.rest?.clear();
    let frame: Frame;
    if (!format.isInPlace) frame = harvest.frameOfTexts(buffer, options);
    else frame = harvest.frameInPlace(buffer, harvest.count === 0 ? headerBytes : next, options);
    return { frame, next, nextOffset: harvest.offset, failures: harvest.failures };
  }

  #findFirst(bytes: Uint8Array, end: number): number {
    if (this.#foundEnd === unfinished) {
      const found = this.#format.find(bytes, headerBytes + this.#scanned, end);
      this.#scanned = end - headerBytes;
      if (found === unfinished) return unfinished;
      this.#foundEnd = found - headerBytes;
    }
    return headerBytes + this.#foundEnd;
  }

  #takeAll(bytes: Uint8Array, end: number, options: DecodeOptions): number {
    const format = this.#format;
    const harvest = this.#harvest;
    const recordsMax = options.recordsMax ?? limits.batchRecordsMax.default;
    const bytesMax = options.bytesMax ?? limits.batchBytes.default;
    let at = headerBytes;
    while (harvest.count < recordsMax && harvest.text.length < bytesMax) {
      const found = this.#findAt(bytes, at, end);
      if (found === undefined) return at;
      if (found === unfinished) return this.#leave(bytes, at, end, options.isLast === true);
      format.take(bytes, at, found, harvest);
      this.#begin();
      at = found;
    }
    return at;
  }

  /** Where the record at `at` ends; undefined when nothing can be found any more, but something was before. */
  #findAt(bytes: Uint8Array, at: number, end: number): number | undefined {
    if (at === headerBytes) return this.#findFirst(bytes, end);
    try {
      return this.#format.find(bytes, at, end);
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      // What was found is given first; the next call meets the damage at its start.
      this.#format.reset();
      return undefined;
    }
  }

  /** Does with a record that has not ended what is to be done; gives where the bytes begin that are still needed. */
  #leave(bytes: Uint8Array, at: number, end: number, isLast: boolean): number {
    if (isLast) {
      this.#format.takeLast(bytes, at, end, this.#harvest);
      this.#begin();
      return end;
    }
    this.#scanned = end - at;
    if (at > headerBytes || end - at < this.heldBytesMax) return at;
    const sample = bytes.slice(at, at + limits.sampleBytesMax.default);
    this.#passed = { offset: this.#harvest.offset, sample };
    this.#format.pass(bytes, at, end, this.#harvest, false);
    return end;
  }

  /** Passes over bytes of a record that is too large, up to its end where that is among them. */
  #passOver({ offset, sample }: PassedRecord, bytes: Uint8Array, end: number, isLast: boolean): number {
    const found = this.#format.find(bytes, headerBytes, end);
    const next = found === unfinished ? end : found;
    const isWhole = found !== unfinished || isLast;
    this.#format.pass(bytes, headerBytes, next, this.#harvest, isWhole);
    if (!isWhole) return end;
    this.#harvest.failWith({ offset, code: "record.too-large", message: tooLargeText, sample });
    this.#passed = undefined;
    this.#begin();
    return next;
  }

  /** Another record begins. */
  #begin(): void {
    this.#format.reset();
    this.#scanned = 0;
    this.#foundEnd = unfinished;
  }
}
