import { textOf, utf8 } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import type { Batch, RecordFailure } from "../batch.ts";
import { type CsvOptions, csvColumnsIn } from "./csv-decode.ts";
import type { Encoded, Encoder } from "./encoder.ts";
import { JsonScanner } from "./json-scanner.ts";
import { TextWriter } from "./text-writer.ts";

const quote = 0x22;
const backslash = 0x5c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const openObject = 0x7b;
const openArray = 0x5b;

/**
 * Writes JSON objects as rows, in the order of the columns, which are those of the settings or else of the first
 * object. Texts are written as they are, null as an empty field, and other values as their JSON. An object with other
 * columns is refused. Where there is no header, arrays are rows too.
 */
export class CsvEncoder implements Encoder {
  readonly #options: CsvOptions;
  readonly #delimiter: number;
  readonly #out = new TextWriter();
  readonly #text = new TextWriter();
  #columns: ReadonlyMap<string, number> | undefined;
  /** Field of each column of the row in hand: where it stands in `#text`. */
  #fields = new Uint32Array(2 * 64);

  /** @param state of a decoder that has read the rows before, whose columns are taken over */
  constructor(options: CsvOptions, state?: string) {
    this.#options = options;
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#name(options.columns ?? (options.header ? csvColumnsIn(state) : undefined));
  }

  /** The row with the names of the columns; undefined while they are not known, or where there is to be none. */
  get preamble(): Uint8Array | undefined {
    if (this.#columns === undefined || !this.#options.header) return undefined;
    const text = new TextWriter();
    let isFirst = true;
    for (const name of this.#columns.keys()) {
      if (!isFirst) text.byte(this.#delimiter);
      isFirst = false;
      const bytes = utf8(name);
      this.#writeField(text, bytes, 0, bytes.length, this.#columns.size === 1);
    }
    text.byte(lineFeed);
    return text.written;
  }

  encode(batch: Batch): Encoded {
    const out = this.#out;
    out.clear();
    const refused: RecordFailure[] = [];
    const ends = new Uint32Array(batch.count);
    let count = 0;
    const { values } = batch.columns;
    const { bytes } = batch;
    for (let i = 0; i < batch.count; i++) {
      const at = values[i * 2] as number;
      const start = out.length;
      try {
        this.#writeRow(bytes.subarray(at, at + (values[i * 2 + 1] as number)));
        ends[count++] = out.length;
      } catch (error) {
        if (!MillraceError.is(error)) throw error;
        out.cut(start);
        const { code, message } = error;
        refused.push({ origin: batch.originOf(i), by: "csv", code, message });
      }
    }
    return { bytes: out.written, refused, ends: ends.subarray(0, count) };
  }

  #writeRow(value: Uint8Array): void {
    const scanner = new JsonScanner(value);
    const first = scanner.peek();
    this.#text.clear();
    if (first === openObject) this.#takeObject(value, scanner);
    else if (first === openArray && !this.#options.header && this.#options.columns === undefined) {
      this.#writeFields(this.#takeArray(value, scanner));
    } else throw refusal("the value is no JSON object, and a row needs one");
  }

  #takeObject(value: Uint8Array, scanner: JsonScanner): void {
    const columns = this.#columns ?? new Map<string, number>();
    let found = 0;
    if (this.#columns !== undefined) this.#fields.fill(0, 0, columns.size * 2);
    scanner.enter(true);
    for (let isFirst = true; scanner.more(isFirst, true); isFirst = false) {
      const keyAt = scanner.key();
      const name = textOfString(value, keyAt, scanner.keyEnd + 1);
      let column = columns.get(name);
      if (column === undefined) {
        if (this.#columns !== undefined) throw refusal(`there is no column "${name}"`);
        column = columns.size;
        (columns as Map<string, number>).set(name, column);
        this.#makeRoom(columns.size);
        this.#fields[column * 2] = 0;
      }
      if (this.#fields[column * 2] === 0) found++;
      this.#takeField(value, scanner, column);
    }
    scanner.end();
    if (found < columns.size) {
      const missing = [...columns].find(([, index]) => this.#fields[index * 2] === 0)?.[0];
      throw refusal(`the value has nothing for the column "${missing}"`);
    }
    if (columns.size === 0) throw refusal("the value is an object without keys, and a row needs a field");
    this.#columns = columns;
    this.#writeFields(columns.size);
  }

  #takeArray(value: Uint8Array, scanner: JsonScanner): number {
    let count = 0;
    scanner.enter(false);
    for (; scanner.more(count === 0, false); count++) {
      this.#makeRoom(count + 1);
      this.#takeField(value, scanner, count);
    }
    scanner.end();
    if (count === 0) throw refusal("the value is an array without elements, and a row needs a field");
    return count;
  }

  /** Copies the text of the value in hand. Positions count from 1, since 0 stands for a column without a value. */
  #takeField(value: Uint8Array, scanner: JsonScanner, column: number): void {
    const text = this.#text;
    const first = scanner.peek();
    const at = scanner.at;
    scanner.value();
    this.#fields[column * 2] = text.length + 1;
    if (first === quote) {
      const hasEscapes = value.subarray(at, scanner.at).includes(backslash);
      const bytes = hasEscapes ? utf8(textOfString(value, at, scanner.at)) : value;
      text.copy(bytes, hasEscapes ? 0 : at + 1, hasEscapes ? bytes.length : scanner.at - 1);
    } else if (value[at] !== 0x6e) text.copy(value, at, scanner.at);
    this.#fields[column * 2 + 1] = text.length;
  }

  #writeFields(count: number): void {
    const out = this.#out;
    const { bytes } = this.#text;
    for (let i = 0; i < count; i++) {
      if (i > 0) out.byte(this.#delimiter);
      const at = (this.#fields[i * 2] as number) - 1;
      this.#writeField(out, bytes, at, this.#fields[i * 2 + 1] as number, count === 1);
    }
    out.byte(lineFeed);
  }

  /** @param isAlone whether it is the only field of its row, which would be an empty line otherwise */
  #writeField(out: TextWriter, bytes: Uint8Array, from: number, to: number, isAlone: boolean): void {
    const needsQuotes = (isAlone && from === to) || this.#hasSpecial(bytes, from, to);
    if (!needsQuotes) {
      out.copy(bytes, from, to);
      return;
    }
    out.byte(quote);
    for (let at = from; at < to; ) {
      let quoteAt = at;
      while (quoteAt < to && bytes[quoteAt] !== quote) quoteAt++;
      out.copy(bytes, at, quoteAt);
      if (quoteAt < to) {
        out.byte(quote);
        out.byte(quote);
      }
      at = quoteAt + 1;
    }
    out.byte(quote);
  }

  #hasSpecial(bytes: Uint8Array, from: number, to: number): boolean {
    for (let i = from; i < to; i++) {
      const byte = bytes[i];
      if (byte === quote || byte === this.#delimiter || byte === lineFeed || byte === carriageReturn)
        return true;
    }
    // A reader would take it for the mark at the start of a text.
    return bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf;
  }

  #name(names: readonly string[] | undefined): void {
    this.#columns = names === undefined ? undefined : new Map(names.map((name, index) => [name, index]));
    this.#makeRoom(names?.length ?? 0);
  }

  #makeRoom(columns: number): void {
    if (columns * 2 <= this.#fields.length) return;
    const larger = new Uint32Array(Math.max(columns * 2, this.#fields.length * 2));
    larger.set(this.#fields);
    this.#fields = larger;
  }
}

function textOfString(value: Uint8Array, from: number, to: number): string {
  return JSON.parse(textOf(value.subarray(from, to))) as string;
}

function refusal(message: string): MillraceError {
  return new MillraceError("record.packing", message);
}
