/** Bytes that come bit by bit: all are counted, and the first of them kept. */
export class BoundedBytes {
  readonly #keptMax: number;
  #bytes = new Uint8Array(256);
  #kept = 0;
  #count = 0;

  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  /** How many came, also those that were not kept. */
  get count(): number {
    return this.#count;
  }

  /** What was kept. Void after the next change. */
  get kept(): Uint8Array {
    return this.#bytes.subarray(0, this.#kept);
  }

  add(part: Uint8Array): void {
    this.#count += part.length;
    const fits = Math.min(part.length, this.#keptMax - this.#kept);
    if (fits <= 0) return;
    if (this.#kept + fits > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#kept + fits, this.#bytes.length * 2));
      larger.set(this.kept);
      this.#bytes = larger;
    }
    this.#bytes.set(fits === part.length ? part : part.subarray(0, fits), this.#kept);
    this.#kept += fits;
  }

  /** Counts bytes that came and were not kept by others either. */
  skip(byteCount: number): void {
    this.#count += byteCount;
  }

  clear(): void {
    this.#kept = 0;
    this.#count = 0;
  }
}
