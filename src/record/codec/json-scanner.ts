import { limits } from "../../limits.ts";
import { jsonInvalid } from "./json-error.ts";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** What `peek` gives at the end of the text. */
export const endOfText = -1;

/** 1 for bytes that stand for themselves inside a string. */
const plain = new Uint8Array(256).fill(1, 0x20);
plain[quote] = 0;
plain[backslash] = 0;

const literals: ReadonlyMap<number, string> = new Map(
  ["true", "false", "null"].map((text) => [text.charCodeAt(0), text]),
);

/**
 * Moves over JSON text (RFC 8259) and checks all that it passes, without making values of it. Whether strings are
 * valid UTF-8 is not checked: their bytes are handed on as they stand.
 */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  readonly #depthMax: number;
  /** One bit for each open level: 1 where it is an object. */
  readonly #objects: Uint32Array;
  #depth = 0;
  /** Where the next byte is read. */
  at: number;

  constructor(bytes: Uint8Array, at = 0, depthMax: number = limits.jsonDepthMax.default) {
    this.#bytes = bytes;
    this.#depthMax = depthMax;
    this.#objects = new Uint32Array((depthMax >>> 5) + 1);
    this.at = at;
  }

  /** Moves over blanks and gives the byte behind them, or `endOfText`. */
  peek(): number {
    const bytes = this.#bytes;
    let at = this.at;
    while (at < bytes.length) {
      const byte = bytes[at] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.at = at;
        return byte;
      }
      at++;
    }
    this.at = at;
    return endOfText;
  }

  /** Moves over a `{` or `[`. @throws MillraceError `json.invalid` when that is one level too many */
  enter(isObject: boolean): void {
    if (this.#depth === this.#depthMax)
      throw jsonInvalid(this.#bytes, this.at, `at most ${this.#depthMax} levels of nesting`);
    const bit = 1 << (this.#depth & 31);
    const word = this.#depth >>> 5;
    this.#objects[word] = isObject
      ? (this.#objects[word] as number) | bit
      : (this.#objects[word] as number) & ~bit;
    this.#depth++;
    this.at++;
  }

  /** Moves over the `}` or `]` of the innermost open level. */
  leave(): void {
    this.#depth--;
    this.at++;
  }

  /**
   * Moves over a comma and gives true, or over the close of the innermost level and gives false.
   * Right behind the opening it gives true without moving, or false for an empty level.
   */
  more(isFirst: boolean, isObject: boolean): boolean {
    const byte = this.peek();
    if (byte === (isObject ? closeObject : closeArray)) {
      this.leave();
      return false;
    }
    if (isFirst) return true;
    if (byte !== comma) throw jsonInvalid(this.#bytes, this.at, isObject ? '"," or "}"' : '"," or "]"');
    this.at++;
    return true;
  }

  /**
   * Moves over a member's key and colon; gives the position of the key's opening quote, and `keyEnd` that of its
   * closing one.
   */
  key(): number {
    if (this.peek() !== quote) throw jsonInvalid(this.#bytes, this.at, "a key in double quotes");
    const start = this.at;
    this.at = this.#string(start);
    this.keyEnd = this.at - 1;
    if (this.peek() !== colon) throw jsonInvalid(this.#bytes, this.at, '":"');
    this.at++;
    return start;
  }
  keyEnd = 0;

  /** Moves over one value of any kind, however deep, to the byte behind it. */
  value(): void {
    const outer = this.#depth;
    for (;;) {
      const byte = this.peek();
      if (byte === quote) this.at = this.#string(this.at);
      else if (byte === openObject || byte === openArray) {
        const isObject = byte === openObject;
        this.enter(isObject);
        if (this.more(true, isObject)) {
          if (isObject) this.key();
          continue;
        }
      } else this.at = this.#scalar(byte);
      // Behind a value: the next one of its level, or the end of as many levels as close here.
      for (;;) {
        if (this.#depth === outer) return;
        const isObject =
          ((this.#objects[(this.#depth - 1) >>> 5] as number) & (1 << ((this.#depth - 1) & 31))) !== 0;
        if (!this.more(false, isObject)) continue;
        if (isObject) this.key();
        break;
      }
    }
  }

  /** Moves over blanks to the end of the text. @throws MillraceError `json.invalid` when anything else is there */
  end(): void {
    if (this.peek() !== endOfText) throw jsonInvalid(this.#bytes, this.at, "the end of the text");
  }

  #string(start: number): number {
    const bytes = this.#bytes;
    const { length } = bytes;
    let at = start + 1;
    for (;;) {
      while (at < length && plain[bytes[at] as number] === 1) at++;
      if (at >= length)
        throw jsonInvalid(bytes, length, `the end of the string that begins at byte ${start}`);
      const byte = bytes[at] as number;
      if (byte === quote) return at + 1;
      if (byte !== backslash) throw jsonInvalid(bytes, at, "control characters in a string to be escaped");
      at = this.#escape(at + 1);
    }
  }

  #escape(at: number): number {
    const bytes = this.#bytes;
    const byte = bytes[at];
    if (byte !== undefined && '"\\/bfnrt'.includes(String.fromCharCode(byte))) return at + 1;
    if (byte !== 0x75)
      throw jsonInvalid(bytes, Math.min(at, bytes.length), "an escape such as \\n or \\u00e9");
    for (let i = at + 1; i < at + 5; i++) {
      if (!isHexDigit(bytes[i]))
        throw jsonInvalid(bytes, Math.min(i, bytes.length), "four hexadecimal digits behind \\u");
    }
    return at + 5;
  }

  #scalar(byte: number): number {
    if (byte === 0x2d || isDigit(byte)) return this.#number(this.at);
    const literal = literals.get(byte);
    if (literal === undefined) throw jsonInvalid(this.#bytes, this.at, "a value");
    for (let i = 1; i < literal.length; i++) {
      if (this.#bytes[this.at + i] !== literal.charCodeAt(i)) {
        throw jsonInvalid(this.#bytes, Math.min(this.at + i, this.#bytes.length), literal);
      }
    }
    return this.at + literal.length;
  }

  #number(start: number): number {
    const bytes = this.#bytes;
    let at = bytes[start] === 0x2d ? start + 1 : start;
    // A leading zero stands alone.
    at = bytes[at] === 0x30 ? at + 1 : this.#digits(at);
    if (bytes[at] === 0x2e) at = this.#digits(at + 1);
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
      at = this.#digits(at);
    }
    return at;
  }

  #digits(start: number): number {
    let at = start;
    while (isDigit(this.#bytes[at])) at++;
    if (at === start) throw jsonInvalid(this.#bytes, Math.min(at, this.#bytes.length), "a digit");
    return at;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}
