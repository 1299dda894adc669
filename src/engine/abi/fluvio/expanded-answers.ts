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
import type { RuntimeError } from "./wire/runtime-error.ts";

/**
 * Takes the outputs of an array-map, each of which is for one record: what it hands over says nothing of where it comes from
 * (its offset deltas are 0), so each record goes in alone. They are put together, and taken at the end of the batch.
 */
export class ExpandedAnswers implements Answers {
  readonly #batch: Batch;
  readonly #made: MadeRecords;
  readonly #columns: OutputColumns;
  #expanded = 0;
  #dropped = 0;

  constructor(batch: Batch, module: AnsweringModule, counts: TransformCounts, columns: OutputColumns) {
    this.#batch = batch;
    this.#made = new MadeRecords(batch, module, counts, true);
    this.#columns = columns;
    columns.clear();
  }

  take(reader: WireReader, first: number): number {
    const columns = this.#columns;
    const before = columns.count;
    const count = readRecordCount(reader);
    const room = this.#made.room - before;
    if (count > room) {
      this.fail(first, "module.record", `what it is expanded to does not fit into ${room} records`);
      return first + 1;
    }
    const { at, left } = reader;
    if (!this.#made.fits(left)) {
      this.fail(first, "module.record", this.#made.tooMuchOfBatch(left));
      return first + 1;
    }
    // Read where they are, and moved then: what was just moved would have to be waited for.
    let length: number;
    let error: RuntimeError | undefined;
    try {
      columns.read(reader, count);
      length = reader.at - at;
      error = readError(reader);
    } catch (broken) {
      columns.count = before;
      throw broken;
    }
    const tooMuch = this.#made.tooMuch(count, columns.bytesFrom(before, columns.count));
    if (error === undefined && tooMuch === undefined) {
      const position = this.#made.place(length);
      reader.moveTo(this.#batch.buffer, position, at, length);
      columns.place(before, position - at, first);
      if (count > 0) this.#expanded++;
      else this.#dropped++;
      return first + 1;
    }
    columns.count = before;
    const text = error && (errorTextOf(reader.memory, error.hintAt, error.hintLength) || noReason);
    this.fail(first, "module.record", text ?? (tooMuch as string));
    return first + 1;
  }

  fail(index: number, code: ErrorCode, message: string): void {
    this.#made.fail(index, code, message);
  }

  finish(): void {
    this.#made.take(this.#columns, this.#expanded, this.#dropped);
    this.#made.finish();
  }
}
