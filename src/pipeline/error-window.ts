import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import type { FailedRecord } from "./policy.ts";

/** How many of the last so many records may fail before the pipeline stops. */
export interface ErrorWindowSize {
  readonly records: number;
  readonly failures: number;
}

/** Which of the last records failed: one byte for each, in a ring. */
export class ErrorWindow {
  readonly #size: ErrorWindowSize;
  readonly #failed: Uint8Array;
  readonly #causes: FailedRecord[] = [];
  #failures = 0;
  /** Where in the ring the last batch begins, and how many records it has. */
  #batchAt = 0;
  #batchRecords = 0;

  constructor(size: ErrorWindowSize) {
    this.#size = size;
    this.#failed = new Uint8Array(size.records);
  }

  /** Takes in the next batch, of which nothing has failed so far. */
  begin(recordCount: number): void {
    const { length } = this.#failed;
    this.#batchAt = (this.#batchAt + this.#batchRecords) % length;
    this.#batchRecords = recordCount;
    // Mostly nothing has failed, and then there is nothing to forget.
    for (let i = 0; this.#failures > 0 && i < Math.min(recordCount, length); i++) {
      const at = (this.#batchAt + i) % length;
      this.#failures -= this.#failed[at] as number;
      this.#failed[at] = 0;
    }
    if (this.#failures === 0) this.#causes.length = 0;
  }

  /** Notes that a record of the last batch failed. Noted again, it counts once. */
  fail(index: number, cause: FailedRecord): void {
    const { length } = this.#failed;
    // The end of a batch that is larger than the window is what the window shows.
    if (index < this.#batchRecords - length) return;
    const at = (this.#batchAt + index) % length;
    if (this.#failed[at] === 1) return;
    this.#failed[at] = 1;
    this.#failures++;
    if (this.#causes.length < limits.causesShownMax.default) this.#causes.push(cause);
  }

  /** @throws MillraceError `pipeline.too-many-failures` with the first causes as its problems */
  check(): void {
    const { records, failures } = this.#size;
    if (this.#failures <= failures) return;
    const problems = this.#causes.map(
      ({ stage, by, code, message, where }) =>
        new MillraceError(code, `${stage} ${by}: ${message}`, { where }),
    );
    throw new MillraceError(
      "pipeline.too-many-failures",
      `${this.#failures} of the last ${records} records failed, more than \`millrace.error-window\` allows (${failures}); ` +
        "the batch with the last of them is read again by the next run. The first ones:",
      { hint: "mend the cause, then run the pipeline again; nothing is lost", problems },
    );
  }
}
