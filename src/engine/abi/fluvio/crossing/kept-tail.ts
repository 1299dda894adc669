import type { FrameBuffer } from "../../../../record/index.ts";
import type { InputTail } from "../wire/input.ts";

/** What stands behind the record of each input of a batch, in the memory of its buffer; written anew for another time. */
export class KeptTail {
  readonly #tail: InputTail;
  #at = 0;
  #time = Number.NaN;

  constructor(tail: InputTail) {
    this.#tail = tail;
  }

  get length(): number {
    return this.#tail.length;
  }

  /** Takes its place behind what is in use of a buffer, for one batch. */
  begin(buffer: FrameBuffer): void {
    this.#at = buffer.reserve(this.#tail.length);
    this.#time = Number.NaN;
  }

  /** Gives its position. */
  write(buffer: FrameBuffer, baseTimestamp: number): number {
    if (baseTimestamp !== this.#time) {
      this.#tail.write(buffer.bytes, this.#at, baseTimestamp);
      this.#time = baseTimestamp;
    }
    return this.#at;
  }
}
