import { recordArena } from "../memory/arena";
import { findByte } from "../text/bytes";
import { Slice } from "../text/slice";
import { delimiterOf } from "./delimiter";

const quote: u8 = 0x22;
const lineFeed: u8 = 0x0a;
const carriageReturn: u8 = 0x0d;

/**
 * Reads CSV (RFC 4180): fields between delimiters, in quotes where they hold some, with doubled quotes for those that are meant. A record
 * is mostly one row; a text with more of them, and with line breaks in quotes, is read as well.
 *
 *     const row = new CsvReader();
 *     …
 *     for (row.open(record.value); row.next(); ) row.field …
 *     if (row.isInvalid) record.fail(row.problem);
 *
 * Spaces are part of a field, and a quote inside of a field that does not begin with one stands for itself. Rows end with LF or CRLF; a
 * break after the last row is no further row. An empty text is a row with one empty field.
 */
export class CsvReader {
  /** The content of the field in hand, copied only where it has doubled quotes; good until `next`. */
  readonly field: Slice = new Slice();
  /** The field in hand stood in quotes. */
  isQuoted: boolean = false;
  /** Index of the field in hand in its row, from 0. */
  index: i32 = -1;
  /** What was read is not CSV. */
  isInvalid: boolean = false;
  private problemAt: i32 = 0;
  private isUnclosed: boolean = false;
  private delimiter: u8;
  private start: usize = 0;
  private at: usize = 0;
  private end: usize = 0;
  /** A field is still to come in the row in hand. */
  private isDue: boolean = false;

  /** The delimiter is one character of ASCII; one that is not makes the module refuse its parameters. */
  constructor(delimiter: string = ",") {
    this.delimiter = delimiterOf(delimiter);
  }

  /** Starts before the first field of the first row. */
  open(text: Slice): void {
    this.start = text.at;
    this.at = text.at;
    this.end = text.at + text.length;
    this.index = -1;
    this.isDue = true;
    this.isInvalid = false;
  }

  /** What is wrong with the text; empty when nothing is. */
  get problem(): string {
    if (!this.isInvalid) return "";
    const where = `invalid CSV at byte ${this.problemAt}: `;
    return where + (this.isUnclosed ? "the quote is not closed" : "expected a delimiter or a line break after a closing quote");
  }

  /** Goes to the next field of the row. False when there is none, or when the text is not CSV. */
  next(): boolean {
    if (!this.isDue) return false;
    this.isDue = false;
    this.index++;
    this.isQuoted = this.at < this.end && load<u8>(this.at) == quote;
    return this.isQuoted ? this.readQuoted() : this.readPlain();
  }

  /** Goes before the first field of the next row, wherever in its row the reader stands. False when there is none. */
  nextRow(): boolean {
    while (this.next()) continue;
    if (this.isInvalid || this.at >= this.end) return false;
    this.index = -1;
    this.isDue = true;
    return true;
  }

  private readPlain(): boolean {
    const from = this.at;
    const place = this.fieldEnd(from);
    let until = place;
    const isRowEnd = place == this.end || load<u8>(place) == lineFeed;
    if (isRowEnd && until > from && load<u8>(until - 1) == carriageReturn) until--;
    this.field.set(from, <i32>(until - from));
    this.pass(place);
    return true;
  }

  /** Place of the first delimiter or line feed, or the end. */
  private fieldEnd(at: usize): usize {
    const delimiters = i8x16.splat(this.delimiter);
    for (; at < this.end; at += 16) {
      const bytes = v128.load(at);
      const fits = <u32>i8x16.bitmask(v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, i8x16.splat(lineFeed))));
      if (fits != 0) return min(at + <usize>ctz(fits), this.end);
    }
    return this.end;
  }

  /** Goes behind the delimiter or line feed at a place, or to the end. */
  private pass(place: usize): void {
    this.isDue = place < this.end && load<u8>(place) == this.delimiter;
    this.at = place < this.end ? place + 1 : place;
  }

  private readQuoted(): boolean {
    const from = this.at + 1;
    let doubled = 0;
    let close = from;
    while (true) {
      close = findByte(close, this.end - close, quote);
      if (close == 0) return this.fail(this.at, true);
      if (close + 1 >= this.end || load<u8>(close + 1) != quote) break;
      doubled++;
      close += 2;
    }
    let after = close + 1;
    if (after < this.end && load<u8>(after) == carriageReturn) {
      if (after + 1 == this.end || load<u8>(after + 1) == lineFeed) after++;
    }
    if (after < this.end && load<u8>(after) != this.delimiter && load<u8>(after) != lineFeed) return this.fail(after, false);
    this.field.set(from, <i32>(close - from));
    if (doubled > 0) this.unquote(doubled);
    this.pass(after);
    return true;
  }

  /** Lets the field be a copy with one quote in place of two. */
  private unquote(doubled: i32): void {
    const end = this.field.at + this.field.length;
    const copy = recordArena.take(this.field.length - doubled);
    let to = copy;
    let at = this.field.at;
    for (let i = 0; i < doubled; i++) {
      const after = findByte(at, end - at, quote) + 1;
      memory.copy(to, at, after - at);
      to += after - at;
      at = after + 1;
    }
    memory.copy(to, at, end - at);
    this.field.set(copy, <i32>(to + (end - at) - copy));
  }

  private fail(at: usize, isUnclosed: boolean): boolean {
    this.isInvalid = true;
    this.isUnclosed = isUnclosed;
    this.problemAt = <i32>(at - this.start);
    this.at = this.end;
    return false;
  }
}
