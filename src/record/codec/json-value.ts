import { textOf } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { JsonScanner } from "./json-scanner.ts";

/** A whole number of JSON that may be beyond those that a float holds exactly. */
const longInteger = /-?\d{16,}/;
const wholeNumber = /^-?\d+$/;
const int64Min = -(2n ** 63n);
const uint64Max = 2n ** 64n - 1n;

/**
 * The value of a JSON text, with whole numbers that a float cannot hold exactly as BigInt.
 * @throws MillraceError `json.invalid`; `record.packing` for a number that nothing of 64 bits can hold
 */
export function valueOfJson(bytes: Uint8Array): unknown {
  const scanner = new JsonScanner(bytes);
  scanner.value();
  scanner.end();
  const text = textOf(bytes);
  if (!longInteger.test(text) && !/\d[eE]/.test(text)) return JSON.parse(text);
  return new ExactReader(bytes).read();
}

/** Reads a checked JSON text value by value, so that no number loses a digit on the way. */
class ExactReader {
  readonly #bytes: Uint8Array;
  readonly #scanner: JsonScanner;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#scanner = new JsonScanner(bytes);
  }

  read(): unknown {
    const scanner = this.#scanner;
    const first = scanner.peek();
    if (first === 0x7b) return this.#object();
    if (first === 0x5b) return this.#array();
    const { at } = scanner;
    scanner.value();
    const text = textOf(this.#bytes.subarray(at, scanner.at));
    const value: unknown = JSON.parse(text);
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    if (!wholeNumber.test(text)) {
      if (Number.isFinite(value)) return value;
      throw new MillraceError("record.packing", `the number ${text} is beyond what 64 bits can hold`);
    }
    const exact = BigInt(text);
    if (exact >= int64Min && exact <= uint64Max) return exact;
    // A float that was written with all its digits before the point reads back as it was written.
    if (String(value) === text) return value;
    throw new MillraceError("record.packing", `the whole number ${text} does not fit 64 bits`);
  }

  #object(): Record<string, unknown> {
    const scanner = this.#scanner;
    const object: Record<string, unknown> = {};
    scanner.enter(true);
    for (let isFirst = true; scanner.more(isFirst, true); isFirst = false) {
      const keyAt = scanner.key();
      const name = JSON.parse(textOf(this.#bytes.subarray(keyAt, scanner.keyEnd + 1))) as string;
      const value = this.read();
      // Set by definition, since a key may be called __proto__.
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return object;
  }

  #array(): unknown[] {
    const scanner = this.#scanner;
    const array: unknown[] = [];
    scanner.enter(false);
    while (scanner.more(array.length === 0, false)) array.push(this.read());
    return array;
  }
}
