import type { ErrorCode } from "../../../errors.ts";
import type { Batch } from "../../../record/index.ts";
import type { AnsweringModule } from "../../answer/answer-reader.ts";
import { MadeRecords } from "../../answer/made-records.ts";
import { errorTextOf } from "../../error-text.ts";
import type { TransformCounts } from "../contract.ts";
import { type Answers, noReason } from "./answers.ts";
import { readError, readRecordCount } from "./wire/output.ts";
import type { OutputColumns } from "./wire/output-columns.ts";
import type { WireReader } from "./wire/reader.ts";
import type { RecordEncoder } from "./wire/record.ts";

/**
 * Takes the outputs of what makes at most one record of each. Maps and aggregates answer record by record; what a filter-map
 * has made is told by its offset delta.
 */
export class ChangedAnswers implements Answers {
  readonly #batch: Batch;
  readonly #made: MadeRecords;
  readonly #drops: boolean;
  readonly #columns: OutputColumns;

  /** @param drops whether it may make nothing of a record */
  constructor(
    batch: Batch,
    module: AnsweringModule,
    counts: TransformCounts,
    drops: boolean,
    columns: OutputColumns,
  ) {
    this.#batch = batch;
    this.#made = new MadeRecords(batch, module, counts, false);
    this.#drops = drops;
    this.#columns = columns;
    columns.clear();
  }

  /** The last value of the output that was read last, in the batch's memory; undefined where it had none. */
  get lastValue(): { readonly at: number; readonly length: number } | undefined {
    const { count, values } = this.#columns;
    if (count === 0) return undefined;
    return { at: values[count * 2 - 2] as number, length: values[count * 2 - 1] as number };
  }

  take(reader: WireReader, first: number, sent: RecordEncoder): number {
    const columns = this.#columns;
    const { end } = sent;
    const { at, left } = reader;
    const position = this.#made.move(reader.memory, at, left);
    reader.begin(this.#batch.bytes, position, left);
    const count = readRecordCount(reader);
    if (count > end - first) throw reader.broken(`${count} records are made of ${end - first}`);
    columns.clear();
    columns.read(reader, count, this.#batch.buffer);
    // What is behind the records is read, and of no use then.
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
    this.#made.moveBack(recordsEnd);
    const dropped = done - first - count;
    if (left > this.#made.recordBytesMax) this.#failTooLarge(columns);
    this.#made.take(columns, columns.count, dropped);
    if (error === undefined) return done;
    const text = errorTextOf(reader.memory, error.hintAt, error.hintLength);
    this.fail(done, "module.record", text || noReason);
    return done + 1;
  }

  /** Leaves out what is larger than what may be made of one record. */
  #failTooLarge(columns: OutputColumns): void {
    let kept = 0;
    for (let k = 0; k < columns.count; k++) {
      const tooMuch = this.#made.tooMuch(1, columns.bytesFrom(k, k + 1));
      if (tooMuch === undefined) columns.move(k, kept++);
      else this.fail(columns.sources[k] as number, "module.record", tooMuch);
    }
    columns.count = kept;
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
