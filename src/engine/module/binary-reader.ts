import { assert, textOf } from "../../base/index.ts";

/**
 * Reads the primitives of the WebAssembly binary format (core specification, chapter 5) from a module that has been
 * validated.
 */
export class BinaryReader {
  readonly #bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    assert(this.at < this.end, "a validated module has no more in a section than its length says");
    return this.#bytes[this.at++] as number;
  }

  /** Unsigned LEB128, exact up to 2^53. */
  unsigned(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
  }

  name(): string {
    const length = this.unsigned();
    const text = textOf(this.#bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }

  vector<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.unsigned() }, read);
  }
}
