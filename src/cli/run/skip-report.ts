import { formatWhere } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { FailedRecord } from "../../pipeline/index.ts";
import type { Message } from "../output/index.ts";

/** A record that was left out or kept as a dead letter, as `run --json` gives it. */
export interface SkippedRecord {
  readonly stage: string;
  readonly by: string;
  readonly where: string;
  readonly code: string;
  readonly message: string;
}

/** What is said of a record, and of those that come after the first ones. */
interface Words {
  readonly one: string;
  readonly more: string;
}

const skipping: Words = {
  one: "skipped a record",
  more: "skips more records; from here on they are only counted",
};

/** @param topic where the letters go */
export function deadLettering(topic: string): Words {
  return {
    one: `failed a record, which is kept in ${topic}`,
    more: `fails more records; from here on they are only counted, and \`millrace dlq show ${topic}\` shows them`,
  };
}

/**
 * Tells of the records that a run leaves out, or keeps as dead letters: of the first ones of each stage in full, of the
 * others by their number.
 */
export class SkipReport {
  readonly #warn: (message: Message) => void;
  readonly #words: Words;
  readonly #counts = new Map<string, number>();
  readonly #shown: SkippedRecord[] = [];

  constructor(warn: (message: Message) => void, words: Words = skipping) {
    this.#warn = warn;
    this.#words = words;
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
      this.#warn({ message: `${place} ${this.#words.one}: ${text}`, where });
    } else if (count === shownMax + 1) {
      this.#warn({ message: `${place} ${this.#words.more}` });
    }
  }
}
