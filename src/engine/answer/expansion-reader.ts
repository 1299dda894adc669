import type { ErrorCode, MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { absent, type Batch, type Columns, copyOptionalColumns, isHeaderBlock } from "../../record/index.ts";
import type { TransformCounts } from "../abi/contract.ts";
import { errorTextOf } from "../error-text.ts";
import type { GuestLimits } from "../guest-limits.ts";
import { change, type Expansion, verdict, verdictMask } from "./answer.ts";
import type { AnsweringModule } from "./answer-reader.ts";
import { MadeBytes } from "./made-bytes.ts";
import { nonsense } from "./nonsense.ts";
import { tooMuchOfBatch, tooMuchOutput, tooMuchRecords } from "./output-limits.ts";
import { ownPosition, type SentFrame } from "./sent-frame.ts";

/**
 * Takes an array-map's answers for one batch, in order, and turns them into the batch's next records, which may be more
 * than it had. Everything in an answer is hostile until it was checked here: verdicts, the sources of what was emitted,
 * addresses, lengths, and the sum of lengths before a byte is moved.
 */
export class ExpansionReader {
  readonly #batch: Batch;
  readonly #module: string;
  readonly #sent: SentFrame;
  readonly #counts: TransformCounts;
  readonly #made: MadeBytes = new MadeBytes();
  readonly #limits: GuestLimits;
  /** Records of the answer in hand of which more is made than may be, with what is said about it. */
  readonly #tooMuch = new Map<number, string>();
  #refused = 0;
  #next: Columns | undefined;
  #written = 0;
  #outputBytes = 0;
  /** As `#outputBytes`, with what is being checked. */
  #checkedBytes = 0;
  // Counted here first, so that a batch whose end was never reached counts for nothing.
  #expanded = 0;
  #dropped = 0;
  #failed = 0;

  constructor(
    batch: Batch,
    { name, limits: own }: AnsweringModule,
    sent: SentFrame,
    counts: TransformCounts,
  ) {
    this.#batch = batch;
    this.#module = name;
    this.#limits = own;
    this.#sent = sent;
    this.#counts = counts;
  }

  /** Records that may still be made of this batch. */
  get room(): number {
    return limits.expandedRecordsMax.default - this.#written;
  }

  /**
   * @throws MillraceError `module.answer` naming the record and what is wrong about its answer, of which nothing is taken then
   */
  take(answer: Expansion): void {
    if (answer.end === answer.first) {
      if (answer.emitted > 0)
        throw this.#nonsense(answer.first, "is not finished, but something was emitted");
      return;
    }
    this.#measure(answer);
    this.#made.reserve(this.#batch.buffer);
    this.#counts.bytesOut += this.#made.moved;
    const next = this.#batch.expansion(this.#next, this.#written, this.#written + answer.emitted);
    this.#next = next;
    const { verdicts, sources, first, end } = answer;
    const { origins } = this.#batch.columns;
    let e = 0;
    for (let i = first; i < end; i++) {
      const code = (verdicts[i] as number) & verdictMask;
      if (code === verdict.dropped) this.#dropped++;
      else if (code === verdict.failed) this.#failRecord(answer, i, e++);
      else if (this.#tooMuch.size > 0 && this.#tooMuch.has(i)) {
        this.fail(i, "module.record", this.#tooMuch.get(i) as string);
        while (e < answer.emitted && sources[e] === i) e++;
      } else {
        this.#expanded++;
        const origin = origins === undefined ? i : (origins[i] as number);
        for (; e < answer.emitted && sources[e] === i; e++) this.#write(answer, i, e, origin, next);
      }
    }
    this.#made.end();
  }

  /** Index of the record that the last answer was refused for. */
  get refused(): number {
    return this.#refused;
  }

  /** What there was, in an answer that was refused, of the records ahead of the one that it was refused for. */
  ahead(answer: Expansion): Expansion {
    const { emitted, sources } = answer;
    // Up to there they are in order, or it would have been refused for an earlier one.
    let count = 0;
    while (count < emitted && (sources[count] as number) < this.#refused) count++;
    return { ...answer, end: this.#refused, emitted: count };
  }

  /** Fails a record that no answer speaks of. */
  fail(index: number, code: ErrorCode, message: string): void {
    this.#batch.fail({ origin: this.#batch.originOf(index), by: this.#module, code, message });
    this.#failed++;
  }

  /** All records have their verdict: the written ones are in play from now on. */
  finish(): void {
    this.#batch.adopt(this.#next ?? this.#batch.expansion(undefined, 0, 0), this.#written);
    this.#counts.expanded += this.#expanded;
    this.#counts.emitted += this.#written;
    this.#counts.dropped += this.#dropped;
    this.#counts.failed += this.#failed;
  }

  #write(answer: Expansion, i: number, e: number, origin: number, next: Columns): void {
    const present = this.#batch.columns;
    const index = this.#written++;
    const valueAt = present.values[i * 2] as number;
    const valueEnd = valueAt + (present.values[i * 2 + 1] as number);
    const keyAt = present.keys === undefined ? 0 : (present.keys[i * 2] as number);
    const code = answer.changes[e] as number;
    (next.origins as Uint32Array)[index] = origin;
    copyOptionalColumns(present, i, next, index);
    this.#place(answer.values, next.values, i, e, index, valueAt, keyAt);
    this.#watchLines(next.values, index, valueAt, valueEnd);
    if ((code & change.key) !== 0) {
      this.#place(answer.keys, next.keys as Uint32Array, i, e, index, valueAt, keyAt);
    }
    if ((code & change.headers) !== 0) {
      this.#place(answer.headers, next.headers as Uint32Array, i, e, index, valueAt, keyAt);
    }
    if ((code & change.timestamp) !== 0) {
      (next.timestamps as Uint32Array)[index * 2] = answer.timestamps[e * 2] as number;
      (next.timestamps as Uint32Array)[index * 2 + 1] = answer.timestamps[e * 2 + 1] as number;
    }
  }

  /** Writes where span `e` of the answer, made of record `i`, lies in the batch. */
  #place(
    from: Uint32Array,
    to: Uint32Array,
    i: number,
    e: number,
    index: number,
    valueAt: number,
    keyAt: number,
  ): void {
    const at = from[e * 2] as number;
    const length = from[e * 2 + 1] as number;
    to[index * 2 + 1] = length;
    if (length === absent || length === 0) {
      to[index * 2] = 0;
      return;
    }
    const own = ownPosition(this.#sent, i, at, length, valueAt, keyAt);
    to[index * 2] = own >= 0 ? own : this.#made.place(at, length);
  }

  /** A value that points into the frame, but not into its source's, may reach over the end of a line. */
  #watchLines(values: Uint32Array, index: number, valueAt: number, valueEnd: number): void {
    const at = values[index * 2] as number;
    const length = values[index * 2 + 1] as number;
    if (length === 0 || at >= this.#batch.singleLineEnd) return;
    if (at < valueAt || at + length > valueEnd) this.#batch.forgetSingleLine();
  }

  /** Checks verdicts, sources and spans, makes the columns that are needed, and counts the bytes that the module made. */
  #measure(answer: Expansion): void {
    const { verdicts, sources, changes, first, end, emitted, memory } = answer;
    this.#made.begin(memory);
    this.#checkedBytes = this.#outputBytes;
    this.#tooMuch.clear();
    let e = 0;
    let seen = 0;
    for (let i = first; i < end; i++) {
      const code = (verdicts[i] as number) & verdictMask;
      const from = e;
      while (e < emitted && sources[e] === i) e++;
      const own = e - from;
      if (code === verdict.expanded) {
        if (own === 0) throw this.#nonsense(i, "is said to be expanded, but nothing was emitted for it");
        let byteCount = 0;
        for (let k = from; k < e; k++) {
          seen |= changes[k] as number;
          byteCount += this.#check(answer, i, k);
        }
        if (this.#isWithin(i, own, byteCount)) for (let k = from; k < e; k++) this.#count(answer, i, k);
      } else if (code === verdict.failed) {
        if (own !== 1)
          throw this.#nonsense(i, `has failed with ${own} entries instead of one, its error text`);
      } else if (code !== verdict.dropped) {
        throw this.#nonsense(i, `has the verdict ${code}, which an array-map cannot give`);
      } else if (own > 0) {
        throw this.#nonsense(i, `was dropped, but ${own} records were emitted for it`);
      }
    }
    if (e < emitted) {
      throw this.#nonsense(
        first,
        `begins a call whose emitted record ${e} names the source ${sources[e]}, out of order`,
      );
    }
    this.#outputBytes = this.#checkedBytes;
    if ((seen & change.key) !== 0) this.#batch.addKeys();
    if ((seen & change.timestamp) !== 0) this.#batch.addTimestamps();
    if ((seen & change.headers) !== 0) this.#batch.addHeaders();
  }

  /** Checks what was emitted at `e`, and gives its bytes. */
  #check(answer: Expansion, i: number, e: number): number {
    const code = answer.changes[e] as number;
    if ((code & change.value) === 0) throw this.#nonsense(i, "has an emitted record without a value");
    let byteCount = this.#checkSpan(answer, answer.values, i, e, "value");
    if ((code & change.key) !== 0 && answer.keys[e * 2 + 1] !== absent) {
      byteCount += this.#checkSpan(answer, answer.keys, i, e, "key");
    }
    if ((code & change.headers) !== 0) {
      byteCount += this.#checkSpan(answer, answer.headers, i, e, "header block");
      if (
        !isHeaderBlock(answer.memory, answer.headers[e * 2] as number, answer.headers[e * 2 + 1] as number)
      ) {
        throw this.#nonsense(i, "has a broken header block");
      }
    }
    return byteCount;
  }

  #checkSpan({ memory }: Expansion, column: Uint32Array, i: number, e: number, what: string): number {
    const at = column[e * 2] as number;
    const length = column[e * 2 + 1] as number;
    if (at + length > memory.length) {
      throw this.#nonsense(
        i,
        `has a ${what} of ${length} bytes at ${at}, outside of the module's ${memory.length} bytes of memory`,
      );
    }
    return length;
  }

  /** Tells whether what is made of record `i` is no more than it may be, by itself and beside that of the others. */
  #isWithin(i: number, recordCount: number, byteCount: number): boolean {
    const { recordOutputBytesMax, recordExpansionMax, batchOutputBytesMax } = this.#limits;
    if (recordCount > recordExpansionMax)
      this.#tooMuch.set(i, tooMuchRecords(recordCount, recordExpansionMax));
    else if (byteCount > recordOutputBytesMax) {
      this.#tooMuch.set(i, tooMuchOutput(byteCount, recordOutputBytesMax));
    } else if (this.#checkedBytes + byteCount > batchOutputBytesMax) {
      this.#tooMuch.set(i, tooMuchOfBatch(byteCount, batchOutputBytesMax));
    } else {
      this.#checkedBytes += byteCount;
      return true;
    }
    return false;
  }

  /** Counts the bytes that the module made for what was emitted at `e`. */
  #count(answer: Expansion, i: number, e: number): void {
    const code = answer.changes[e] as number;
    this.#countSpan(answer.values, i, e);
    if ((code & change.key) !== 0 && answer.keys[e * 2 + 1] !== absent) this.#countSpan(answer.keys, i, e);
    if ((code & change.headers) !== 0) this.#countSpan(answer.headers, i, e);
  }

  #countSpan(column: Uint32Array, i: number, e: number): void {
    const at = column[e * 2] as number;
    const length = column[e * 2 + 1] as number;
    if (length > 0 && ownPosition(this.#sent, i, at, length, 0, 0) < 0) this.#made.count(at, length);
  }

  #failRecord({ values, memory }: Expansion, i: number, e: number): void {
    const text = errorTextOf(memory, values[e * 2] as number, values[e * 2 + 1] as number);
    this.fail(i, "module.record", text || "the module gave no reason");
  }

  #nonsense(i: number, what: string): MillraceError {
    this.#refused = i;
    return nonsense(this.#module, i, what);
  }
}
