import { textOf, utf8 } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { RowBoundary, RowFields } from "./csv-rows.ts";
import { FormatDecoder, type RecordFormat } from "./format-decoder.ts";
import type { Harvest } from "./harvest.ts";
import type { TextWriter } from "./text-writer.ts";

export interface CsvOptions {
  /** One character of ASCII. */
  readonly delimiter: string;
  /** True when the first row holds the names of the columns. */
  readonly header: boolean;
  /** Names of the columns, in place of those of the header. */
  readonly columns?: readonly string[] | undefined;
}

const lineFeed = 0x0a;
const quote = 0x22;
const byteOrderMark = [0xef, 0xbb, 0xbf] as const;

class CsvFormat implements RecordFormat {
  readonly counts = "lines";
  readonly isInPlace = false;
  readonly #boundary: RowBoundary;
  readonly #fields: RowFields;
  readonly #options: CsvOptions;
  #hasBegun: boolean;
  #awaitsHeader: boolean;
  #names: readonly string[] | undefined;
  /** Each name as it stands in a JSON object, from its opening quote to the colon. */
  #keys: readonly Uint8Array[] = [];

  constructor(options: CsvOptions, state: string | undefined) {
    const delimiter = options.delimiter.charCodeAt(0);
    this.#options = options;
    this.#boundary = new RowBoundary(delimiter);
    this.#fields = new RowFields(delimiter);
    this.#hasBegun = state !== undefined;
    this.#awaitsHeader = options.header && state === undefined;
    this.#name(options.columns ?? (options.header ? csvColumnsIn(state) : undefined));
  }

  get state(): string | undefined {
    return this.#hasBegun && !this.#awaitsHeader ? JSON.stringify(this.#names ?? []) : undefined;
  }

  reset(): void {
    this.#boundary.reset();
  }

  find(bytes: Uint8Array, from: number, to: number): number {
    return this.#boundary.find(bytes, from, to);
  }

  take(bytes: Uint8Array, from: number, to: number, harvest: Harvest): void {
    const at = this.#hasBegun ? from : from + markLength(bytes, from, to);
    this.#hasBegun = true;
    const problem = this.#fields.split(bytes, at, to);
    if (problem !== undefined) harvest.fail("csv.invalid", problem, bytes, at, to);
    else if (!this.#isEmpty(bytes, at)) {
      if (this.#awaitsHeader) this.#takeHeader(bytes);
      else this.#takeRow(bytes, at, to, harvest);
    }
    this.pass(bytes, from, to, harvest);
  }

  takeLast(bytes: Uint8Array, at: number, end: number, harvest: Harvest): void {
    if (at === end) return;
    if (!this.#boundary.isInQuotes) {
      this.take(bytes, at, end, harvest);
      return;
    }
    const message =
      "the input ends in a field in quotes: a quote in this row is missing or too many, and no row behind it can be told";
    harvest.fail("record.cut", message, bytes, at, end);
    this.pass(bytes, at, end, harvest);
  }

  /** The place of a row is the line on which it begins, and a row has as many lines as its quoted fields make it. */
  pass(bytes: Uint8Array, at: number, end: number, harvest: Harvest): void {
    for (let i = bytes.indexOf(lineFeed, at); i >= 0 && i < end; i = bytes.indexOf(lineFeed, i + 1))
      harvest.offset++;
  }

  #takeHeader(bytes: Uint8Array): void {
    this.#awaitsHeader = false;
    if (this.#options.columns !== undefined) return;
    const names = textsOf(this.#fields, bytes);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new MillraceError("csv.invalid", `the header names two columns "${twice}"`, {
        hint: "name the columns in `millrace.extract`: { csv: { columns: [ … ] } }",
      });
    }
    this.#name(names);
  }

  #name(names: readonly string[] | undefined): void {
    this.#names = names;
    this.#keys = (names ?? []).map((name) => utf8(`${JSON.stringify(name)}:`));
  }

  /** An empty line is no row, except where a row has one field, which may be empty. */
  #isEmpty(bytes: Uint8Array, at: number): boolean {
    const { spans, count } = this.#fields;
    if (count !== 1 || spans[0] !== spans[1] || bytes[at] === quote) return false;
    return this.#names?.length !== 1;
  }

  #takeRow(bytes: Uint8Array, at: number, to: number, harvest: Harvest): void {
    const { spans, count } = this.#fields;
    const keys = this.#names === undefined ? undefined : this.#keys;
    if (keys !== undefined && count !== keys.length) {
      const message = `the row has ${fieldsText(count)}, and there are ${keys.length} columns`;
      harvest.fail("csv.invalid", message, bytes, at, to);
      return;
    }
    const { text } = harvest;
    const start = text.length;
    text.byte(keys === undefined ? 0x5b : 0x7b);
    for (let i = 0; i < count; i++) {
      if (i > 0) text.byte(0x2c);
      const key = keys?.[i];
      if (key !== undefined) text.copy(key, 0, key.length);
      text.byte(quote);
      const from = spans[i * 3] as number;
      const end = spans[i * 3 + 1] as number;
      if (spans[i * 3 + 2] === 1) writeQuoted(text, bytes, from, end);
      else text.escaped(bytes, from, end);
      text.byte(quote);
    }
    text.byte(keys === undefined ? 0x5d : 0x7d);
    harvest.addText(start);
  }
}

/** Writes the inside of a quoted field, in which two quotes stand for one. */
function writeQuoted(text: TextWriter, bytes: Uint8Array, from: number, end: number): void {
  for (let at = from; at < end; ) {
    let quoteAt = at;
    while (quoteAt < end && bytes[quoteAt] !== quote) quoteAt++;
    text.escaped(bytes, at, Math.min(quoteAt + 1, end));
    at = quoteAt + 2;
  }
}

function fieldsText(count: number): string {
  return count === 1 ? "1 field" : `${count} fields`;
}

function markLength(bytes: Uint8Array, at: number, to: number): number {
  return at + 3 <= to && byteOrderMark.every((byte, index) => bytes[at + index] === byte) ? 3 : 0;
}

/** The names of the columns in the state of a decoder. */
export function csvColumnsIn(state: string | undefined): readonly string[] | undefined {
  if (state === undefined) return undefined;
  const names: unknown = JSON.parse(state);
  return Array.isArray(names) && names.every((name) => typeof name === "string") ? names : undefined;
}

/** Makes a JSON object of each row, with the names of the columns; a JSON array where they have none. Values are texts. */
export function csvDecoder(options: CsvOptions, state?: string): FormatDecoder {
  return new FormatDecoder(new CsvFormat(options, state));
}

function textsOf({ spans, count }: RowFields, bytes: Uint8Array): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const text = textOf(bytes.subarray(spans[i * 3] as number, spans[i * 3 + 1] as number));
    return spans[i * 3 + 2] === 1 ? text.replaceAll('""', '"') : text;
  });
}
