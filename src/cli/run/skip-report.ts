import { formatWhere } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { FailedRecord } from "../../pipeline/index.ts";
import type { Message } from "../output/index.ts";

/** A record that was left out, as `run --json` gives it. */
export interface SkippedRecord {
  readonly stage: string;
  readonly by: string;
  readonly where: string;
  readonly code: string;
  readonly message: string;
}

/**
 * Tells of the records that a run leaves out: of the first ones of each stage in full, of the others by their number.
 */
export class SkipReport {
  readonly #warn: (message: Message) => void;
  readonly #counts = new Map<string, number>();
  readonly #shown: SkippedRecord[] = [];

  constructor(warn: (message: Message) => void) {
    this.#warn = warn;
  }

  /** The records that were told in full. */
  get shown(): readonly SkippedRecord[] {
    return this.#shown;
  }

  add({ stage, by, where, code, message }: FailedRecord): void {
    const place = `${stage} ${by}`;
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, count);
    const { default: shownMax } = limits.skippedShownMax;
    if (count <= shownMax) {
      this.#shown.push({ stage, by, where: formatWhere(where), code, message });
      // The text may be a module's; on one line it cannot fill the screen.
      const text = message.replaceAll("\n", "\\n");
      this.#warn({ message: `${place} skipped a record: ${text}`, where });
    } else if (count === shownMax + 1) {
      this.#warn({ message: `${place} skips more records; from here on they are only counted` });
    }
  }
}
