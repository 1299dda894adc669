import { absent } from "../../../record/index.ts";
import { change, type Expansion, verdict } from "../../answer/answer.ts";
import { OutputRecord, readError, readRecord, readRecordCount } from "./wire/output.ts";
import type { WireReader } from "./wire/reader.ts";

const roomMin = 64;

/**
 * Reads what an array-map hands over for one record, into the columns of an answer. Its records say nothing of where they
 * come from (their offset deltas are 0), so each record goes in alone.
 */
export class ExpandedAnswer {
  readonly #record = new OutputRecord();
  readonly #unused = new Uint32Array(0);
  #verdicts: Uint8Array = new Uint8Array(0);
  #values: Uint32Array = new Uint32Array(roomMin * 2);
  #keys: Uint32Array = new Uint32Array(roomMin * 2);
  #sources: Uint32Array = new Uint32Array(roomMin);
  #changes: Uint8Array = new Uint8Array(roomMin);

  /**
   * The answer for record `i` of a batch.
   * @param hasKeys whether the batch has keys, which a record without one does not inherit then
   * @param room records that may still be made of the batch
   * @returns undefined when there are more than that
   * @throws MillraceError `module.answer`
   */
  read(
    reader: WireReader,
    memory: Uint8Array,
    i: number,
    recordCount: number,
    hasKeys: boolean,
    room: number,
  ): Expansion | undefined {
    if (this.#verdicts.length < recordCount) this.#verdicts = new Uint8Array(recordCount);
    const count = readRecordCount(reader);
    if (count > room) return undefined;
    this.#makeRoom(count);
    const record = this.#record;
    for (let e = 0; e < count; e++) {
      readRecord(reader, record);
      this.#set(e, i, record.valueAt, record.valueLength);
      this.#keys[e * 2] = record.keyAt;
      this.#keys[e * 2 + 1] = record.keyLength;
      if (hasKeys || record.keyLength !== absent) this.#changes[e] = change.value | change.key;
    }
    const error = readError(reader);
    if (error !== undefined) this.#set(0, i, error.hintAt, error.hintLength);
    this.#verdicts[i] =
      error !== undefined ? verdict.failed : count === 0 ? verdict.dropped : verdict.expanded;
    return {
      first: i,
      end: i + 1,
      verdicts: this.#verdicts,
      values: this.#values,
      keys: this.#keys,
      timestamps: this.#unused,
      headers: this.#unused,
      memory,
      emitted: error === undefined ? count : 1,
      sources: this.#sources,
      changes: this.#changes,
    };
  }

  #set(e: number, i: number, at: number, length: number): void {
    this.#values[e * 2] = at;
    this.#values[e * 2 + 1] = length;
    this.#sources[e] = i;
    this.#changes[e] = change.value;
  }

  #makeRoom(count: number): void {
    if (count <= this.#sources.length) return;
    const room = count * 2;
    this.#values = new Uint32Array(room * 2);
    this.#keys = new Uint32Array(room * 2);
    this.#sources = new Uint32Array(room);
    this.#changes = new Uint8Array(room);
  }
}
