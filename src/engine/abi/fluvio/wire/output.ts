import { absent } from "../../../../record/index.ts";
import type { WireReader } from "./reader.ts";
import { recordBytesMin } from "./record.ts";
import { type RuntimeError, readRuntimeError } from "./runtime-error.ts";
import { unZigZag } from "./varint.ts";

/*
 * What a transform hands over (Fluvio: SmartModuleOutput)
 *
 *   | count u32 | records, up to the one that failed | error: 00, or 01 and then what it says |
 *
 * and for an aggregate (SmartModuleAggregateOutput) behind it | length u32 | accumulator |, but for the modules of 2021: there
 * the value of the last record is the accumulator.
 */

/** The record that was read last: positions in the module's memory. */
export class OutputRecord {
  offsetDelta = 0;
  keyAt = 0;
  /** `absent`: it has no key. */
  keyLength: number = absent;
  valueAt = 0;
  valueLength = 0;
}

/** How many records follow. @throws MillraceError `module.answer` when they cannot be there */
export function readRecordCount(reader: WireReader): number {
  const count = reader.u32();
  if (count * recordBytesMin > reader.left) {
    throw reader.broken(`${count} records are said to be in ${reader.left} bytes`);
  }
  return count;
}

/** @throws MillraceError `module.answer` */
export function readRecord(reader: WireReader, record: OutputRecord): void {
  const next = readUsualRecord(reader.memory, reader.at, reader.end, record);
  if (next < 0) readAnyRecord(reader, record);
  else reader.at = next;
}

/**
 * Reads a record whose numbers are no longer than they usually are, which nearly all are, and gives the position behind it;
 * or -1 for any other record, and for whatever is wrong. All that it looks at lies ahead of that position, or does not count.
 */
function readUsualRecord(bytes: Uint8Array, at: number, end: number, record: OutputRecord): number {
  let next = at;
  let coded = bytes[next++] as number;
  if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[next++] as number) << 7);
  const recordEnd = next + (coded >>> 1);
  if (coded > 0x3fff || (coded & 1) !== 0 || recordEnd > end) return -1;
  next++;
  let group = bytes[next++] as number;
  if (group > 0x7f) group = bytes[next++] as number;
  if (group > 0x7f) group = bytes[next++] as number;
  if (group > 0x7f) return -1;
  coded = bytes[next++] as number;
  if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[next++] as number) << 7);
  if (coded > 0x3fff) return -1;
  const delta = unZigZag(coded);
  const hasKey = bytes[next++] as number;
  let keyLength = 0;
  let keyAt = 0;
  if (hasKey === 1) {
    coded = bytes[next++] as number;
    if (coded > 0x7f || (coded & 1) !== 0) return -1;
    keyAt = next;
    keyLength = coded >>> 1;
    next += keyLength;
  }
  coded = bytes[next++] as number;
  if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[next++] as number) << 7);
  if (coded > 0x3fff || (coded & 1) !== 0 || hasKey > 1) return -1;
  const valueAt = next;
  const valueLength = coded >>> 1;
  next += valueLength;
  // Header count and end: a number that ended elsewhere would have led somewhere else.
  if (next + 1 !== recordEnd || (bytes[next] as number) > 0x7f) return -1;
  record.offsetDelta = delta;
  record.keyAt = keyAt;
  record.keyLength = hasKey === 1 ? keyLength : absent;
  record.valueAt = valueAt;
  record.valueLength = valueLength;
  return recordEnd;
}

function readAnyRecord(reader: WireReader, record: OutputRecord): void {
  const length = reader.varint();
  const end = reader.at + length;
  reader.u8();
  reader.varint();
  record.offsetDelta = reader.varint();
  record.keyLength = reader.option() ? reader.data() : absent;
  record.keyAt = record.keyLength === absent ? 0 : reader.at - record.keyLength;
  record.valueLength = reader.data();
  record.valueAt = reader.at - record.valueLength;
  reader.varint();
  if (reader.at !== end) throw reader.broken(`a record is not as long as it says, ${length} bytes`);
}

/** What stands behind the records. @throws MillraceError `module.answer` */
export function readError(reader: WireReader): RuntimeError | undefined {
  return reader.option() ? readRuntimeError(reader) : undefined;
}

/** The accumulator as a span in the module's memory, or undefined where the output ends. @throws MillraceError `module.answer` */
export function readAccumulator(
  reader: WireReader,
): { readonly at: number; readonly length: number } | undefined {
  if (reader.left === 0) return undefined;
  const length = reader.bytes();
  return { at: reader.at - length, length };
}
