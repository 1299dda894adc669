import { controlWord, setControlWord } from "../abi/control";
import { accumulatorAtPlace, accumulatorBytesPlace } from "../abi/layout";
import { formatDouble, formatInteger } from "../number/format";
import { parseNumber } from "../number/parse";
import { skipNumber } from "../json/tokens";
import { Slice } from "../text/slice";
import { bytesPerUnit, encodeText, slackBytes } from "../text/utf8";
import { failWith, hasFailed } from "./failure";

/* What the accumulator is at the moment; numbers become text when the host is to have them. */
const isBytes: i32 = 0;
const isInteger: i32 = 1;
const isNumber: i32 = 2;

const numberBytesMax: usize = 32;
const zero: u32 = 0x30;
const nine: u32 = 0x39;
const minus: u32 = 0x2d;

/**
 * What an aggregate adds up. It is stored with the records and given back after a restart; a config can say what it begins with.
 *
 * Use it as an `integer`, a `number` or a `text`, as you like, but as one of them. When a record fails, an integer or number goes back to what it
 * was before that record.
 */
export class Accumulator {
  private at: usize = 0;
  private room: usize = 0;
  private length: usize = 0;
  private form: i32 = isBytes;
  private integerNow: i64 = 0;
  private integerBefore: i64 = 0;
  private numberNow: f64 = 0;
  private numberBefore: f64 = 0;
  private slice: Slice = new Slice();

  /** A whole number, 0 in the beginning. An accumulator that is none fails the record. */
  get integer(): i64 {
    if (this.form == isBytes) {
      this.integerNow = this.parseInteger();
      this.integerBefore = this.integerNow;
      this.form = isInteger;
    }
    return this.integerNow;
  }

  set integer(value: i64) {
    this.integer;
    this.integerNow = value;
  }

  /** A number, 0 in the beginning. An accumulator that is none fails the record. */
  get number(): f64 {
    if (this.form == isBytes) {
      this.numberNow = this.parseNumber();
      this.numberBefore = this.numberNow;
      this.form = isNumber;
    }
    return this.numberNow;
  }

  set number(value: f64) {
    this.number;
    this.numberNow = value;
  }

  /** Its bytes, good until it changes. Setting them copies them. */
  get bytes(): Slice {
    this.format();
    this.slice.set(this.at, <i32>this.length);
    return this.slice;
  }

  set bytes(bytes: Slice) {
    this.reserve(bytes.length);
    memory.copy(this.at, bytes.at, bytes.length);
    this.length = bytes.length;
    this.form = isBytes;
  }

  get text(): string {
    return this.bytes.toString();
  }

  set text(text: string) {
    this.reserve(<usize>text.length * bytesPerUnit);
    this.length = encodeText(text, this.at);
    this.form = isBytes;
  }

  get isEmpty(): boolean {
    return this.form == isBytes && this.length == 0;
  }

  /** Takes over what the host has put there. Not for authors. */
  open(): void {
    const bytes = controlWord(accumulatorBytesPlace);
    this.reserve(bytes);
    memory.copy(this.at, controlWord(accumulatorAtPlace), bytes);
    this.length = bytes;
    this.form = isBytes;
  }

  /** Ends a record. Not for authors. */
  settle(): void {
    if (hasFailed) {
      this.integerNow = this.integerBefore;
      this.numberNow = this.numberBefore;
    } else {
      this.integerBefore = this.integerNow;
      this.numberBefore = this.numberNow;
    }
  }

  /** Tells the host where it is. Not for authors. */
  publish(): void {
    this.format();
    setControlWord(accumulatorAtPlace, <u32>this.at);
    setControlWord(accumulatorBytesPlace, <u32>this.length);
  }

  private format(): void {
    if (this.form == isBytes) return;
    this.reserve(numberBytesMax);
    const end = this.form == isInteger ? formatInteger(this.integerNow, this.at) : formatDouble(this.numberNow, this.at);
    this.length = end - this.at;
  }

  private parseNumber(): f64 {
    if (this.length == 0) return 0;
    const end = this.at + this.length;
    if (skipNumber(this.at, end) == end) return parseNumber(this.at, end);
    failWith(`the accumulator is no number: ${this.text}`);
    return 0;
  }

  private parseInteger(): i64 {
    if (this.length == 0) return 0;
    const end = this.at + this.length;
    const isNegative = load<u8>(this.at) == minus;
    let at = isNegative ? this.at + 1 : this.at;
    let value: u64 = 0;
    const most: u64 = isNegative ? 1 << 63 : i64.MAX_VALUE;
    let isWhole = at < end && end - at <= 19;
    for (; at < end && isWhole; at++) {
      const digit = <u32>load<u8>(at);
      isWhole = digit >= zero && digit <= nine;
      value = value * 10 + (digit - zero);
    }
    if (isWhole && value <= most) return isNegative ? -<i64>value : <i64>value;
    failWith(`the accumulator is no whole number: ${this.text}`);
    return 0;
  }

  private reserve(bytes: usize): void {
    if (bytes + slackBytes <= this.room) return;
    if (this.at != 0) heap.free(this.at);
    this.room = (bytes + slackBytes) * 2;
    this.at = heap.alloc(this.room);
  }
}
