import { crc32 } from "node:zlib";
import { MillraceError } from "../errors.ts";
import {
  type Batch,
  encodeBatch,
  encodedBytesMax,
  Frame,
  type FrameBuffer,
  none,
  openFrame,
  readInt64,
  spanBytes,
  word,
  writeInt64,
} from "../record/index.ts";

/**
 * The stored form of a frame: the frame as it is, without an offsets column, with the offset of its first record as
 * its base offset, the time of the append as its base timestamp where nothing else says one, and the checksum over
 * all of it.
 */

/**
 * Writes the batch's records in play into `buffer` as one frame that still lacks its stamp.
 * @returns the frame's bytes; valid until the buffer is used for something else
 * @throws MillraceError `frame.too-large`
 */
export function encodeFrame(batch: Batch, buffer: FrameBuffer): Uint8Array {
  const options = { offsets: false };
  buffer.reset();
  const at = buffer.reserve(encodedBytesMax(batch, options));
  const byteCount = encodeBatch(batch, { bytes: buffer.bytes, words: buffer.words, at }, options);
  // A batch that no step touched is moved whole, with the offsets that its source gave it.
  buffer.words[word.offsetsAt] = 0;
  return buffer.bytes.subarray(0, byteCount);
}

/** What a frame is given when it is appended. */
export interface Stamp {
  readonly offset: number;
  /** Milliseconds since 1970, for a frame that says nothing about time. */
  readonly timestamp: number;
}

/** Stamps a frame at the start of `words`. May be done again with another stamp. */
export function stampFrame(bytes: Uint8Array, words: Uint32Array, { offset, timestamp }: Stamp): void {
  writeInt64(words, word.baseOffset, offset);
  if (words[word.timestampsAt] === 0 && readInt64(words, word.baseTimestamp) === none) {
    writeInt64(words, word.baseTimestamp, timestamp);
  }
  words[word.checksum] = 0;
  words[word.checksum] = crc32(bytes);
}

/** Where a stored frame lies, as the store's own books say. */
export interface StoredPlace {
  readonly topic: string;
  /** Offset of the frame's first record. */
  readonly first: number;
  /** Offset that the topic's next record will have. */
  readonly next: number;
  /** Finds where the frame after this one begins. Asked only where something is wrong with this one. */
  following(): number;
}

/**
 * Views the stored frame at the start of `buffer`, after checking all of it.
 * @throws MillraceError `topic.corrupt`
 */
export function openStoredFrame(buffer: FrameBuffer, place: StoredPlace): Frame {
  const bytes = buffer.bytes.subarray(0, buffer.used);
  const { words } = buffer;
  const checksum = words[word.checksum] as number;
  words[word.checksum] = 0;
  const isIntact = crc32(bytes) === checksum;
  words[word.checksum] = checksum;
  if (!isIntact) throw corruptFrame(place, "does not match its checksum");
  const frame = openChecked(bytes, place);
  // A whole frame in the wrong place has a right checksum.
  if (frame.baseOffset !== place.first || place.first + frame.recordCount > place.next) {
    throw corruptFrame(place, `is one of ${frame.recordCount} records from offset ${frame.baseOffset}`);
  }
  return frame;
}

function openChecked(bytes: Uint8Array, place: StoredPlace): Frame {
  try {
    return openFrame(bytes);
  } catch (error) {
    throw corruptFrame(place, "is not a frame", error);
  }
}

function corruptFrame(
  { topic, first, following }: StoredPlace,
  what: string,
  cause?: unknown,
): MillraceError {
  const next = following();
  return new MillraceError(
    "topic.corrupt",
    `what is stored for the records ${first} to ${next - 1} ${what}`,
    {
      where: { topic, offset: first },
      hint: `the disk or another program changed it: restore a copy of the topic, or go on from offset ${next} without them`,
      cause,
    },
  );
}

/**
 * Leaves the first `count` records out of the frame at the start of `buffer`. No bytes move: the columns begin later.
 * The checksum goes, since it was one of the whole frame.
 */
export function cutFrame(buffer: FrameBuffer, frame: Frame, count: number): Frame {
  if (count === 0) return frame;
  const { words } = buffer;
  words[word.recordCount] = frame.recordCount - count;
  for (const name of ["valuesAt", "keysAt", "timestampsAt", "headersAt"] as const) {
    const at = words[word[name]] as number;
    if (at !== 0) words[word[name]] = at + count * spanBytes;
  }
  writeInt64(words, word.baseOffset, frame.baseOffset + count);
  words[word.checksum] = 0;
  return new Frame(frame.bytes);
}
