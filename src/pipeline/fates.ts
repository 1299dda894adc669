import type { Batch } from "../record/index.ts";
import type { Reading } from "./ports.ts";

/** What became of the records of one batch. */
export interface Outcome {
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLettered: number;
  readonly skipped: number;
  /** Indexes in the frame of the records that were skipped. */
  readonly leftOut: ReadonlySet<number>;
}

type Fate = "skip" | "dead-letter";

/**
 * What becomes of the records that one reading brought, each counted once. A record that was expanded has the worst
 * fate of its parts: kept as a dead letter, then skipped, then delivered.
 */
export class Fates {
  readonly #recordCount: number;
  /** Records of the frame that failed. */
  readonly #failed = new Map<number, Fate>();
  #rejectionFate: Fate = "skip";
  readonly #rejectionCount: number;
  #filtered = 0;

  constructor({ frame, rejections }: Reading) {
    this.#recordCount = frame.recordCount;
    this.#rejectionCount = rejections.length;
  }

  /** What becomes of all records that the source rejected. */
  rejections(fate: Fate): void {
    this.#rejectionFate = fate;
  }

  fail(origin: number, fate: Fate): void {
    if (this.#failed.get(origin) !== "dead-letter") this.#failed.set(origin, fate);
  }

  isDeadLetter(origin: number): boolean {
    return this.#failed.get(origin) === "dead-letter";
  }

  /** The steps are through: of what is not in play then, and has not failed, nothing will arrive. */
  endSteps(batch: Batch): void {
    this.#filtered = this.#recordCount - this.#failed.size - this.#countInPlay(batch);
  }

  outcome(): Outcome {
    const leftOut = new Set<number>();
    for (const [origin, fate] of this.#failed) if (fate === "skip") leftOut.add(origin);
    const deadLettered = this.#failed.size - leftOut.size;
    const rejected = this.#rejectionFate === "dead-letter";
    return {
      delivered: this.#recordCount - this.#failed.size - this.#filtered,
      filtered: this.#filtered,
      deadLettered: deadLettered + (rejected ? this.#rejectionCount : 0),
      skipped: leftOut.size + (rejected ? 0 : this.#rejectionCount),
      leftOut,
    };
  }

  /** Records of the frame of which something is in play, without those of which some part failed. */
  #countInPlay({ count, columns: { origins } }: Batch): number {
    if (origins === undefined) return count - this.#failed.size;
    let found = 0;
    let last = -1;
    // Parts of an expanded record stand in a row.
    for (let i = 0; i < count; i++) {
      const origin = origins[i] as number;
      if (origin !== last) found++;
      last = origin;
    }
    for (const origin of this.#failed.keys()) if (isAmong(origin, origins, count)) found--;
    return found;
  }
}

/** Whether one of the first origins, which never decrease, is this one. */
function isAmong(origin: number, origins: Uint32Array, count: number): boolean {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((origins[middle] as number) < origin) from = middle + 1;
    else to = middle;
  }
  return from < count && origins[from] === origin;
}
