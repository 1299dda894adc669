import type { WireReader } from "./reader.ts";
import { recordBytesMin } from "./record.ts";
import { type RuntimeError, readRuntimeError } from "./runtime-error.ts";

/*
 * What a transform hands over (Fluvio: SmartModuleOutput)
 *
 *   | count u32 | records, up to the one that failed | error: 00, or 01 and then what it says |
 *
 * and for an aggregate (SmartModuleAggregateOutput) behind it | length u32 | accumulator |, but for the modules of 2021: there
 * the value of the last record is the accumulator. The first modules, of July 2021, say nothing behind the records.
 */

/** How many records follow. @throws MillraceError `module.answer` when they cannot be there */
export function readRecordCount(reader: WireReader): number {
  const count = reader.u32();
  if (count * recordBytesMin > reader.left) {
    throw reader.broken(`${count} records are said to be in ${reader.left} bytes`);
  }
  return count;
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
