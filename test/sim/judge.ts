import { isDeepStrictEqual } from "node:util";
import type { PipelineCounts } from "../../src/pipeline/index.ts";
import { type Expected, expectedFrom } from "./model.ts";
import { isExactlyOnce, type Scenario } from "./scenario.ts";

/** What breaks a guarantee. */
export class Violation extends Error {}

/** What a reading brought, as indexes of items. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

interface Totals {
  readonly read: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly skipped: number;
  /** Parts that arrive of these items. */
  readonly parts: number;
}

/** Holds one run of a pipeline against what should become of the items that it reads. */
export class Judge {
  readonly #scenario: Scenario;
  readonly #start: number;
  readonly #sums: readonly number[];
  readonly #expected: readonly Expected[];
  readonly #parts: readonly string[];
  readonly #observed: () => readonly string[];
  readonly #observedFrom: number;
  #checked = 0;
  readonly #ranges: Range[] = [];
  /** Of the first readings, from none to all. */
  readonly #totals: Totals[] = [{ read: 0, delivered: 0, filtered: 0, skipped: 0, parts: 0 }];
  #settled = 0;
  #acknowledged = 0;

  /**
   * @param start index of the item that this run begins with
   * @param sums what the aggregates begin with
   * @param observed all that is durable at the other end, of all runs
   */
  constructor(scenario: Scenario, start: number, sums: readonly number[], observed: () => readonly string[]) {
    this.#scenario = scenario;
    this.#start = start;
    this.#sums = sums;
    this.#expected = expectedFrom(scenario, start, sums);
    this.#parts = this.#expected.flatMap(({ parts }) => parts);
    this.#observed = observed;
    this.#observedFrom = observed().length;
  }

  /** Index behind the last item that was read. */
  get readTo(): number {
    return this.#ranges.at(-1)?.to ?? this.#start;
  }

  /** Index behind the last item of which all that should arrive is durable. */
  get durableTo(): number {
    let left = this.#durableParts;
    const at = this.#expected.findIndex(({ parts }) => {
      left -= parts.length;
      return left < 0;
    });
    return this.#start + (at === -1 ? this.#expected.length : at);
  }

  /** What the aggregates may have added up at the places that agree with what is durable. */
  get possibleSums(): readonly (readonly number[])[] {
    const ends = [this.#start, ...this.#ranges.map(({ to }) => to)];
    const durable = this.#durableParts;
    return ends.filter((_, j) => this.#totals[j]?.parts === durable).map((end) => this.#sumsAt(end));
  }

  reading(range: Range): void {
    const from = this.readTo;
    if (range.from !== from) {
      throw new Violation(`a reading begins with item ${range.from}, the one before ended at ${from}`);
    }
    this.#ranges.push(range);
    const own = this.#expected.slice(range.from - this.#start, range.to - this.#start);
    const before = this.#totals.at(-1) as Totals;
    const count = (outcome: Expected["outcome"]): number =>
      own.filter((each) => each.outcome === outcome).length;
    this.#totals.push({
      read: before.read + own.length,
      delivered: before.delivered + count("delivered"),
      filtered: before.filtered + count("filtered"),
      skipped: before.skipped + count("skipped"),
      parts: before.parts + own.reduce((sum, { parts }) => sum + parts.length, 0),
    });
  }

  /** The source is told that a reading is done with. */
  acknowledge(index: number): void {
    if (index !== this.#acknowledged) {
      throw new Violation(`reading ${index} is acknowledged, but ${this.#acknowledged} is next`);
    }
    this.#acknowledged++;
    this.#needDurable(index + 1, "is acknowledged");
  }

  /** Everything that must hold at any time. */
  check(counts: PipelineCounts | undefined): void {
    this.#checkArrived();
    if (counts !== undefined) this.#checkCounts(counts);
  }

  /** What must hold after a run that has ended as it should. */
  checkEnd(counts: PipelineCounts, skips: number): void {
    this.check(counts);
    const { inFlight, read } = counts;
    const all = this.#ranges.length;
    if (inFlight !== 0) throw new Violation(`the run has ended with ${inFlight} records in flight`);
    if (read !== this.#totals[all]?.read) throw new Violation(`${read} records were counted as read`);
    this.#needDurable(all, "was read by a run that has ended");
    const failures = this.#expected
      .slice(0, this.readTo - this.#start)
      .reduce((sum, each) => sum + each.failures, 0);
    if (skips !== failures) throw new Violation(`${skips} failures were told of, there are ${failures}`);
  }

  /** What is stored together: all of a source's position, what the aggregates have added up, and the records. */
  checkStored(position: number, sums: readonly number[]): void {
    if (position < this.#start) return;
    const parts = this.#expected
      .slice(0, position - this.#start)
      .reduce((sum, each) => sum + each.parts.length, 0);
    if (parts !== this.#durableParts) {
      throw new Violation(
        `the stored position is ${position}, which is ${parts} parts, and ${this.#durableParts} are`,
      );
    }
    if (!isDeepStrictEqual(sums, this.#sumsAt(position))) {
      throw new Violation(
        `at position ${position} the sums [${sums}] are stored, not [${this.#sumsAt(position)}]`,
      );
    }
  }

  get #durableParts(): number {
    return this.#observed().length - this.#observedFrom;
  }

  #sumsAt(index: number): readonly number[] {
    return this.#expected[index - this.#start - 1]?.sums ?? this.#sums;
  }

  #needDurable(readings: number, what: string): void {
    const needed = (this.#totals[readings] as Totals).parts;
    const durable = this.#durableParts;
    if (durable < needed) {
      throw new Violation(`reading ${readings - 1} ${what}, but ${durable} of ${needed} parts are durable`);
    }
  }

  #checkArrived(): void {
    const observed = this.#observed();
    for (; this.#checked < observed.length - this.#observedFrom; this.#checked++) {
      const found = observed[this.#observedFrom + this.#checked];
      const wanted = this.#parts[this.#checked];
      if (found === wanted) continue;
      const once = isExactlyOnce(this.#scenario.route) ? "exactly once" : "in order, none left out";
      throw new Violation(
        `what arrives is not what should, ${once}: "${short(found)}" instead of "${short(wanted)}"`,
      );
    }
  }

  #checkCounts(counts: PipelineCounts): void {
    const { read, delivered, filtered, skipped, inFlight } = counts;
    const text = JSON.stringify(counts);
    if (read !== delivered + filtered + skipped + inFlight || inFlight < 0) {
      throw new Violation(`counts do not add up: ${text}`);
    }
    if (!this.#totals.some((totals) => totals.read === read)) {
      throw new Violation(`the count of what was read is at no end of a reading: ${text}`);
    }
    const settled = this.#totals.findIndex(
      (totals, index) =>
        index >= this.#settled &&
        totals.delivered === delivered &&
        totals.filtered === filtered &&
        totals.skipped === skipped,
    );
    if (settled === -1) throw new Violation(`counts are those of no reading's end: ${text}`);
    this.#settled = settled;
    this.#needDurable(settled, "is counted as settled");
  }
}

function short(text: string | undefined): string {
  if (text === undefined) return "nothing";
  return text.length > 60 ? `${text.slice(0, 30)}…${text.slice(-20)}` : text;
}
