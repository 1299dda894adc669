import type { WireReader } from "./reader.ts";

/*
 * What an error of a user's function says (Fluvio: TransformRuntimeError)
 *
 *   | hint | offset i64 | kind u8 | key | value |
 *
 *   hint     length u16, UTF-8 bytes: the error's text, and the texts of its causes
 *   offset   of the record that failed: base offset of the input and offset delta of the record
 *   key      00: none, or 01 and then as a value
 *   value    length varint, bytes; key and value are those that the record had when it came in
 */

export interface RuntimeError {
  /** The hint, in the module's memory. */
  readonly hintAt: number;
  readonly hintLength: number;
  readonly offset: number;
}

/** @throws MillraceError `module.answer` */
export function readRuntimeError(reader: WireReader): RuntimeError {
  const hintLength = reader.text();
  const hintAt = reader.at - hintLength;
  const offset = reader.i64();
  reader.u8();
  if (reader.option()) reader.data();
  reader.data();
  return { hintAt, hintLength, offset };
}
