import { textOf } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";

/** Reads the primitives of the WebAssembly binary format (core specification, chapter 5). */
export class BinaryReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** @throws MillraceError `module.rewrite`, as all that reads, where the bytes end too early or are no such number */
  byte(): number {
    if (this.at >= this.end) throw unreadable("it ends too early", this.at);
    return this.bytes[this.at++] as number;
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

  /** Unsigned LEB128 of 32 bits. */
  unsigned32(): number {
    // Nearly all of them have one byte.
    const first = this.byte();
    if (first < 0x80) return first;
    const at = this.at - 1;
    let value = first & 0x7f;
    for (let scale = 128; scale <= 2 ** 28; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && value < 2 ** 32) return value;
      if (byte < 0x80) break;
    }
    throw unreadable("a number has more than 32 bits", at);
  }

  /** A LEB128 of either sign whose value does not matter. */
  skipNumber(bytesMax: number): void {
    const at = this.at;
    for (let count = 0; count < bytesMax; count++) if (this.byte() < 0x80) return;
    throw unreadable(`a number has more than ${bytesMax} bytes`, at);
  }

  skip(byteCount: number): void {
    if (byteCount > this.end - this.at) throw unreadable("it ends too early", this.at);
    this.at += byteCount;
  }

  name(): string {
    const length = this.unsigned32();
    const at = this.at;
    this.skip(length);
    return textOf(this.bytes.subarray(at, this.at));
  }

  vector<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.unsigned() }, read);
  }
}

/**
 * That a binary cannot be understood, with the place in it; who knows the module's name adds it.
 * @param at position in the file
 */
export function unreadable(what: string, at: number): MillraceError {
  return new MillraceError("module.rewrite", `${what}, at byte ${at} (0x${at.toString(16)})`);
}
