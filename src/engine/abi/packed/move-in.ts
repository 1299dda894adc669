import { limits } from "../../../limits.ts";
import { type Batch, encodeBatch, encodedBytesMax, word } from "../../../record/index.ts";
import type { SentFrame } from "../../answer/sent-frame.ts";
import type { PackedGuest } from "./guest.ts";

export const keepOffsets = { offsets: true } as const;

/**
 * Moves a batch's records in play into a guest as one frame, and notes where it is.
 * @param from records before it are done with: they keep their places in the frame
 */
export function moveIn(guest: PackedGuest, sent: SentFrame, batch: Batch, from: number): void {
  const options = { ...keepOffsets, from };
  const room = encodedBytesMax(batch, options);
  const at = guest.inputRegion(room);
  guest.outputRegion(Math.max(room, limits.batchBytes.default));
  sent.bytes = encodeBatch(batch, { bytes: guest.bytes, words: guest.words, at }, options);
  sent.at = at;
  sent.whole = batch.untouched;
  if (!batch.untouched) rememberSpans(guest.words, sent, batch.count);
}

/** A gathered frame has other positions than the batch: they are noted before the guest could change them. */
function rememberSpans(words: Uint32Array, sent: SentFrame, recordCount: number): void {
  const copyOf = (column: number): Uint32Array =>
    words.slice((sent.at + column) / 4, (sent.at + column) / 4 + recordCount * 2);
  const keysAt = words[sent.at / 4 + word.keysAt] as number;
  sent.values = copyOf(words[sent.at / 4 + word.valuesAt] as number);
  sent.keys = keysAt === 0 ? undefined : copyOf(keysAt);
}

/** Makes the frame in a guest end at `end`. */
export function showOnly(guest: PackedGuest, sent: SentFrame, end: number): void {
  const header = sent.at / 4;
  guest.words[header + word.recordCount] = end;
  // "Not computed": the frame is another one than it was.
  guest.words[header + word.checksum] = 0;
}
