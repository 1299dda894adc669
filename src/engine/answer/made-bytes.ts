import type { FrameBuffer } from "../../record/index.ts";

/** What lies between made bytes may be moved along up to a quarter of them and this: one move of all is worth it. */
const gapBytesMax = 4096;

/**
 * Moves the bytes that a module made for an answer behind the batch, first counted, then moved: in one piece when they
 * stand close together, which they do when the module filled its output region, and run by run when they are scattered
 * over its memory.
 */
export class MadeBytes {
  #memory: Uint8Array = new Uint8Array(0);
  #bytes: Uint8Array = new Uint8Array(0);
  #total = 0;
  #from = 0;
  #to = 0;
  #isOnePiece = false;
  /** Where the next run goes in the batch. */
  #free = 0;
  #runFrom = 0;
  #runTo = 0;

  /** Bytes that were moved. */
  get moved(): number {
    return this.#isOnePiece ? this.#to - this.#from : this.#total;
  }

  begin(memory: Uint8Array): void {
    this.#memory = memory;
    this.#total = 0;
    this.#from = memory.length;
    this.#to = 0;
    this.#runFrom = 0;
    this.#runTo = 0;
  }

  /** Counts a span, which lies inside the memory. */
  count(at: number, length: number): void {
    this.#total += length;
    if (at < this.#from) this.#from = at;
    if (at + length > this.#to) this.#to = at + length;
  }

  /** Makes room for all that was counted. Views of the buffer are void. */
  reserve(buffer: FrameBuffer): void {
    const extent = this.#to - this.#from;
    this.#isOnePiece = this.#total > 0 && extent <= this.#total + (this.#total >> 2) + gapBytesMax;
    const byteCount = this.moved;
    if (byteCount === 0) return;
    this.#free = buffer.reserve(byteCount);
    this.#bytes = buffer.bytes;
    if (this.#isOnePiece) this.#bytes.set(this.#memory.subarray(this.#from, this.#to), this.#free);
  }

  /** Position in the batch of a span that was counted. Spans come in the order in which they were counted. */
  place(at: number, length: number): number {
    if (this.#isOnePiece) return this.#free + at - this.#from;
    if (at !== this.#runTo) {
      this.#moveRun();
      this.#runFrom = at;
    }
    this.#runTo = at + length;
    const position = this.#free;
    this.#free += length;
    return position;
  }

  /** Moves what is left. */
  end(): void {
    if (!this.#isOnePiece) this.#moveRun();
  }

  #moveRun(): void {
    const byteCount = this.#runTo - this.#runFrom;
    if (byteCount > 0)
      this.#bytes.set(this.#memory.subarray(this.#runFrom, this.#runTo), this.#free - byteCount);
  }
}
