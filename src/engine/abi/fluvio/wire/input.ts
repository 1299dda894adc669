import type { Batch } from "../../../../record/index.ts";
import { writeI64, writeU32 } from "./big-endian.ts";
import type { RecordEncoder } from "./record.ts";

/*
 * The input of a transform and of `look_back` (Fluvio: SmartModuleInput)
 *
 *   | base offset i64 | length u32 | count u32 | records | parameters | length u32, right record | base timestamp i64 |
 *                                  |<---- length bytes ->|
 *
 *   parameters       up to version 22
 *   right record     of a join, from version 16 to 22; always empty here
 *   base timestamp   from version 22 on; ms
 *
 * and for an aggregate (SmartModuleAggregateInput) behind it | length u32 | accumulator |.
 */

const headBytes = 16;

/** A form of the input: the version that a module is told, and what it expects behind the records. */
export type InputVersion = 22 | 19 | 15;

/** What stands behind the records, but for the accumulator; the same for all inputs of an instance. */
export class InputTail {
  readonly #bytes: Uint8Array;
  readonly #hasTimestamp: boolean;

  /** @param parameters in the form of the version */
  constructor(version: InputVersion, parameters: Uint8Array) {
    this.#hasTimestamp = version >= 22;
    const rightRecord = version >= 16 ? 4 : 0;
    this.#bytes = new Uint8Array(parameters.length + rightRecord + (this.#hasTimestamp ? 8 : 0));
    this.#bytes.set(parameters);
  }

  get length(): number {
    return this.#bytes.length;
  }

  write(target: Uint8Array, at: number, baseTimestamp: number): void {
    if (this.#hasTimestamp) writeI64(this.#bytes, this.#bytes.length - 8, baseTimestamp);
    target.set(this.#bytes, at);
  }
}

/** Size of the input with the records that the encoder has measured. */
export function inputBytes(
  records: RecordEncoder,
  tail: InputTail,
  accumulator: Uint8Array | undefined,
): number {
  return (
    headBytes + records.byteCount + tail.length + (accumulator === undefined ? 0 : 4 + accumulator.length)
  );
}

/** Writes the input with the records that the encoder has measured. */
export function writeInput(
  batch: Batch,
  first: number,
  records: RecordEncoder,
  tail: InputTail,
  accumulator: Uint8Array | undefined,
  target: Uint8Array,
  at: number,
): void {
  writeI64(target, at, records.baseOffset);
  writeU32(target, at + 8, 4 + records.byteCount);
  writeU32(target, at + 12, records.end - first);
  records.write(batch, target, at + headBytes);
  const tailAt = at + headBytes + records.byteCount;
  tail.write(target, tailAt, records.baseTimestamp);
  if (accumulator !== undefined) writeAccumulator(target, tailAt + tail.length, accumulator);
}

/** An input without records, as an aggregate gets it. */
export function emptyInput(tail: InputTail, baseTimestamp: number, accumulator: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headBytes + tail.length + 4 + accumulator.length);
  writeU32(bytes, 8, 4);
  tail.write(bytes, headBytes, baseTimestamp);
  writeAccumulator(bytes, headBytes + tail.length, accumulator);
  return bytes;
}

function writeAccumulator(target: Uint8Array, at: number, accumulator: Uint8Array): void {
  writeU32(target, at, accumulator.length);
  target.set(accumulator, at + 4);
}
