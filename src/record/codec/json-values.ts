import { MillraceError } from "../../errors.ts";
import { FormatDecoder, type RecordFormat, unfinished } from "./format-decoder.ts";
import type { Harvest } from "./harvest.ts";
import { isBlank, JsonBoundary } from "./json-boundary.ts";
import { JsonScanner } from "./json-scanner.ts";

export interface JsonValuesOptions {
  /** What becomes of an array: each of its elements is a record, or the whole of it is one. */
  readonly arrays: "elements" | "whole";
}

const openArray = 0x5b;
const closeArray = 0x5d;
const comma = 0x2c;
const lineFeed = 0x0a;
const quote = 0x22;
const backslash = 0x5c;
const markBytes = [0xef, 0xbb, 0xbf] as const;

class JsonValuesFormat implements RecordFormat {
  readonly counts = "records";
  readonly isInPlace = true;
  readonly #takesElements: boolean;
  readonly #boundary = new JsonBoundary();
  /** Elements of the array that were met; undefined outside of one. */
  #elements: number | undefined;
  #hasBegun = false;
  /** Whether a byte of the value was seen, and not only what stands before it. */
  #isInValue = false;

  constructor({ arrays }: JsonValuesOptions, state: string | undefined) {
    this.#takesElements = arrays === "elements";
    this.#hasBegun = state !== undefined;
    const elements = /^array (\d+)$/.exec(state ?? "")?.[1];
    this.#elements = elements === undefined ? undefined : Number(elements);
  }

  get state(): string | undefined {
    return this.#elements === undefined ? "values" : `array ${this.#elements}`;
  }

  reset(): void {
    this.#boundary.reset();
    this.#isInValue = false;
  }

  find(bytes: Uint8Array, from: number, to: number): number {
    let at = from;
    if (!this.#isInValue) {
      while (at < to && this.#isBefore(bytes[at])) at++;
      if (at === to) return unfinished;
      if (this.#isBracket(bytes[at])) return at + 1;
      this.#isInValue = true;
    }
    return this.#boundary.find(bytes, at, to);
  }

  take(bytes: Uint8Array, from: number, to: number, harvest: Harvest): void {
    const at = this.#passSeparators(bytes, from, to, harvest);
    if (this.#isBracket(bytes[at])) {
      this.#elements = bytes[at] === openArray ? 0 : undefined;
      return;
    }
    if (this.#elements !== undefined) this.#elements++;
    try {
      const scanner = new JsonScanner(bytes.subarray(at, to));
      scanner.value();
      scanner.end();
      harvest.add(bytes, at, compact(bytes, at, to) - at);
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      harvest.fail("json.invalid", error.message, bytes, at, to);
    }
    harvest.offset++;
  }

  takeLast(bytes: Uint8Array, from: number, to: number, harvest: Harvest): void {
    const isCut = this.#isInValue && !this.#boundary.isScalar;
    if (this.#isInValue && !isCut) this.take(bytes, from, to, harvest);
    if (!isCut && this.#elements === undefined) return;
    const what = isCut
      ? "the input ends in the middle of a value"
      : "the input ends before the end of its array";
    this.#elements = undefined;
    harvest.fail("record.cut", what, bytes, from, to);
    harvest.offset++;
  }

  pass(_bytes: Uint8Array, _at: number, _end: number, harvest: Harvest, isWhole: boolean): void {
    if (!isWhole) return;
    if (this.#elements !== undefined) this.#elements++;
    harvest.offset++;
  }

  /** Whether a byte may stand between values: a blank, the mark at the start of the text, or a comma in an array. */
  #isBefore(byte: number | undefined): boolean {
    if (isBlank(byte)) return true;
    if (byte === comma) return this.#elements !== undefined;
    return !this.#hasBegun && byte !== undefined && markBytes.some((mark) => mark === byte);
  }

  /** Whether a byte opens or closes the array whose elements are records. */
  #isBracket(byte: number | undefined): boolean {
    if (this.#elements !== undefined) return byte === closeArray;
    return this.#takesElements && byte === openArray;
  }

  /** Where the value begins. Tells of commas that are too many or missing; what is around them is taken all the same. */
  #passSeparators(bytes: Uint8Array, from: number, to: number, harvest: Harvest): number {
    let commas = 0;
    let at = from;
    while (at < to && this.#isBefore(bytes[at])) if (bytes[at++] === comma) commas++;
    this.#hasBegun ||= at < to;
    if (this.#elements === undefined || at === to) return at;
    const isClose = bytes[at] === closeArray;
    const wanted = isClose || this.#elements === 0 ? 0 : 1;
    if (commas !== wanted) {
      const found = commas === 0 ? "no comma" : commas === 1 ? "a comma too many" : `${commas} commas`;
      harvest.fail(
        "json.invalid",
        `${found} before ${isClose ? "the end" : "an element"} of the array`,
        bytes,
        from,
        to,
      );
      harvest.offset++;
    }
    return at;
  }
}

/** Writes a value that spans lines on one, without the blanks between its parts; gives the new end of it. */
function compact(bytes: Uint8Array, at: number, to: number): number {
  const feedAt = bytes.subarray(at, to).indexOf(lineFeed);
  if (feedAt < 0) return to;
  let next = at;
  let isInString = false;
  for (let from = at; from < to; from++) {
    const byte = bytes[from] as number;
    if (isInString) {
      if (byte === backslash) bytes[next++] = bytes[from++] as number;
      else if (byte === quote) isInString = false;
    } else if (isBlank(byte)) continue;
    else if (byte === quote) isInString = true;
    bytes[next++] = bytes[from] as number;
  }
  return next;
}

/**
 * Takes out JSON values that stand one behind the other, with or without line feeds between them. A value on several
 * lines is put on one; all others stay as they are.
 */
export function jsonValuesDecoder(options: JsonValuesOptions, state?: string): FormatDecoder {
  return new FormatDecoder(new JsonValuesFormat(options, state));
}
