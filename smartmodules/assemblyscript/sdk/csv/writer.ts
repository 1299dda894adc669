import { findByte } from "../text/bytes";
import { Slice } from "../text/slice";
import { borrowedAt, borrowedLength, borrowText } from "../text/utf8";
import { TextWriter } from "../text/writer";
import { delimiterOf } from "./delimiter";

const quote: u8 = 0x22;

/**
 * Writes CSV (RFC 4180) to where new values go: fields are put in quotes where they need them. Between `begin` and `end` nothing else may be
 * written, in particular not to `record.output`.
 *
 *     record.value = row.begin().field(name).integer(count).end();
 */
export class CsvWriter {
  private writer: TextWriter = new TextWriter();
  private delimiter: u8;
  /** Fields written in the row in hand. */
  private count: i32 = 0;
  private isLastEmpty: boolean = false;

  /** The delimiter is one character of ASCII; one that is not makes the module refuse its parameters. */
  constructor(delimiter: string = ",") {
    this.delimiter = delimiterOf(delimiter);
  }

  begin(): CsvWriter {
    this.writer.begin();
    this.count = 0;
    return this;
  }

  /** Writes a field: a `Slice` or a `string`. */
  field<T>(text: T): CsvWriter {
    if (isString<T>(text)) {
      borrowText(changetype<string>(text));
      return this.fieldAt(borrowedAt, borrowedLength);
    }
    const slice = changetype<Slice>(text);
    return this.fieldAt(slice.at, slice.length);
  }

  integer(value: i64): CsvWriter {
    this.separate(false);
    this.writer.integer(value);
    return this;
  }

  /** Ends the row; what comes next belongs to another one. */
  endRow(): CsvWriter {
    this.closeRow();
    this.writer.byte(0x0d).byte(0x0a);
    this.count = 0;
    return this;
  }

  /** The text written. As a value of the record it is not copied. It is good until your function returns. */
  end(): Slice {
    this.closeRow();
    return this.writer.end();
  }

  private fieldAt(at: usize, length: usize): CsvWriter {
    this.separate(length == 0);
    if (this.needsQuotes(at, length)) this.putQuoted(at, at + length);
    else this.writer.addBytes(at, length);
    return this;
  }

  private separate(isEmpty: boolean): void {
    if (this.count++ > 0) this.writer.byte(this.delimiter);
    this.isLastEmpty = isEmpty;
  }

  /** A row with nothing but an empty field would be no row after a line break, and gets quotes. */
  private closeRow(): void {
    if (this.count == 1 && this.isLastEmpty) this.writer.byte(quote).byte(quote);
  }

  private needsQuotes(at: usize, length: usize): boolean {
    const delimiters = i8x16.splat(this.delimiter);
    for (const end = at + length; at < end; at += 16) {
      const bytes = v128.load(at);
      const isBreak = v128.or(i8x16.eq(bytes, i8x16.splat(0x0a)), i8x16.eq(bytes, i8x16.splat(0x0d)));
      const isMark = v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, i8x16.splat(quote)));
      const fits = <u32>i8x16.bitmask(v128.or(isBreak, isMark));
      if (fits != 0) return at + <usize>ctz(fits) < end;
    }
    return false;
  }

  private putQuoted(at: usize, end: usize): void {
    this.writer.byte(quote);
    while (true) {
      const place = findByte(at, end - at, quote);
      const until = place == 0 ? end : place + 1;
      this.writer.addBytes(at, until - at);
      if (place == 0) break;
      this.writer.byte(quote);
      at = until;
    }
    this.writer.byte(quote);
  }
}
