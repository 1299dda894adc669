import type { MillraceError } from "../../errors.ts";
import { frameOf, type RecordInput } from "../../record/index.ts";
import { shownRecords } from "../replay/index.ts";
import type { TrialResult } from "../trial/index.ts";
import { describe, kindOf, type Made, madeOf } from "./compare.ts";
import { OutputSum } from "./output-sum.ts";
import type { DiffedRecord, DiffResult, Kind, OldAndNew } from "./result.ts";

type Tallied = Omit<DiffResult, "old" | "new" | "time" | "stopped" | "notes">;

/** What one version did so far. */
class Side {
  readonly #module: string;
  readonly sum = new OutputSum();
  readonly failures = new Map<string, number>();
  fuel = 0;
  memoryBytesMax = 0;
  ended: MillraceError | undefined;

  constructor(module: string) {
    this.#module = module;
  }

  /** What it made of the records of a batch. */
  take({ outcomes, fuel, steps, ended }: TrialResult): readonly Made[] {
    this.fuel += fuel;
    this.memoryBytesMax = Math.max(this.memoryBytesMax, ...steps.map(({ memoryBytesMax }) => memoryBytesMax));
    this.ended = ended;
    const all = outcomes.map((outcome) => madeOf(outcome, this.#module, ended));
    for (const { failures } of all) {
      // A record fails once, however many of its parts do.
      for (const code of new Set(failures.map((failure) => failure.code))) {
        this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
      }
    }
    return all;
  }
}

/** Counts and describes what two versions made of the same records, batch by batch. */
export class Tally {
  readonly #names: readonly [old: string, now: string];
  readonly #shown: number;
  readonly #usualTime: number;
  readonly #old: Side;
  readonly #now: Side;
  readonly #counts: Record<Kind, number> = {
    same: 0,
    added: 0,
    dropped: 0,
    changed: 0,
    failsNow: 0,
    failsNoLonger: 0,
    failsOtherwise: 0,
  };
  readonly #differences: DiffedRecord[] = [];
  #batches = 0;
  #records = 0;

  /**
   * @param shown most differences to describe
   * @param usualTime of records that have none of their own, in milliseconds since 1970
   */
  constructor(names: readonly [old: string, now: string], shown: number, usualTime: number) {
    this.#usualTime = usualTime;
    this.#names = names;
    this.#shown = shown;
    this.#old = new Side(names[0]);
    this.#now = new Side(names[1]);
  }

  get records(): number {
    return this.#records;
  }

  /** What people have to know beside the numbers. */
  get notes(): readonly string[] {
    return [this.#old, this.#now].flatMap(({ ended }, index) =>
      ended === undefined
        ? []
        : [`${this.#names[index]} ended before all records were through: ${ended.message}`],
    );
  }

  /** A batch of records, and what each version made of them. */
  add(records: readonly RecordInput[], old: TrialResult, now: TrialResult): void {
    const [ofOld, ofNew] = [this.#old.take(old), this.#now.take(now)];
    for (const [index, record] of records.entries()) {
      const [was, is] = [ofOld[index], ofNew[index]];
      if (was !== undefined && is !== undefined) this.#compare(this.#records + index, record, was, is);
    }
    this.#records += records.length;
    this.#batches++;
  }

  #compare(index: number, record: RecordInput, was: Made, is: Made): void {
    const kind = kindOf(was, is);
    this.#counts[kind]++;
    if (kind === "same") {
      // Up to the first difference, the same came out in the same order.
      if (this.#counts.same <= index) this.#old.sum.addToBoth(this.#now.sum, was.output);
      return;
    }
    this.#old.sum.add(was.output);
    this.#now.sum.add(is.output);
    if (this.#differences.length >= this.#shown) return;
    const usual = record.timestamp === undefined ? this.#usualTime : undefined;
    const [input] = shownRecords(frameOf([record]));
    if (input !== undefined) this.#differences.push(describe(index, input, kind, was, is, usual));
  }

  result(): Tallied {
    const [old, now] = [this.#old, this.#now];
    const codes = [...new Set([...old.failures.keys(), ...now.failures.keys()])].sort();
    const same = this.#counts.same === this.#records;
    // None, where it was stopped before the first batch.
    const divisor = Math.max(1, this.#records);
    return {
      records: this.#records,
      batches: this.#batches,
      same,
      counts: this.#counts,
      output: old.sum.compare(now.sum),
      failures: codes.map((code) => ({
        code,
        old: old.failures.get(code) ?? 0,
        new: now.failures.get(code) ?? 0,
      })),
      differences: this.#differences,
      fuelPerRecord: ratioOf(old.fuel / divisor, now.fuel / divisor),
      memoryBytes: ratioOf(old.memoryBytesMax, now.memoryBytesMax),
    };
  }
}

function ratioOf(old: number, now: number): OldAndNew {
  return { old, new: now, ratio: old === 0 ? null : now / old };
}
