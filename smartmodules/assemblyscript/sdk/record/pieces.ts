/*
 * A value that is put together from pieces, straight in the output region, for modules that change little of a record and copy the rest. How long
 * it can become must be known before; everything is then copied once.
 */

import { advance, hasRoom, position } from "../memory/output";
import { copyBytes } from "../text/bytes";
import { Slice } from "../text/slice";

let startAt: usize = 0;
let endAt: usize = 0;
const slice: Slice = new Slice();

/** Begins a value of so many bytes at most. False when that is too much for one record, which then fails. */
export function beginPieces(bytesMax: usize): boolean {
  if (!hasRoom(bytesMax)) return false;
  startAt = position;
  endAt = position;
  return true;
}

// @ts-ignore: decorator
@inline
export function addPiece(at: usize, length: usize): void {
  copyBytes(endAt, at, length);
  endAt += length;
}

// @ts-ignore: decorator
@inline
export function addPieceByte(byte: u8): void {
  store<u8>(endAt++, byte);
}

/** The value, to be given to the record or emitted before anything else is made. */
export function endPieces(): Slice {
  advance(endAt - position);
  slice.set(startAt, <i32>(endAt - startAt));
  return slice;
}
