/*
 * The varint: a signed number whose sign is the lowest bit (0, -1, 1, -2 … are 0, 1, 2, 3 …), in groups of seven bits, the
 * lowest group first; the highest bit of a byte says that another follows.
 *
 *      0 -> 00      -1 -> 01      1 -> 02      63 -> 7e      64 -> 80 01      300 -> d8 04      2147483647 -> fe ff ff ff 0f
 *
 * Fluvio's encoder is right for numbers of 32 bits only, so no others are written here, and none are taken.
 */

/** The largest number that is written. */
export const int32Max = 2 ** 31 - 1;

/** The number without its sign, as it is written. */
function zigZag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

export function unZigZag(coded: number): number {
  return (coded >>> 1) ^ -(coded & 1);
}

/** Bytes of a number of 32 bits. */
export function varintBytes(value: number): number {
  const coded = zigZag(value);
  if (coded < 0x80) return 1;
  if (coded < 0x4000) return 2;
  if (coded < 0x20_0000) return 3;
  return coded < 0x1000_0000 ? 4 : 5;
}

/** Returns where the next one goes. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let next = at;
  let coded = zigZag(value);
  while (coded > 0x7f) {
    bytes[next++] = coded | 0x80;
    coded >>>= 7;
  }
  bytes[next++] = coded;
  return next;
}
