import { utf8 } from "../../base/index.ts";

const quote = 0x22;
const backslash = 0x5c;
const hexDigits = utf8("0123456789abcdef");
const base64Digits = utf8("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

/** 0 for bytes that stand for themselves in a JSON string; else the letter of their short escape, or `u`. */
const escapes = new Uint8Array(256);
escapes.fill(0x75, 0, 0x20);
for (const [byte, letter] of [
  [8, "b"],
  [9, "t"],
  [10, "n"],
  [12, "f"],
  [13, "r"],
  [quote, '"'],
  [backslash, "\\"],
] as const) {
  escapes[byte] = letter.charCodeAt(0);
}

/** Writes texts as bytes, one behind the other, in memory that is used again. */
export class TextWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The memory that is written to. Void after the next write, which may move it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** What was written, until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  /** Takes back what was written behind `length`. */
  cut(length: number): void {
    this.#length = length;
  }

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** Writes a text of ASCII. */
  ascii(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#length = at;
  }

  copy(source: Uint8Array, from: number, to: number): void {
    this.#reserve(to - from);
    this.#bytes.set(from === 0 && to === source.length ? source : source.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** Writes the bytes of a text as they go into a JSON string, without the quotes around it. */
  escaped(source: Uint8Array, from: number, to: number): void {
    // Six bytes, as in \u0000, is the most that one byte becomes.
    this.#reserve((to - from) * 6);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = from; i < to; i++) {
      const byte = source[i] as number;
      const letter = escapes[byte] as number;
      if (letter === 0) {
        bytes[at++] = byte;
        continue;
      }
      bytes[at++] = backslash;
      bytes[at++] = letter;
      if (letter !== 0x75) continue;
      bytes[at++] = 0x30;
      bytes[at++] = 0x30;
      bytes[at++] = hexDigits[byte >>> 4] as number;
      bytes[at++] = hexDigits[byte & 15] as number;
    }
    this.#length = at;
  }

  jsonString(source: Uint8Array, from: number, to: number): void {
    this.byte(quote);
    this.escaped(source, from, to);
    this.byte(quote);
  }

  base64(source: Uint8Array, from: number, to: number): void {
    this.#reserve(Math.ceil((to - from) / 3) * 4);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = from; i < to; i += 3) {
      const left = to - i;
      const word =
        ((source[i] as number) << 16) |
        ((left > 1 ? (source[i + 1] as number) : 0) << 8) |
        (left > 2 ? (source[i + 2] as number) : 0);
      bytes[at++] = base64Digits[word >>> 18] as number;
      bytes[at++] = base64Digits[(word >>> 12) & 63] as number;
      bytes[at++] = left > 1 ? (base64Digits[(word >>> 6) & 63] as number) : 0x3d;
      bytes[at++] = left > 2 ? (base64Digits[word & 63] as number) : 0x3d;
    }
    this.#length = at;
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
