/** Records that are sent again together at the least after one of them failed. */
const sizeMin = 8;
/**
 * Records that are sent together at the most after one of them trapped: a new instance is as dear as the memory that it touches,
 * and what is sent to one that traps was sent for nothing.
 */
const carefulSizeMax = 256;

/**
 * How many records go into a call. All of a batch at first. A module stops at the first record that its user's function fails,
 * and what is behind goes in again; so each failure halves what is sent, and each success doubles it, and a batch of nothing but
 * failures still costs no more than a few times its bytes. A call that trapped may say which record did it: that one goes in
 * alone. Where it says nothing, or not the truth, its range is halved until one is left.
 */
export class Pace {
  readonly #most: number;
  #size: number;
  /** End of a range that has a record in it that traps; 0: none is known. */
  #poisonedEnd = 0;
  /** Index of the record that is said to have trapped; -1: none is. */
  #suspect = -1;

  /**
   * @param most records that may go into one call
   * @param isCareful the batch before has trapped, and this one may
   */
  constructor(most: number, isCareful = false) {
    this.#most = most;
    this.#size = isCareful ? Math.min(most, carefulSizeMax) : most;
  }

  /** Index after the last record of the next call, or more than there are. */
  end(first: number): number {
    if (first < this.#suspect) return this.#suspect;
    if (first === this.#suspect) return first + 1;
    const left = this.#poisonedEnd - first;
    if (left <= 0) return first + this.#size;
    return first + Math.max(1, Math.ceil(left / 2));
  }

  /** True while a record from `first` on is known to trap. */
  isSearching(first: number): boolean {
    return this.#poisonedEnd > first;
  }

  succeeded(): void {
    this.#size = Math.min(this.#size * 2, this.#most);
  }

  /** A record was failed by the user's function, or is known to be the one that traps. */
  failed(): void {
    this.#size = Math.min(Math.max(sizeMin, this.#size >> 1), this.#most);
  }

  /** A record that trapped was sent alone: nothing is known of those behind it. */
  confirmed(): void {
    this.#poisonedEnd = 0;
    this.#suspect = -1;
    this.#size = Math.min(this.#size, this.#most, carefulSizeMax);
  }

  /**
   * Records up to `end` could not be done in one call.
   * @param suspect index of the one that is said to have done it
   */
  trapped(end: number, suspect = -1): void {
    // Who trapped before the last suspect was reached has named the wrong one, and is not asked again.
    const wasMisled = end === this.#suspect;
    this.#poisonedEnd = end;
    this.#suspect = wasMisled ? -1 : suspect;
  }
}
