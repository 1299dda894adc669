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
 * and for an aggregate (SmartModuleAggregateInput) behind it | length u32 | accumulator |. The first modules, of July 2021, get
 * nothing but
 *
 *   | count u32 | records |
 */

const headBytes = 16;
const countBytes = 4;

/** Told to the first modules, which listen to no version. */
export const recordsAlone = 0;

/** A form of the input: the version that a module is told, and what it expects around the records. */
export type InputVersion = 22 | 19 | 15 | typeof recordsAlone;

/** What stands around the records, but for the accumulator; the same for all inputs of an instance. */
export class InputTail {
  readonly #bytes: Uint8Array;
  readonly #hasTimestamp: boolean;
  /** Bytes ahead of the records. */
  readonly headBytes: number;

  /** @param parameters in the form of the version */
  constructor(version: InputVersion, parameters: Uint8Array) {
    this.#hasTimestamp = version >= 22;
    this.headBytes = version === recordsAlone ? countBytes : headBytes;
    const known = version === recordsAlone ? new Uint8Array(0) : parameters;
    const rightRecord = version >= 16 ? 4 : 0;
    this.#bytes = new Uint8Array(known.length + rightRecord + (this.#hasTimestamp ? 8 : 0));
    this.#bytes.set(known);
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
  const accumulatorBytes = accumulator === undefined ? 0 : 4 + accumulator.length;
  return tail.headBytes + records.byteCount + tail.length + accumulatorBytes;
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
  const recordsAt = at + tail.headBytes;
  if (tail.headBytes === headBytes) {
    writeI64(target, at, records.baseOffset);
    writeU32(target, at + 8, countBytes + records.byteCount);
  }
  writeU32(target, recordsAt - countBytes, records.end - first);
  records.write(batch, target, recordsAt);
  const tailAt = recordsAt + records.byteCount;
  tail.write(target, tailAt, records.baseTimestamp);
  if (accumulator !== undefined) writeAccumulator(target, tailAt + tail.length, accumulator);
}

/** An input without records. */
export function emptyInput(tail: InputTail, baseTimestamp: number, accumulator?: Uint8Array): Uint8Array {
  const accumulatorBytes = accumulator === undefined ? 0 : 4 + accumulator.length;
  const bytes = new Uint8Array(headBytes + tail.length + accumulatorBytes);
  writeU32(bytes, 8, countBytes);
  tail.write(bytes, headBytes, baseTimestamp);
  if (accumulator !== undefined) writeAccumulator(bytes, headBytes + tail.length, accumulator);
  return bytes;
}

function writeAccumulator(target: Uint8Array, at: number, accumulator: Uint8Array): void {
  writeU32(target, at, accumulator.length);
  target.set(accumulator, at + 4);
}
