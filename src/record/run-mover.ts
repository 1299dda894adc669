import { align8 } from "../base/index.ts";
import type { Batch } from "./batch.ts";
import { gatheringBytes } from "./frame-buffer.ts";

/** Runs shorter than this are gathered before they are moved on. */
const shortRunBytesMax = 4096;

/**
 * Moves runs of a batch's bytes behind one another into a memory. Moving a run to another memory takes a view of it, which
 * is an object for each run; so short runs are gathered in the batch's own buffer, where moving takes none, and go on
 * together.
 */
export class RunMover {
  readonly #source: Uint8Array;
  readonly #target: Uint8Array;
  readonly #isOwnMemory: boolean;
  /** Where the next run goes in the target. */
  #next: number;
  readonly #gatheredAt: number;
  #gathered = 0;

  /** @param at position in the target where the first run goes */
  constructor(batch: Batch, target: Uint8Array, at: number) {
    this.#isOwnMemory = target === batch.bytes;
    const { buffer } = batch;
    this.#gatheredAt = align8(buffer.used);
    if (!this.#isOwnMemory) buffer.makeRoom(this.#gatheredAt - buffer.used + gatheringBytes);
    this.#source = batch.bytes;
    this.#target = target;
    this.#next = at;
  }

  move(from: number, to: number): void {
    const length = to - from;
    if (length === 0) return;
    if (this.#isOwnMemory) {
      this.#target.copyWithin(this.#next, from, to);
      this.#next += length;
    } else if (length < shortRunBytesMax) {
      if (this.#gathered + length > gatheringBytes) this.flush();
      this.#source.copyWithin(this.#gatheredAt + this.#gathered, from, to);
      this.#gathered += length;
    } else {
      this.flush();
      this.#moveOn(from, to);
    }
  }

  /** Moves on what is gathered. */
  flush(): void {
    this.#moveOn(this.#gatheredAt, this.#gatheredAt + this.#gathered);
    this.#gathered = 0;
  }

  #moveOn(from: number, to: number): void {
    if (to === from) return;
    this.#target.set(this.#source.subarray(from, to), this.#next);
    this.#next += to - from;
  }
}
