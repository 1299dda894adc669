import { limits } from "../../../limits.ts";
import {
  type Batch,
  bytesOfRecords,
  type EncodeOptions,
  encodeBatch,
  encodedBytesMax,
  word,
} from "../../../record/index.ts";
import type { SentFrame } from "../../answer/sent-frame.ts";
import type { TransformKind } from "../contract.ts";
import type { PackedGuest } from "./guest.ts";

export const keepOffsets = { offsets: true } as const;

/** Room for output that a part of a batch gets at the least; a filter gets no more, for the texts of its errors. */
const partOutputBytes = 4 * 1024;

/** Moves a batch's records in play into a guest as one frame, and notes where it is. */
export function moveIn(guest: PackedGuest, sent: SentFrame, batch: Batch): void {
  const room = move(guest, sent, batch, keepOffsets);
  guest.regions.reserve("output", Math.max(room, limits.batchBytes.default));
  sent.whole = batch.untouched;
  if (!batch.untouched) rememberSpans(guest.words, sent, 0, batch.count);
}

/** Makes the frame in a guest end at `end`. */
export function showOnly(guest: PackedGuest, sent: SentFrame, end: number): void {
  const header = sent.at / 4;
  guest.words[header + word.recordCount] = end;
  // "Not computed": the frame is another one than it was.
  guest.words[header + word.checksum] = 0;
}

/**
 * Moves the records from `first` up to `end` into a guest, which keep their places in the frame, and gives the next call the
 * fuel that they give. A new instance gets no more than it is to work on: fresh memory is what costs most about it.
 */
export function moveInPart(
  guest: PackedGuest,
  sent: SentFrame,
  batch: Batch,
  kind: TransformKind,
  first: number,
  end: number,
): void {
  const room = move(guest, sent, batch, { ...keepOffsets, from: first, end });
  guest.regions.reserve("output", kind === "filter" ? partOutputBytes : Math.max(room, partOutputBytes));
  sent.whole = false;
  // A filter's answer has no spans.
  if (kind !== "filter") rememberSpans(guest.words, sent, first, end);
  guest.beginBatch(end - first, bytesOfRecords(batch, first, end));
}

/** Gives the room that was made for the frame. */
function move(guest: PackedGuest, sent: SentFrame, batch: Batch, options: EncodeOptions): number {
  const room = encodedBytesMax(batch, options);
  const at = guest.regions.reserve("input", room);
  sent.bytes = encodeBatch(batch, { bytes: guest.bytes, words: guest.words, at }, options);
  sent.at = at;
  return room;
}

/** A gathered frame has other positions than the batch: they are noted before the guest could change them. */
function rememberSpans(words: Uint32Array, sent: SentFrame, from: number, end: number): void {
  const header = sent.at / 4;
  const keysAt = words[header + word.keysAt] as number;
  const column = (at: number): Uint32Array =>
    words.subarray((sent.at + at) / 4, (sent.at + at) / 4 + end * 2);
  sent.values = noted(sent.values, column(words[header + word.valuesAt] as number), from);
  sent.keys = keysAt === 0 ? undefined : noted(sent.keys, column(keysAt), from);
}

/** Copies spans from a record on to where others were noted before, if there is room. */
function noted(before: Uint32Array | undefined, spans: Uint32Array, from: number): Uint32Array {
  const noted =
    before !== undefined && before.length >= spans.length ? before : new Uint32Array(spans.length);
  noted.set(spans.subarray(from * 2), from * 2);
  return noted;
}
