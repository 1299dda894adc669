import { skipNumber } from "../json/tokens";
import { parseNumber } from "../number/parse";
import { compareBytes, findByte, findBytes, sameBytes, spaceEnd, spaceStart } from "./bytes";
import { findIgnoringCase, lowerCopy, sameIgnoringCase, upperCopy } from "./case";
import { borrowedAt, borrowedLength, borrowText, bytesPerUnit, decodeText, encodeText, slackBytes } from "./utf8";

/**
 * Some bytes that lie somewhere in memory: an address and a length, no copy. A slice of a record is borrowed: it is good until your
 * function returns. To keep its bytes for later records, copy them with `toString` or `toBytes`. Where a method takes another text, it
 * takes a `Slice` or a `string`; strings stand for their UTF-8 bytes.
 */
export class Slice {
  /** Address of the first byte. */
  at: usize = 0;
  /** Number of bytes. */
  length: i32 = 0;
  /** What keeps the bytes alive of slices that were made from a string. */
  private owned: ArrayBuffer | null = null;

  /** A slice with memory of its own that holds a text as UTF-8. Make such slices once, not for each record. */
  static of(text: string): Slice {
    const buffer = new ArrayBuffer(<i32>(<usize>text.length * bytesPerUnit + slackBytes));
    const slice = new Slice();
    slice.at = changetype<usize>(buffer);
    slice.length = <i32>encodeText(text, slice.at);
    slice.owned = buffer;
    return slice;
  }

  /** A slice of memory that you know. Up to 64 bytes after it must be readable. */
  static at(at: usize, length: i32): Slice {
    const slice = new Slice();
    slice.set(at, length);
    return slice;
  }

  /** Lets this slice stand for other bytes. */
  // @ts-ignore: decorator
  @inline
  set(at: usize, length: i32): void {
    this.at = at;
    this.length = length;
  }

  get isEmpty(): boolean {
    return this.length == 0;
  }

  /** The byte at a position, 0 to 255. Traps outside of the slice. */
  byteAt(position: i32): u8 {
    if (<u32>position >= <u32>this.length) throw new RangeError("a position outside of the slice");
    return load<u8>(this.at + position);
  }

  equals<T>(other: T): boolean {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      return this.length == <i32>borrowedLength && sameBytes(this.at, borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    return this.length == slice.length && sameBytes(this.at, slice.at, slice.length);
  }

  startsWith<T>(other: T): boolean {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      return this.length >= <i32>borrowedLength && sameBytes(this.at, borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    return this.length >= slice.length && sameBytes(this.at, slice.at, slice.length);
  }

  endsWith<T>(other: T): boolean {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      const start = this.length - <i32>borrowedLength;
      return start >= 0 && sameBytes(this.at + start, borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    const start = this.length - slice.length;
    return start >= 0 && sameBytes(this.at + start, slice.at, slice.length);
  }

  includes<T>(other: T): boolean {
    return this.indexOf(other) >= 0;
  }

  /** Position of the first occurrence of another text, or -1. */
  indexOf<T>(other: T): i32 {
    let place: usize;
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      place = findBytes(this.at, this.length, borrowedAt, borrowedLength);
    } else {
      const slice = changetype<Slice>(other);
      place = findBytes(this.at, this.length, slice.at, slice.length);
    }
    return place == 0 ? -1 : <i32>(place - this.at);
  }

  /** Position of the first byte of a value from a position on, or -1. */
  indexOfByte(byte: u8, from: i32 = 0): i32 {
    const start = min(max(from, 0), this.length);
    const place = findByte(this.at + start, this.length - start, byte);
    return place == 0 ? -1 : <i32>(place - this.at);
  }

  /** Below 0, 0 or above 0: the order of the bytes, which for texts is the order of code points. */
  compare<T>(other: T): i32 {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      return compareBytes(this.at, this.length, borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    return compareBytes(this.at, this.length, slice.at, slice.length);
  }

  /** The part from `start` up to but without `end`, no copy. As with strings, negative positions count from the end. */
  slice(start: i32, end: i32 = i32.MAX_VALUE): Slice {
    const from = this.inside(start);
    const slice = Slice.at(this.at + from, max(this.inside(end) - from, 0));
    slice.owned = this.owned;
    return slice;
  }

  private inside(position: i32): i32 {
    return position < 0 ? max(position + this.length, 0) : min(position, this.length);
  }

  /** How often another text occurs, from left to right and without overlap; an empty one does not. */
  count<T>(other: T): i32 {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      return this.countBytes(borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    return this.countBytes(slice.at, slice.length);
  }

  private countBytes(at: usize, length: usize): i32 {
    const end = this.at + this.length;
    let count = 0;
    for (let from = this.at; length > 0; count++) {
      const place = findBytes(from, end - from, at, length);
      if (place == 0) break;
      from = place + length;
    }
    return count;
  }

  /** Whether two texts are equal but for capital and small letters of ASCII; other letters must be the same. */
  equalsIgnoringCase<T>(other: T): boolean {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      return this.length == <i32>borrowedLength && sameIgnoringCase(this.at, borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    return this.length == slice.length && sameIgnoringCase(this.at, slice.at, slice.length);
  }

  startsWithIgnoringCase<T>(other: T): boolean {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      return this.length >= <i32>borrowedLength && sameIgnoringCase(this.at, borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    return this.length >= slice.length && sameIgnoringCase(this.at, slice.at, slice.length);
  }

  endsWithIgnoringCase<T>(other: T): boolean {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      const start = this.length - <i32>borrowedLength;
      return start >= 0 && sameIgnoringCase(this.at + start, borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(other);
    const start = this.length - slice.length;
    return start >= 0 && sameIgnoringCase(this.at + start, slice.at, slice.length);
  }

  includesIgnoringCase<T>(other: T): boolean {
    if (isString<T>(other)) {
      borrowText(changetype<string>(other));
      return findIgnoringCase(this.at, this.length, borrowedAt, borrowedLength) != 0;
    }
    const slice = changetype<Slice>(other);
    return findIgnoringCase(this.at, this.length, slice.at, slice.length) != 0;
  }

  /** The part without the white space of ASCII at both ends, no copy. */
  trim(): Slice {
    const end = this.at + this.length;
    const from = spaceEnd(this.at, end);
    return this.slice(<i32>(from - this.at), <i32>(spaceStart(from, end) - this.at));
  }

  /** A copy with small letters in place of the capital ones of ASCII, good until your function returns. */
  toLowerCase(): Slice {
    return Slice.at(lowerCopy(this.at, this.length), this.length);
  }

  /** A copy with capital letters in place of the small ones of ASCII, good until your function returns. */
  toUpperCase(): Slice {
    return Slice.at(upperCopy(this.at, this.length), this.length);
  }

  /** The number that this text is, written as in JSON; NaN when it is none. */
  toNumber(): f64 {
    const end = this.at + this.length;
    return this.length > 0 && skipNumber(this.at, end) == end ? parseNumber(this.at, end) : NaN;
  }

  /** A copy as a string; bytes that are not UTF-8 become replacement characters. */
  toString(): string {
    return decodeText(this.at, this.length);
  }

  /** A copy of the bytes. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    memory.copy(bytes.dataStart, this.at, this.length);
    return bytes;
  }
}
