/** Bytes that were read and belong to records that have not ended yet: they are kept until the next bytes come. */
export class Rest {
  #bytes = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes a copy of `[from, to)`, in place of what it held. */
  keep(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (length > this.#bytes.length) this.#bytes = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    this.#bytes.set(bytes.subarray(from, to));
    this.#length = length;
  }

  /** Copies what is kept to `at`, and keeps it all the same. */
  copyTo(bytes: Uint8Array, at: number): void {
    bytes.set(this.#bytes.subarray(0, this.#length), at);
  }

  clear(): void {
    this.#length = 0;
  }
}
