import { limits } from "../../limits.ts";

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openArray = 0x5b;
const backslash = 0x5c;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const lineFeed = 0x0a;

/** What a byte outside of strings is. */
const blank = 1;
const structural = 2;
const classes = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0d, lineFeed]) classes[byte] = blank;
for (const byte of [quote, comma, colon, openArray, closeArray, openObject, closeObject])
  classes[byte] = structural;

export function isBlank(byte: number | undefined): boolean {
  return byte !== undefined && classes[byte] === blank;
}

/**
 * Finds where a JSON value ends whose bytes come in parts, without checking it. A damaged value ends where a sound
 * one may begin: behind a line feed in a string, which no string can hold, and before a line that begins with an
 * object or an array where the value can hold none.
 */
export class JsonBoundary {
  #depth = 0;
  /** One bit for each open level: 1 where it is an object. Deeper levels than there may be count as arrays. */
  readonly #objects = new Uint32Array((limits.jsonDepthMax.default >>> 5) + 1);
  #isInString = false;
  #isEscaped = false;
  #isScalar = false;
  /** The last byte that was no blank, and the last of all. */
  #significant = 0;
  #last = 0;

  reset(): void {
    this.#depth = 0;
    this.#isInString = false;
    this.#isEscaped = false;
    this.#isScalar = false;
    this.#significant = 0;
    this.#last = 0;
  }

  /** True when a number or a word has begun, which ends where nothing follows. */
  get isScalar(): boolean {
    return this.#isScalar;
  }

  /** The position behind the value, or -1 when it goes on. `from` must be a byte of it, not a blank before it. */
  find(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === backslash) this.#isEscaped = true;
        else if (byte === quote) {
          this.#isInString = false;
          this.#significant = quote;
          if (this.#depth === 0) return at + 1;
        }
        if (byte === lineFeed) return at + 1;
        continue;
      }
      const kind = classes[byte];
      if (this.#isScalar && kind !== 0) return at;
      if (this.#isOutOfPlace(byte)) return at;
      this.#last = byte;
      if (kind === blank) continue;
      if (byte === quote) this.#isInString = true;
      else if (byte === openObject || byte === openArray) this.#enter(byte === openObject);
      else if (byte === closeObject || byte === closeArray) {
        this.#depth--;
        if (this.#depth <= 0) return at + 1;
      } else if (this.#depth === 0) {
        if (kind === structural) return at + 1;
        this.#isScalar = true;
      }
      this.#significant = byte;
    }
    return -1;
  }

  /** Whether a line begins with an object or an array that the value cannot hold there. */
  #isOutOfPlace(byte: number): boolean {
    if (this.#last !== lineFeed || (byte !== openObject && byte !== openArray) || this.#depth === 0)
      return false;
    const isInObject = this.#isObject(this.#depth - 1);
    if (isInObject) return this.#significant !== colon;
    return this.#significant !== openArray && this.#significant !== comma;
  }

  #enter(isObject: boolean): void {
    const level = this.#depth++;
    if (level >= limits.jsonDepthMax.default) return;
    const bit = 1 << (level & 31);
    const word = this.#objects[level >>> 5] as number;
    this.#objects[level >>> 5] = isObject ? word | bit : word & ~bit;
  }

  #isObject(level: number): boolean {
    if (level >= limits.jsonDepthMax.default) return false;
    return ((this.#objects[level >>> 5] as number) & (1 << (level & 31))) !== 0;
  }
}
