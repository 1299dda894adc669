/*
 * Bytes that a module makes: values, keys, error texts. They are written one after another into the output region, and one piece at a
 * time is open. When the region is full, the open piece moves to memory of the module's own and is finished there; the
 * record that it belongs to is complete all the same, and the call ends after it. So no record is ever worked on twice.
 */

import { copyBytes } from "../text/bytes";
import { bytesPerUnit, encodeText } from "../text/utf8";
import { callArena } from "./arena";

/** More than this is not made of one record, give or take some room that is asked for and not needed; the host takes no larger ones. */
export const recordOutputMax: usize = 16 << 20;

const spillBytesMin: usize = 64 << 10;

/** As much is kept beside the output region before the host is asked to take it. */
const besideBytesMax: usize = 1 << 20;

/** Where the next byte goes, and where the room for it ends. Whoever writes checks with `hasRoom` and moves `position` on. */
export let position: usize = 0;
let limit: usize = 0;
let openAt: usize = 0;
let isOpen: boolean = false;

/** Where the region's unused part starts, which is taken up again when a record that failed is forgotten. */
let regionPosition: usize = 0;

/** Bytes are no longer written to the region. */
let isSpilled: boolean = false;
let besideBytes: usize = 0;
/** The host must take the answer before the next record. */
export let isFull: boolean = false;
/** The record in hand made more than `recordOutputMax`. */
export let isOverflown: boolean = false;

/** Starts over with an empty region. */
export function openOutput(at: usize, bytes: usize): void {
  callArena.reset();
  regionPosition = at;
  position = at;
  limit = at + bytes;
  isOpen = false;
  isSpilled = false;
  besideBytes = 0;
  isFull = false;
  isOverflown = false;
}

/** Forgets what was made for the record in hand. */
export function forgetOutput(): void {
  if (!isSpilled) position = regionPosition;
  isOpen = false;
  isOverflown = false;
}

/** What was made for the record in hand stays. */
// @ts-ignore: decorator
@inline
export function keepOutput(): void {
  regionPosition = position;
}

export function openPiece(): void {
  openAt = position;
  isOpen = true;
}

/** Ends the open piece and returns its address; its length is `position` minus that. */
export function closePiece(): usize {
  isOpen = false;
  return openAt;
}

// @ts-ignore: decorator
@inline
export function advance(bytes: usize): void {
  position += bytes;
}

/** Whether that many bytes, and 15 more as slack, may be written at `position`. It is false only for a record that makes far too much. */
// @ts-ignore: decorator
@inline
export function hasRoom(bytes: usize): boolean {
  return position + bytes <= limit || spill(bytes);
}

function spill(bytes: usize): boolean {
  const used = isOpen ? position - openAt : 0;
  if (isOverflown || bytes > recordOutputMax || used + bytes > recordOutputMax) {
    isOverflown = true;
    return false;
  }
  const room = min(max((used + bytes) * 2, spillBytesMin), recordOutputMax);
  const at = callArena.take(room);
  memory.copy(at, openAt, used);
  isSpilled = true;
  isFull = true;
  openAt = at;
  position = at + used;
  limit = at + room;
  return true;
}

/** A copy of bytes that stays until the host has taken it; 0 when there is too much of it. */
export function copyOut(at: usize, length: usize): usize {
  const to = piece(length);
  if (to != 0) copyBytes(to, at, length);
  if (to != 0 && !isOpen) position += length;
  return to;
}

/** Number of bytes that `textOut` made last. */
export let textLength: u32 = 0;

/** A text's bytes, which stay until the host has taken them. */
export function textOut(text: string): usize {
  const to = piece(<usize>text.length * bytesPerUnit);
  textLength = to == 0 ? 0 : <u32>encodeText(text, to);
  if (!isOpen) position += textLength;
  return to;
}

/** Room for a closed piece: at `position`, or beside the region while a piece is open, which has to stay in one piece. */
function piece(bytes: usize): usize {
  if (!isOpen) return hasRoom(bytes) ? position : 0;
  if (bytes > recordOutputMax) {
    isOverflown = true;
    return 0;
  }
  besideBytes += bytes;
  if (besideBytes > besideBytesMax) isFull = true;
  return callArena.take(bytes);
}
