import type { ErrorCode } from "../../../errors.ts";
import type { Batch } from "../../../record/index.ts";
import { absent } from "../../../record/index.ts";
import type { AnsweringModule } from "../../answer/answer-reader.ts";
import { MadeRecords } from "../../answer/made-records.ts";
import { errorTextOf } from "../../error-text.ts";
import type { TransformCounts } from "../contract.ts";
import { type Answers, noReason } from "./answers.ts";
import { readError, readRecordCount } from "./wire/output.ts";
import type { OutputColumns } from "./wire/output-columns.ts";
import type { WireReader } from "./wire/reader.ts";
import type { RecordEncoder } from "./wire/record.ts";
import type { RuntimeError } from "./wire/runtime-error.ts";

/** Where bytes are in the memory that is read. */
interface Span {
  readonly at: number;
  readonly length: number;
}

/**
 * Takes what stands behind the records and the error of an output, and the last value that is made, where one is.
 * @throws MillraceError `module.answer`, and nothing of the output is taken then
 */
export type TakeRest = (reader: WireReader, lastValue: Span | undefined) => void;

/** What an output says of the records that were sent. */
interface Read {
  /** Index after the last one that something is said of, but for the one that failed. */
  readonly done: number;
  readonly error: RuntimeError | undefined;
  /** Where the records that were made end. */
  readonly recordsEnd: number;
}

/**
 * Takes the outputs of what makes at most one record of each. Maps and aggregates answer record by record; what a filter-map
 * has made is told by its offset delta.
 */
export class ChangedAnswers implements Answers {
  readonly #batch: Batch;
  readonly #made: MadeRecords;
  readonly #drops: boolean;
  readonly #columns: OutputColumns;
  readonly #takeRest: TakeRest | undefined;

  /**
   * @param drops whether it may make nothing of a record
   * @param takeRest of an aggregate
   */
  constructor(
    batch: Batch,
    module: AnsweringModule,
    counts: TransformCounts,
    drops: boolean,
    columns: OutputColumns,
    takeRest?: TakeRest,
  ) {
    this.#batch = batch;
    this.#made = new MadeRecords(batch, module, counts, false);
    this.#drops = drops;
    this.#columns = columns;
    this.#takeRest = takeRest;
    columns.clear();
  }

  take(reader: WireReader, first: number, sent: RecordEncoder): number {
    const columns = this.#columns;
    const made = this.#made;
    const { memory, at, left } = reader;
    // What does not fit into the batch in one piece stays where it is, and those of its records that do are moved one by one.
    const isWhole = made.fits(left);
    const position = isWhole ? made.move(memory, at, left) : at;
    if (isWhole) reader.begin(this.#batch.bytes, position, left);
    let read: Read;
    try {
      read = this.#read(reader, first, sent, isWhole);
    } catch (error) {
      if (isWhole) made.moveBack(position);
      throw error;
    }
    const { done, error, recordsEnd } = read;
    const dropped = done - first - columns.count;
    if (isWhole) made.moveBack(recordsEnd);
    if (!isWhole || left > made.recordBytesMax) this.#failTooLarge(isWhole ? undefined : memory);
    made.take(columns, columns.count, dropped);
    if (error === undefined) return done;
    const text = errorTextOf(reader.memory, error.hintAt, error.hintLength);
    this.fail(done, "module.record", text || noReason);
    return done + 1;
  }

  /** Reads an output and checks all that it says. @throws MillraceError `module.answer` */
  #read(reader: WireReader, first: number, sent: RecordEncoder, isMoved: boolean): Read {
    const columns = this.#columns;
    const { end } = sent;
    const count = readRecordCount(reader);
    if (count > end - first) throw reader.broken(`${count} records are made of ${end - first}`);
    columns.clear();
    columns.read(reader, count, isMoved ? this.#batch.buffer : undefined);
    const recordsEnd = reader.at;
    const behind = this.#drops ? this.#match(reader, first, sent) : this.#number(first);
    const error = readError(reader);
    let done = end;
    if (error !== undefined) {
      done = this.#drops ? sent.indexOf(behind, error.offset - sent.baseOffset) : behind;
      if (done < 0 || done === end) throw reader.broken("it names an error, and no record that has it");
    } else if (!this.#drops && behind < end) {
      throw reader.broken(`${count} records are made of ${end - first}, and nothing is said of the others`);
    }
    this.#takeRest?.(reader, this.#lastValue);
    return { done, error, recordsEnd };
  }

  get #lastValue(): Span | undefined {
    const { count, values } = this.#columns;
    if (count === 0) return undefined;
    return { at: values[count * 2 - 2] as number, length: values[count * 2 - 1] as number };
  }

  /**
   * Leaves out what is larger than what may be made of one record, or of the batch.
   * @param memory where the records are, when they have not been moved yet
   */
  #failTooLarge(memory: Uint8Array | undefined): void {
    const columns = this.#columns;
    const made = this.#made;
    let kept = 0;
    for (let k = 0; k < columns.count; k++) {
      const byteCount = columns.bytesFrom(k, k + 1);
      let tooMuch = made.tooMuch(1, byteCount);
      if (memory !== undefined && !made.fits(byteCount)) tooMuch ??= made.tooMuchOfBatch(byteCount);
      if (tooMuch !== undefined) {
        this.fail(columns.sources[k] as number, "module.record", tooMuch);
        continue;
      }
      if (memory !== undefined) this.#moveOne(memory, k);
      columns.move(k, kept++);
    }
    columns.count = kept;
  }

  #moveOne(memory: Uint8Array, k: number): void {
    const { values, keys } = this.#columns;
    for (const spans of [values, keys]) {
      const length = spans[k * 2 + 1] as number;
      if (length !== absent) spans[k * 2] = this.#made.move(memory, spans[k * 2] as number, length);
    }
  }

  fail(index: number, code: ErrorCode, message: string): void {
    this.#made.fail(index, code, message);
  }

  finish(): void {
    this.#made.finish();
  }

  /** Says that each was made of the record at its place, and gives the index after the last one. */
  #number(first: number): number {
    const { count, sources } = this.#columns;
    for (let k = 0; k < count; k++) sources[k] = first + k;
    return first + count;
  }

  /** Finds what each was made of, and gives the index after the last one. */
  #match(reader: WireReader, first: number, sent: RecordEncoder): number {
    const { count, sources, deltas } = this.#columns;
    let next = first;
    for (let k = 0; k < count; k++) {
      const i = sent.indexOf(next, deltas[k] as number);
      if (i < 0) {
        throw reader.broken(`record ${k} has the offset delta ${deltas[k]}, which is none that comes next`);
      }
      sources[k] = i;
      next = i + 1;
    }
    return next;
  }
}
