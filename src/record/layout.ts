/*
 * The frame: one batch of records in one contiguous, position-independent buffer.
 * Little-endian, 8-byte aligned, at most `frameBytesMax`. Every position counts bytes from the frame's start.
 *
 *        +0              +4              +8              +12
 *   0  | magic "MRF1"  | frameBytes    | recordCount   | checksum      |
 *  16  | valuesAt      | keysAt        | timestampsAt  | offsetsAt     |
 *  32  | headersAt     | bytesAt       | bytesLength   | traits        |
 *  48  | baseOffset, signed 64-bit     | baseTimestamp, signed 64-bit  |
 *  64  | columns and bytes, in any order, each column at a multiple of 8
 *
 *   values      recordCount x { at u32, length u32 }    always there
 *   keys        recordCount x { at u32, length u32 }    length 0xFFFFFFFF: this record has no key
 *   timestamps  recordCount x signed 64-bit, ms         column absent: all records have baseTimestamp
 *   offsets     recordCount x signed 64-bit             column absent: record i has baseOffset + i
 *   headers     recordCount x { at u32, length u32 }    length 0: none; else a header block
 *   bytes       what the spans point to; every span lies inside [bytesAt, bytesAt + bytesLength), and the spans of one column
 *               follow one another without overlap, so that no column stands for more bytes than there are
 *
 *   header block   count u32, then count x { nameLength u32, valueLength u32, name, value }, unaligned
 *
 * Traits: bit 0, no value holds a line feed. An optional column is absent when its position is 0. A base or a
 * timestamp of -1 means "none". A checksum of 0 means "not computed"; otherwise it is the CRC-32 of the frame with
 * this field as 0. Bytes between the parts are 0. 64-bit numbers are read as two 32-bit halves.
 */

/** "MRF1" read as a little-endian u32. */
export const magic = 0x3146524d;
export const headerBytes = 64;
export const spanBytes = 8;
/** Length of a key span that says "no key". */
export const absent = 0xffffffff;
/** A base offset or base timestamp that says "none". */
export const none = -1;

/** Trait: no value holds a line feed, so that values can be written as lines without looking into them. */
export const singleLineTrait = 1;

/** Positions of the header's fields, counted in 32-bit words. */
export const word = {
  magic: 0,
  frameBytes: 1,
  recordCount: 2,
  checksum: 3,
  valuesAt: 4,
  keysAt: 5,
  timestampsAt: 6,
  offsetsAt: 7,
  headersAt: 8,
  bytesAt: 9,
  bytesLength: 10,
  traits: 11,
  baseOffset: 12,
  baseTimestamp: 14,
} as const;

const two32 = 4294967296;
const two63 = 2 ** 63;

/** Reads a signed 64-bit number as two halves; exact up to 2^53. */
export function readInt64(words: Uint32Array, at: number): number {
  return ((words[at + 1] as number) | 0) * two32 + (words[at] as number);
}

/**
 * Writes a signed 64-bit number as two halves; exact up to 2^53. A fraction is cut off downwards. The largest number reads
 * as 2^63, so that is written as the largest number again, and not as the smallest.
 */
export function writeInt64(words: Uint32Array, at: number, value: number): void {
  if (value >= two63) {
    words[at] = 0xffffffff;
    words[at + 1] = 0x7fffffff;
    return;
  }
  const whole = Math.floor(value);
  words[at] = whole % two32;
  words[at + 1] = Math.floor(whole / two32);
}
