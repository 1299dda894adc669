import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Batch, RecordFailure } from "../batch.ts";
import type { Encoder } from "./encoder.ts";
import { FormatDecoder, type RecordFormat, unfinished } from "./format-decoder.ts";
import type { Harvest } from "./harvest.ts";
import { TextWriter } from "./text-writer.ts";

/*
 * A record behind its length, which does not count itself:
 *
 *   bytes: 4, big-endian      | length u32 | value, `length` bytes | length u32 | value …
 *   bytes: varint             | 7 bits of the length in each byte, the lowest first; bit 7: another byte follows |
 */

export interface LengthPrefix {
  /** Width of a length, or `varint` for LEB128 as in protobuf. */
  readonly bytes: 1 | 2 | 4 | 8 | "varint";
  readonly order: "big-endian" | "little-endian";
}

/** Bytes of the longest varint of 64 bits. */
const varintBytesMax = 10;

class LengthPrefixedFormat implements RecordFormat {
  readonly counts = "records";
  readonly isInPlace = true;
  readonly state = undefined;
  readonly #prefix: LengthPrefix;
  /** Bytes of the length that were seen, and what they say. */
  #prefixBytes = 0;
  #length = 0;
  #hasLength = false;
  /** Bytes of the value that were not seen. */
  #left = 0;

  constructor(prefix: LengthPrefix) {
    this.#prefix = prefix;
  }

  reset(): void {
    this.#prefixBytes = 0;
    this.#length = 0;
    this.#hasLength = false;
    this.#left = 0;
  }

  find(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    while (!this.#hasLength) {
      if (at === to) return unfinished;
      this.#addToLength(bytes[at++] as number);
    }
    if (to - at >= this.#left) return at + this.#left;
    this.#left -= to - at;
    return unfinished;
  }

  take(bytes: Uint8Array, _at: number, end: number, harvest: Harvest): void {
    harvest.add(bytes, end - this.#length, this.#length);
    harvest.offset++;
  }

  takeLast(bytes: Uint8Array, at: number, end: number, harvest: Harvest): void {
    if (at === end) return;
    const what = this.#hasLength
      ? `a record of ${this.#length} bytes, ${this.#length - this.#left} of which are there`
      : "the length of a record";
    harvest.fail("record.cut", `the input ends in the middle of ${what}`, bytes, at, end);
    harvest.offset++;
  }

  pass(_bytes: Uint8Array, _at: number, _end: number, harvest: Harvest, isWhole: boolean): void {
    if (isWhole) harvest.offset++;
  }

  #addToLength(byte: number): void {
    const { bytes, order } = this.#prefix;
    const index = this.#prefixBytes++;
    if (bytes === "varint") {
      this.#length += (byte & 0x7f) * 2 ** (7 * index);
      this.#hasLength = byte < 0x80;
      if (!this.#hasLength && this.#prefixBytes === varintBytesMax) throw noLength();
    } else {
      this.#length =
        order === "big-endian" ? this.#length * 256 + byte : this.#length + byte * 2 ** (8 * index);
      this.#hasLength = this.#prefixBytes === bytes;
    }
    this.#left = this.#length;
  }
}

function noLength(): MillraceError {
  return new MillraceError(
    "record.length",
    `the bytes where the length of a record should be are none: more than ${varintBytesMax} of them go on`,
    {
      hint: "nothing behind this place can be found; check the `length-prefixed` settings in `millrace.extract`",
    },
  );
}

/** Takes out records that stand behind their lengths. Their bytes stay where they are. */
export function lengthPrefixedDecoder(prefix: LengthPrefix): FormatDecoder {
  return new FormatDecoder(new LengthPrefixedFormat(prefix));
}

/** Writes each record behind its length. A value whose length does not fit is refused. */
export function lengthPrefixedEncoder(prefix: LengthPrefix): Encoder {
  const out = new TextWriter();
  const lengthMax =
    prefix.bytes === 1 || prefix.bytes === 2 ? 256 ** prefix.bytes - 1 : limits.recordBytesMax.default;
  return {
    encode(batch: Batch) {
      out.clear();
      const refused: RecordFailure[] = [];
      const { values } = batch.columns;
      const ends = new Uint32Array(batch.count);
      let count = 0;
      for (let i = 0; i < batch.count; i++) {
        const at = values[i * 2] as number;
        const length = values[i * 2 + 1] as number;
        if (length > lengthMax) {
          const message = `the value has ${length} bytes, and its length must fit ${prefix.bytes} bytes`;
          refused.push({ origin: batch.originOf(i), by: "length-prefixed", code: "record.packing", message });
          continue;
        }
        writeLength(out, length, prefix);
        out.copy(batch.bytes, at, at + length);
        ends[count++] = out.length;
      }
      return { bytes: out.written, refused, ends: ends.subarray(0, count) };
    },
  };
}

function writeLength(out: TextWriter, length: number, { bytes, order }: LengthPrefix): void {
  if (bytes === "varint") {
    let left = length;
    for (; left >= 0x80; left >>>= 7) out.byte((left & 0x7f) | 0x80);
    out.byte(left);
    return;
  }
  for (let i = 0; i < bytes; i++) {
    const place = order === "big-endian" ? bytes - 1 - i : i;
    // A shift counts modulo 32, and no length has more than 32 bits.
    out.byte(place > 3 ? 0 : (length >>> (8 * place)) & 0xff);
  }
}
