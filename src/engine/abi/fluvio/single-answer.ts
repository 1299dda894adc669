import { absent, type Batch } from "../../../record/index.ts";
import { type Answer, change, verdict } from "../../answer/answer.ts";
import type { TransformKind } from "../contract.ts";
import { OutputRecord, readError, readRecord, readRecordCount } from "./wire/output.ts";
import type { WireReader } from "./wire/reader.ts";
import type { RecordEncoder } from "./wire/record.ts";

/**
 * Reads what a module hands over that makes at most one record of each, into the columns of an answer. Maps and aggregates
 * answer record by record; what a filter or a filter-map has kept is told by its offset delta.
 */
export class SingleAnswer {
  readonly #kind: TransformKind;
  readonly #isOneToOne: boolean;
  readonly #record = new OutputRecord();
  readonly #unused = new Uint32Array(0);
  /** Records in the output that was read last. */
  #count = 0;
  #verdicts: Uint8Array = new Uint8Array(0);
  #values: Uint32Array = new Uint32Array(0);
  #keys: Uint32Array = new Uint32Array(0);

  constructor(kind: Exclude<TransformKind, "array-map">) {
    this.#kind = kind;
    this.#isOneToOne = kind === "map" || kind === "aggregate";
  }

  /** The last value of the output that was read last, in the module's memory; undefined where it had none. */
  get lastValue(): { readonly at: number; readonly length: number } | undefined {
    if (this.#count === 0) return undefined;
    return { at: this.#record.valueAt, length: this.#record.valueLength };
  }

  /**
   * The answer for the records from `first` on that the encoder has sent.
   * @throws MillraceError `module.answer`
   */
  read(reader: WireReader, memory: Uint8Array, batch: Batch, first: number, sent: RecordEncoder): Answer {
    const { end } = sent;
    this.#makeRoom(batch.count);
    const count = readRecordCount(reader);
    if (count > end - first) throw reader.broken(`${count} records are made of ${end - first}`);
    this.#count = count;
    const behind = this.#records(reader, batch, first, sent, count);
    const error = readError(reader);
    let done = end;
    if (error !== undefined) {
      const failed = this.#isOneToOne ? behind : sent.indexOf(behind, error.offset - sent.baseOffset);
      if (failed < 0 || failed === end) throw reader.broken("it names an error, and no record that has it");
      this.#verdicts[failed] = verdict.failed;
      this.#values[failed * 2] = error.hintAt;
      this.#values[failed * 2 + 1] = error.hintLength;
      done = failed + 1;
    } else if (this.#isOneToOne && behind < end) {
      throw reader.broken(`${count} records are made of ${end - first}, and nothing is said of the others`);
    }
    return {
      first,
      end: done,
      verdicts: this.#verdicts,
      values: this.#values,
      keys: this.#keys,
      timestamps: this.#unused,
      headers: this.#unused,
      memory,
    };
  }

  /** Reads the records, and gives the index after the last one that they were made of. */
  #records(reader: WireReader, batch: Batch, first: number, sent: RecordEncoder, count: number): number {
    const verdicts = this.#verdicts;
    const values = this.#values;
    const keys = this.#keys;
    const record = this.#record;
    const isFilter = this.#kind === "filter";
    const isOneToOne = this.#isOneToOne;
    const hasKeys = batch.columns.keys !== undefined;
    verdicts.fill(verdict.dropped, first, sent.end);
    let next = first;
    for (let k = 0; k < count; k++) {
      readRecord(reader, record);
      const i = isOneToOne ? next : sent.indexOf(next, record.offsetDelta);
      if (i < 0) {
        throw reader.broken(
          `record ${k} has the offset delta ${record.offsetDelta}, which is none that comes next`,
        );
      }
      if (isFilter) {
        if (!isSameSize(batch, i, record))
          throw reader.broken(`record ${k} was changed, which a filter cannot do`);
        verdicts[i] = verdict.kept;
      } else {
        const isKeySet = hasKeys || record.keyLength !== absent;
        verdicts[i] = verdict.replaced | change.value | (isKeySet ? change.key : 0);
        values[i * 2] = record.valueAt;
        values[i * 2 + 1] = record.valueLength;
        keys[i * 2] = record.keyAt;
        keys[i * 2 + 1] = record.keyLength;
      }
      next = i + 1;
    }
    return next;
  }

  #makeRoom(recordCount: number): void {
    if (recordCount <= this.#verdicts.length) return;
    this.#verdicts = new Uint8Array(recordCount);
    this.#values = new Uint32Array(recordCount * 2);
    this.#keys = new Uint32Array(recordCount * 2);
  }
}

function isSameSize({ columns }: Batch, i: number, { keyLength, valueLength }: OutputRecord): boolean {
  const ownKeyLength = columns.keys === undefined ? absent : (columns.keys[i * 2 + 1] as number);
  return columns.values[i * 2 + 1] === valueLength && ownKeyLength === keyLength;
}
