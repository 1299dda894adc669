import type { MillraceError } from "../../../../errors.ts";
import type { FrameBuffer } from "../../../../record/index.ts";
import { brokenAbi } from "../failures.ts";
import { readI64, readU32 } from "./big-endian.ts";
import { unZigZag } from "./varint.ts";

/** Bits of a varint that fit in a number of 32 bits behind four full groups. */
const lastGroupMax = 0x0f;

interface Way {
  take(buffer: FrameBuffer, memory: Uint8Array, at: number, length: number, to: number): boolean;
}

/**
 * Reads what a module handed over, of which nothing is certain. What it gives stays where it is: lengths and positions in
 * the module's memory.
 */
export class WireReader {
  readonly #module: string;
  memory: Uint8Array = new Uint8Array(0);
  /** Position of what is read next, and where the output ends. */
  at = 0;
  end = 0;
  /** How a few bytes of the memory go to a buffer. */
  way: Way | undefined;

  constructor(module: string) {
    this.#module = module;
  }

  /** Begins with a range that lies inside the memory. */
  begin(memory: Uint8Array, at: number, length: number): this {
    this.memory = memory;
    this.at = at;
    this.end = at + length;
    return this;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    const { at } = this;
    if (at >= this.end) throw this.broken("it ends too early");
    this.at = at + 1;
    return this.memory[at] as number;
  }

  u16(): number {
    const at = this.#take(2);
    return ((this.memory[at] as number) << 8) | (this.memory[at + 1] as number);
  }

  u32(): number {
    return readU32(this.memory, this.#take(4));
  }

  i64(): number {
    return readI64(this.memory, this.#take(8));
  }

  varint(): number {
    const first = this.u8();
    if (first < 0x80) return unZigZag(first);
    let coded = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > lastGroupMax) break;
      coded |= (byte & 0x7f) << shift;
      if (byte < 0x80) return unZigZag(coded >>> 0);
    }
    throw this.broken("a number has more than 32 bits");
  }

  /** Whether an optional part follows. */
  option(): boolean {
    const mark = this.u8();
    if (mark > 1) throw this.broken(`an optional part begins with ${mark}`);
    return mark === 1;
  }

  /** Passes over a key or a value, and gives its length; it ends where the reader is then. */
  data(): number {
    const length = this.varint();
    if (length < 0) throw this.broken(`a part has ${length} bytes`);
    if (length > this.end - this.at) throw this.broken("it ends too early");
    this.at += length;
    return length;
  }

  /** Passes over a text, and gives its length; it ends where the reader is then. */
  text(): number {
    const length = this.u16();
    this.#take(length);
    return length;
  }

  /** Passes over bytes with a length of 32 bits, and gives it. */
  bytes(): number {
    const length = this.u32();
    this.#take(length);
    return length;
  }

  /** Moves bytes of the memory to a place in a buffer. */
  moveTo(buffer: FrameBuffer, to: number, at: number, length: number): void {
    if (this.way?.take(buffer, this.memory, at, length, to)) return;
    buffer.bytes.set(this.memory.subarray(at, at + length), to);
  }

  broken(what: string): MillraceError {
    return brokenAbi({ module: this.#module }, `its output cannot be read: ${what}`);
  }

  #take(byteCount: number): number {
    const { at } = this;
    if (byteCount > this.end - at) throw this.broken("it ends too early");
    this.at = at + byteCount;
    return at;
  }
}
