import { errorTextOf } from "../../../error-text.ts";
import type { WireReader } from "./reader.ts";

/*
 * What `look_back` hands over when a user's function refused a record, with the status -99 (Fluvio: LookbackOutput)
 *
 *   | hint: length u16, UTF-8 bytes | offset i64 | key: 00, or 01 and then as a value | value: length varint, bytes |
 */

export interface LookBackRefusal {
  readonly hint: string;
  /** Of the record that was refused. */
  readonly offset: number;
}

/** @throws MillraceError `module.answer` */
export function readLookBackRefusal(reader: WireReader, memory: Uint8Array): LookBackRefusal {
  const length = reader.text();
  const hint = errorTextOf(memory, reader.at - length, length);
  const offset = reader.i64();
  if (reader.option()) reader.data();
  reader.data();
  return { hint, offset };
}
