/** Bytes of the WebAssembly binary format, growing as they are written. */
export class ByteWriter {
  #bytes: Uint8Array;
  at = 0;

  constructor(expectedBytes: number) {
    this.#bytes = new Uint8Array(expectedBytes);
  }

  /** What was written, borrowed until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.at);
  }

  byte(value: number): void {
    if (this.at === this.#bytes.length) this.#grow(1);
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

  copy(source: Uint8Array, from: number, to: number): void {
    const byteCount = to - from;
    if (this.at + byteCount > this.#bytes.length) this.#grow(byteCount);
    const bytes = this.#bytes;
    // Most runs are short, and a view of its own for each would cost more than the loop.
    if (byteCount > 64) bytes.set(source.subarray(from, to), this.at);
    else for (let i = 0; i < byteCount; i++) bytes[this.at + i] = source[from + i] as number;
    this.at += byteCount;
  }

  all(values: readonly number[]): void {
    for (const value of values) this.byte(value);
  }

  /** Writes what `write` writes behind its size, which takes five bytes whatever it is. */
  sized(write: () => void): void {
    const at = this.at;
    for (let i = 0; i < 5; i++) this.byte(0);
    write();
    let rest = this.at - at - 5;
    for (let i = 0; i < 5; i++) {
      this.#bytes[at + i] = (rest & 0x7f) | (i < 4 ? 0x80 : 0);
      rest >>>= 7;
    }
  }

  #grow(byteCount: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.at + byteCount, 64));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
