/** Records that are sent again together at the least after one of them failed. */
const sizeMin = 8;

/**
 * How many records go into a call. All of a batch at first. A module stops at the first record that its user's function fails,
 * and what is behind goes in again; so each failure halves what is sent, and each success doubles it, and a batch of nothing but
 * failures still costs no more than a few times its bytes. A call that trapped says nothing of which record did it: its
 * range is halved until one is left.
 */
export class Pace {
  readonly #most: number;
  #size: number;
  /** End of a range that has a record in it that traps; 0: none is known. */
  #poisonedEnd = 0;

  /** @param most records that may go into one call */
  constructor(most: number) {
    this.#most = most;
    this.#size = most;
  }

  /** Index after the last record of the next call, or more than there are. */
  end(first: number): number {
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

  /** The records from `first` on, of which there are two or more, could not be done in one call. */
  trapped(end: number): void {
    this.#poisonedEnd = end;
  }
}
