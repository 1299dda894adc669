import type { ErrorCode, MillraceError } from "../../errors.ts";
import {
  absent,
  type Batch,
  type Columns,
  copyOptionalColumns,
  copyRecords,
  isHeaderBlock,
} from "../../record/index.ts";
import type { TransformCounts, TransformKind } from "../abi/contract.ts";
import { errorTextOf } from "../error-text.ts";
import type { GuestLimits } from "../guest-limits.ts";
import { type Answer, change, type Expansion, verdict, verdictMask } from "./answer.ts";
import { MadeBytes } from "./made-bytes.ts";
import { nonsense } from "./nonsense.ts";
import { tooMuchOfBatch, tooMuchOutput } from "./output-limits.ts";
import { ownPosition, type SentFrame } from "./sent-frame.ts";

/** What of a module its answers are measured by. */
export interface AnsweringModule {
  readonly name: string;
  readonly limits: GuestLimits;
}

/** Kinds that answer with at most one record for each that they get. */
type SingleKind = Exclude<TransformKind, "array-map">;

const changing = bit(verdict.kept) | bit(verdict.replaced) | bit(verdict.failed);

const allowed: Readonly<Record<SingleKind, number>> = {
  filter: bit(verdict.kept) | bit(verdict.dropped) | bit(verdict.failed),
  map: changing,
  "filter-map": changing | bit(verdict.dropped),
  aggregate: changing,
};

/**
 * Takes a module's answers for one batch, in order, and turns them into the batch's next records. Everything in an
 * answer is hostile until it was checked here: verdicts, addresses, lengths, and the sum of lengths before a byte is
 * moved.
 */
export class AnswerReader {
  readonly #batch: Batch;
  readonly #kind: SingleKind;
  readonly #module: string;
  readonly #sent: SentFrame;
  readonly #counts: TransformCounts;
  /** Where the next records are written, once the first one differs from what it was. */
  #next: Columns | undefined;
  #written = 0;
  #outputBytes = 0;
  /** As `#outputBytes`, with what is being checked. */
  #checkedBytes = 0;
  readonly #made: MadeBytes = new MadeBytes();
  readonly #limits: GuestLimits;
  /** Records of the answer in hand that have more output than they may have, with what is said about it. */
  readonly #tooLarge = new Map<number, string>();
  #refused = 0;
  // Counted here first, so that a batch whose end was never reached counts for nothing.
  #kept = 0;
  #replaced = 0;
  #dropped = 0;
  #failed = 0;

  constructor(
    batch: Batch,
    kind: SingleKind,
    { name, limits }: AnsweringModule,
    sent: SentFrame,
    counts: TransformCounts,
  ) {
    this.#batch = batch;
    this.#kind = kind;
    this.#module = name;
    this.#limits = limits;
    this.#sent = sent;
    this.#counts = counts;
  }

  /**
   * @throws MillraceError `module.answer` naming the record and what is wrong about its answer, of which nothing is taken then
   */
  take(answer: Answer): void {
    if (answer.end === answer.first) return;
    const seen = this.#survey(answer);
    if (seen === bit(verdict.kept) && this.#next === undefined) {
      this.#written = answer.end;
      this.#kept += answer.end - answer.first;
      return;
    }
    if ((seen & bit(verdict.replaced)) !== 0) this.#replace(answer);
    else this.#select(answer);
  }

  /** Index of the record that the last answer was refused for. */
  get refused(): number {
    return this.#refused;
  }

  /** What there was, in an answer that was refused, of the records ahead of the one that it was refused for. */
  ahead(answer: Expansion): Expansion {
    return { ...answer, end: this.#refused };
  }

  /** Fails a record that no answer speaks of. */
  fail(index: number, code: ErrorCode, message: string): void {
    this.#begin();
    this.#batch.fail({ origin: this.#batch.originOf(index), by: this.#module, code, message });
    this.#failed++;
  }

  /** All records have their verdict: the written ones are in play from now on. */
  finish(): void {
    if (this.#next !== undefined) this.#batch.adopt(this.#next, this.#written);
    this.#counts.kept += this.#kept;
    this.#counts.replaced += this.#replaced;
    this.#counts.dropped += this.#dropped;
    this.#counts.failed += this.#failed;
  }

  /** Which verdicts occur, as bits. */
  #survey(answer: Answer): number {
    const { verdicts, first, end } = answer;
    let seen = 0;
    for (let i = first; i < end; i++) seen |= 1 << ((verdicts[i] as number) & verdictMask);
    if ((seen & ~allowed[this.#kind]) === 0) return seen;
    const at = verdicts.findIndex(
      (value, i) => i >= first && i < end && (bit(value & verdictMask) & ~allowed[this.#kind]) !== 0,
    );
    throw this.#nonsense(
      at,
      `has the verdict ${(verdicts[at] as number) & verdictMask}, which a ${this.#kind} cannot give`,
    );
  }

  /** The hot path of filters: survivors' spans move up, no byte of a record is touched. */
  #select(answer: Answer): void {
    const { verdicts, first, end } = answer;
    const next = this.#begin();
    const present = this.#batch.columns;
    const failedBefore = this.#failed;
    let written = this.#written;
    for (let i = first; i < end; ) {
      const from = i;
      while (i < end && ((verdicts[i] as number) & verdictMask) === verdict.kept) i++;
      copyRecords(present, from, i, next, written);
      written += i - from;
      if (i === end) break;
      if (((verdicts[i] as number) & verdictMask) === verdict.failed) this.#failRecord(answer, i);
      i++;
    }
    const kept = written - this.#written;
    this.#kept += kept;
    this.#dropped += end - first - kept - (this.#failed - failedBefore);
    this.#written = written;
  }

  #replace(answer: Answer): void {
    const { verdicts, first, end } = answer;
    this.#measure(answer);
    this.#made.reserve(this.#batch.buffer);
    this.#counts.bytesOut += this.#made.moved;
    const next = this.#begin();
    const present = this.#batch.columns;
    let written = this.#written;
    for (let i = first; i < end; i++) {
      const code = verdicts[i] as number;
      if ((code & verdictMask) === verdict.failed) {
        this.#failRecord(answer, i);
        continue;
      }
      if ((code & verdictMask) === verdict.dropped) {
        this.#dropped++;
        continue;
      }
      if (this.#tooLarge.size > 0 && this.#tooLarge.has(i)) {
        this.fail(i, "module.record", this.#tooLarge.get(i) as string);
        continue;
      }
      const index = written++;
      // Present and next columns may be the same arrays, so a record's own positions are noted before they are overwritten.
      const valueAt = present.values[i * 2] as number;
      const valueEnd = valueAt + (present.values[i * 2 + 1] as number);
      const keyAt = present.keys === undefined ? 0 : (present.keys[i * 2] as number);
      (next.origins as Uint32Array)[index] =
        present.origins === undefined ? i : (present.origins[i] as number);
      next.values[index * 2] = present.values[i * 2] as number;
      next.values[index * 2 + 1] = present.values[i * 2 + 1] as number;
      copyOptionalColumns(present, i, next, index);
      if ((code & verdictMask) === verdict.kept) {
        this.#kept++;
        continue;
      }
      this.#replaced++;
      if ((code & change.value) !== 0) {
        this.#place(answer.values, next.values, i, index, valueAt, keyAt);
        this.#watchLines(next.values, index, valueAt, valueEnd);
      }
      if ((code & change.key) !== 0)
        this.#place(answer.keys, next.keys as Uint32Array, i, index, valueAt, keyAt);
      if ((code & change.headers) !== 0) {
        this.#place(answer.headers, next.headers as Uint32Array, i, index, valueAt, keyAt);
      }
      if ((code & change.timestamp) !== 0) {
        (next.timestamps as Uint32Array)[index * 2] = answer.timestamps[i * 2] as number;
        (next.timestamps as Uint32Array)[index * 2 + 1] = answer.timestamps[i * 2 + 1] as number;
      }
    }
    this.#made.end();
    this.#written = written;
  }

  /** Writes where the new span of record `i` lies in the batch. */
  #place(from: Uint32Array, to: Uint32Array, i: number, index: number, valueAt: number, keyAt: number): void {
    const at = from[i * 2] as number;
    const length = from[i * 2 + 1] as number;
    to[index * 2 + 1] = length;
    if (length === absent || length === 0) {
      to[index * 2] = 0;
      return;
    }
    const own = ownPosition(this.#sent, i, at, length, valueAt, keyAt);
    to[index * 2] = own >= 0 ? own : this.#made.place(at, length);
  }

  /** A value that points into the frame, but not into its old self, may reach over the end of a line. */
  #watchLines(values: Uint32Array, index: number, valueAt: number, valueEnd: number): void {
    const batch = this.#batch;
    const at = values[index * 2] as number;
    const length = values[index * 2 + 1] as number;
    if (length === 0 || at >= batch.singleLineEnd) return;
    if (at < valueAt || at + length > valueEnd) batch.forgetSingleLine();
  }

  /** Checks every span of replaced records, makes the columns they need, and counts the bytes that the module made. */
  #measure(answer: Answer): void {
    const { verdicts, first, end, memory } = answer;
    this.#made.begin(memory);
    this.#checkedBytes = this.#outputBytes;
    this.#tooLarge.clear();
    const { recordOutputBytesMax, batchOutputBytesMax } = this.#limits;
    let seen = 0;
    let recordBytes = 0;
    const check = (column: Uint32Array, i: number, what: string): void => {
      const at = column[i * 2] as number;
      const length = column[i * 2 + 1] as number;
      if (at + length > memory.length) {
        throw this.#nonsense(
          i,
          `has a ${what} of ${length} bytes at ${at}, outside of the module's ${memory.length} bytes of memory`,
        );
      }
      recordBytes += length;
    };
    const count = (column: Uint32Array, i: number): void => {
      const at = column[i * 2] as number;
      const length = column[i * 2 + 1] as number;
      if (length > 0 && ownPosition(this.#sent, i, at, length, 0, 0) < 0) this.#made.count(at, length);
    };
    for (let i = first; i < end; i++) {
      const code = verdicts[i] as number;
      if ((code & verdictMask) !== verdict.replaced) continue;
      seen |= code;
      recordBytes = 0;
      const hasKey = (code & change.key) !== 0 && answer.keys[i * 2 + 1] !== absent;
      if ((code & change.value) !== 0) check(answer.values, i, "value");
      if (hasKey) check(answer.keys, i, "key");
      if ((code & change.headers) !== 0) {
        check(answer.headers, i, "header block");
        if (!isHeaderBlock(memory, answer.headers[i * 2] as number, answer.headers[i * 2 + 1] as number)) {
          throw this.#nonsense(i, "has a broken header block");
        }
      }
      if (recordBytes > recordOutputBytesMax) {
        this.#tooLarge.set(i, tooMuchOutput(recordBytes, recordOutputBytesMax));
        continue;
      }
      if (this.#checkedBytes + recordBytes > batchOutputBytesMax) {
        this.#tooLarge.set(i, tooMuchOfBatch(recordBytes, batchOutputBytesMax));
        continue;
      }
      this.#checkedBytes += recordBytes;
      if ((code & change.value) !== 0) count(answer.values, i);
      if (hasKey) count(answer.keys, i);
      if ((code & change.headers) !== 0) count(answer.headers, i);
    }
    this.#outputBytes = this.#checkedBytes;
    if ((seen & change.key) !== 0) this.#batch.addKeys();
    if ((seen & change.timestamp) !== 0) this.#batch.addTimestamps();
    if ((seen & change.headers) !== 0) this.#batch.addHeaders();
  }

  /** From the first record on that is not what it was, records are written to columns of their own. */
  #begin(): Columns {
    if (this.#next !== undefined) return this.#next;
    const next = this.#batch.scratch();
    copyRecords(this.#batch.columns, 0, this.#written, next, 0);
    this.#next = next;
    return next;
  }

  #failRecord(answer: Answer, i: number): void {
    const { values, memory } = answer;
    const text = errorTextOf(memory, values[i * 2] as number, values[i * 2 + 1] as number);
    this.fail(i, "module.record", text || "the module gave no reason");
  }

  #nonsense(i: number, what: string): MillraceError {
    this.#refused = i;
    return nonsense(this.#module, i, what);
  }
}

function bit(code: number): number {
  return 1 << code;
}
