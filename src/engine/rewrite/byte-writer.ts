/**
 * Bytes of the WebAssembly binary format, growing as they are written, much of them copied from another binary. That one is held
 * behind them in the same memory, where the platform moves bytes without a view of them: a module is written once in the
 * life of a process, and loops of our own would not be compiled by then.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  readonly #source: Uint8Array;
  #sourceAt: number;
  at = 0;

  constructor(expectedBytes: number, source: Uint8Array) {
    this.#source = source;
    this.#sourceAt = expectedBytes;
    this.#bytes = this.#withSource();
  }

  /** What was written, borrowed until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.at);
  }

  byte(value: number): void {
    this.#makeRoom(1);
    this.#bytes[this.at++] = value;
  }

  unsigned(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  /** Signed LEB128 of a whole number from 0 to 2^53. */
  signed(value: number): void {
    let rest = value;
    for (; rest >= 64; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  /** Copies a part of the source. */
  copy(from: number, to: number): void {
    this.#makeRoom(to - from);
    this.#bytes.copyWithin(this.at, this.#sourceAt + from, this.#sourceAt + to);
    this.at += to - from;
  }

  all(values: ArrayLike<number>): void {
    this.#makeRoom(values.length);
    this.#bytes.set(values, this.at);
    this.at += values.length;
  }

  /** Writes what `write` writes behind its size, which takes five bytes whatever it is. */
  sized(write: () => void): void {
    const { at } = this;
    this.#makeRoom(5);
    this.at += 5;
    write();
    let rest = this.at - at - 5;
    for (let i = 0; i < 5; i++) {
      this.#bytes[at + i] = (rest & 0x7f) | (i < 4 ? 0x80 : 0);
      rest >>>= 7;
    }
  }

  #makeRoom(byteCount: number): void {
    if (this.at + byteCount <= this.#sourceAt) return;
    const { written } = this;
    this.#sourceAt = Math.max(this.#sourceAt * 2, this.at + byteCount, 64);
    this.#bytes = this.#withSource();
    this.#bytes.set(written);
  }

  #withSource(): Uint8Array {
    const bytes = new Uint8Array(this.#sourceAt + this.#source.length);
    bytes.set(this.#source, this.#sourceAt);
    return bytes;
  }
}
