import type { ErrorCode } from "../../../errors.ts";
import { absent, type Batch } from "../../../record/index.ts";
import { type AnsweringModule, AnswerReader } from "../../answer/answer-reader.ts";
import type { SentFrame } from "../../answer/sent-frame.ts";
import { errorTextOf } from "../../error-text.ts";
import type { TransformCounts } from "../contract.ts";
import { type Answers, noReason } from "./answers.ts";
import { readError, readRecordCount } from "./wire/output.ts";
import { OutputColumns } from "./wire/output-columns.ts";
import type { WireReader } from "./wire/reader.ts";
import type { RecordEncoder } from "./wire/record.ts";
import { unZigZag } from "./wire/varint.ts";

/** Nothing that a module hands over points into what it was sent: it takes the input over, and frees it. */
const nothingSent: SentFrame = { at: 0, bytes: 0, whole: true, values: new Uint32Array(0), keys: undefined };

/** Bits of a length in two bytes that say that it is negative, or goes on. */
const notUsual = 0x4001;

/** Columns that are used for one batch after another. */
export class KeptColumns {
  readonly records = new OutputColumns();
  /** Indexes of the records that were kept. */
  kept: Uint32Array = new Uint32Array(0);

  makeRoom(recordCount: number): void {
    if (recordCount > this.kept.length) this.kept = new Uint32Array(recordCount);
  }
}

/**
 * Takes the outputs of a filter: what it has kept is told by its offset delta, and is the host's own, so that no byte of it
 * comes back.
 */
export class KeptAnswers implements Answers {
  readonly #batch: Batch;
  readonly #reader: AnswerReader;
  readonly #columns: KeptColumns;
  readonly #tellsErrors: boolean;

  /** @param tellsErrors whether its outputs say behind the records what became of the next one */
  constructor(
    batch: Batch,
    module: AnsweringModule,
    counts: TransformCounts,
    columns: KeptColumns,
    tellsErrors: boolean,
  ) {
    this.#batch = batch;
    this.#tellsErrors = tellsErrors;
    this.#reader = new AnswerReader(batch, "filter", module, nothingSent, counts);
    this.#columns = columns;
    columns.makeRoom(batch.count);
  }

  take(reader: WireReader, first: number, sent: RecordEncoder): number {
    const { end } = sent;
    const count = readRecordCount(reader);
    if (count > end - first) throw reader.broken(`${count} records are made of ${end - first}`);
    const behind = this.#keep(reader, first, sent, count);
    const error = this.#tellsErrors ? readError(reader) : undefined;
    const done = error === undefined ? end : sent.indexOf(behind, error.offset - sent.baseOffset);
    if (done < 0) throw reader.broken("it names an error, and no record that has it");
    this.#reader.keep(this.#columns.kept, count, first, done);
    if (error === undefined) return done;
    const text = errorTextOf(reader.memory, error.hintAt, error.hintLength);
    this.fail(done, "module.record", text || noReason);
    return done + 1;
  }

  fail(index: number, code: ErrorCode, message: string): void {
    this.#reader.fail(index, code, message);
  }

  finish(): void {
    this.#reader.finish();
  }

  /**
   * Reads what was kept, and gives the index after the last one. A record whose numbers are no longer than they usually are is
   * read here, in one go; what is looked at behind the end of the output does not count then. Most records of a batch are about
   * as long as the one before: a processor can guess so where the next one begins, and need not wait for this one's bytes.
   */
  #keep(reader: WireReader, first: number, sent: RecordEncoder, count: number): number {
    const { memory: bytes, end } = reader;
    const { values, keys } = this.#batch.columns;
    const { kept } = this.#columns;
    let next = first;
    let begin = reader.at;
    let size = 0;
    for (let k = 0; k < count; k++) {
      let at = begin;
      let coded = bytes[at++] as number;
      if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[at++] as number) << 7);
      const recordEnd = at + (coded >>> 1);
      let isUsual = (coded & notUsual) === 0 && recordEnd <= end;
      let group = bytes[at + 1] as number;
      at += 2;
      if (group > 0x7f) group = bytes[at++] as number;
      if (group > 0x7f) group = bytes[at++] as number;
      isUsual &&= group <= 0x7f;
      coded = bytes[at++] as number;
      if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[at++] as number) << 7);
      const delta = unZigZag(coded);
      isUsual &&= coded <= 0x3fff;
      const mark = bytes[at++] as number;
      let keyLength: number = absent;
      if (mark !== 0) {
        coded = bytes[at++] as number;
        keyLength = coded >>> 1;
        at += keyLength;
        isUsual &&= mark === 1 && coded <= 0x7f && (coded & 1) === 0;
      }
      coded = bytes[at++] as number;
      if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[at++] as number) << 7);
      const valueLength = coded >>> 1;
      // Header count and end: a number that ended elsewhere would have led somewhere else.
      isUsual &&= (coded & notUsual) === 0 && at + valueLength + 1 === recordEnd;
      const i = sent.indexOf(next, delta);
      const ownKeyLength = keys === undefined ? absent : (keys[i * 2 + 1] as number);
      if (
        isUsual &&
        i >= 0 &&
        (bytes[recordEnd - 1] as number) <= 0x7f &&
        values[i * 2 + 1] === valueLength &&
        ownKeyLength === keyLength
      ) {
        kept[k] = i;
        next = i + 1;
        if (recordEnd - begin === size) begin += size;
        else {
          size = recordEnd - begin;
          begin = recordEnd;
        }
        continue;
      }
      reader.at = begin;
      next = this.#keepAny(reader, sent, next, k) + 1;
      begin = reader.at;
    }
    reader.at = begin;
    return next;
  }

  /** Gives the index of the record that was kept, from `next` on. */
  #keepAny(reader: WireReader, sent: RecordEncoder, next: number, k: number): number {
    const { values, keys } = this.#batch.columns;
    const { records, kept } = this.#columns;
    records.clear();
    records.read(reader, 1);
    const delta = records.deltas[0] as number;
    const i = sent.indexOf(next, delta);
    if (i < 0)
      throw reader.broken(`record ${k} has the offset delta ${delta}, which is none that comes next`);
    const ownKeyLength = keys === undefined ? absent : (keys[i * 2 + 1] as number);
    if (values[i * 2 + 1] !== records.values[1] || ownKeyLength !== records.keys[1]) {
      throw reader.broken(`record ${k} was changed, which a filter cannot do`);
    }
    kept[k] = i;
    return i;
  }
}
