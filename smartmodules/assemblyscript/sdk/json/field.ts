import { recordArena } from "../memory/arena";
import { parseNumber } from "../number/parse";
import { findByte, sameBytes } from "../text/bytes";
import { Slice } from "../text/slice";
import { backslash, isDigit, minus, openBrace, openBracket, quote } from "./tokens";
import { unescape } from "./unescape";

/**
 * A part of a JSON text, as a path led to it: where it lies, not a copy. It is good until the next search of the same path.
 *
 * Where a method takes another text, it takes a `Slice` or a `string`. Texts are compared by what they stand for, so that
 * `"caf\u00e9"` equals "café".
 */
export class JsonField {
  /** Address of the first byte of its text; 0 when it is missing. */
  at: usize = 0;
  /** Address after the last byte. */
  end: usize = 0;
  /** It is a string that is known to have no escapes; where this is false, nothing is known. */
  isPlainString: boolean = false;
  private rawSlice: Slice = new Slice();
  private contentSlice: Slice = new Slice();

  // @ts-ignore: decorator
  @inline
  set(at: usize, end: usize): void {
    this.at = at;
    this.end = end;
    this.isPlainString = false;
  }

  // @ts-ignore: decorator
  @inline
  setPlainString(at: usize, end: usize): void {
    this.at = at;
    this.end = end;
    this.isPlainString = true;
  }

  // @ts-ignore: decorator
  @inline
  clear(): void {
    this.set(0, 0);
  }

  get isMissing(): boolean {
    return this.at == 0;
  }

  /** There is such a field, and be it `null`. */
  get exists(): boolean {
    return this.at != 0;
  }

  get isNull(): boolean {
    return this.firstByte == 0x6e;
  }

  get isBoolean(): boolean {
    return this.isTrue || this.isFalse;
  }

  get isTrue(): boolean {
    return this.firstByte == 0x74;
  }

  get isFalse(): boolean {
    return this.firstByte == 0x66;
  }

  get isNumber(): boolean {
    const byte = this.firstByte;
    return isDigit(byte) || byte == minus;
  }

  get isString(): boolean {
    return this.firstByte == quote;
  }

  get isObject(): boolean {
    return this.firstByte == openBrace;
  }

  get isArray(): boolean {
    return this.firstByte == openBracket;
  }

  /** The number, as exact as `JSON.parse` reads it; NaN when it is none. */
  get number(): f64 {
    return this.isNumber ? parseNumber(this.at, this.end) : NaN;
  }

  /** The text as it stands in the record: strings with quotes and escapes. Empty when missing. */
  get raw(): Slice {
    this.rawSlice.set(this.at, <i32>(this.end - this.at));
    return this.rawSlice;
  }

  /**
   * What a string stands for, without quotes and escapes; of other kinds the text as it stands. A string without escapes is not copied; the
   * copy of one with escapes is good until your function returns.
   */
  get content(): Slice {
    if (!this.isPlainString && !this.isString) return this.raw;
    const from = this.at + 1;
    const length = this.end - 1 - from;
    if (this.isPlainString || findByte(from, length, backslash) == 0) this.contentSlice.set(from, <i32>length);
    else {
      const to = recordArena.take(length);
      this.contentSlice.set(to, <i32>unescape(from, this.end - 1, to));
    }
    return this.contentSlice;
  }

  /** A copy of `content` as a string of the language. */
  toString(): string {
    return this.content.toString();
  }

  equals<T>(other: T): boolean {
    if (this.isPlainString && !isString<T>()) {
      // The most common comparison, without a slice in between.
      const slice = changetype<Slice>(other);
      const length = this.end - this.at - 2;
      return length == <usize>slice.length && sameBytes(this.at + 1, slice.at, length);
    }
    return this.content.equals(other);
  }

  startsWith<T>(other: T): boolean {
    return this.content.startsWith(other);
  }

  endsWith<T>(other: T): boolean {
    return this.content.endsWith(other);
  }

  includes<T>(other: T): boolean {
    return this.content.includes(other);
  }

  /** Below 0, 0 or above 0: the order of code points. */
  compare<T>(other: T): i32 {
    return this.content.compare(other);
  }

  // @ts-ignore: decorator
  @inline
  private get firstByte(): u32 {
    return this.at == 0 ? 0 : load<u8>(this.at);
  }
}
