/*
 * Bytes without regard to capital and small letters, as far as these are ASCII: all other bytes stand for themselves, so that UTF-8 stays
 * whole. Sixteen bytes at a time; up to 15 bytes after each end are read too, without influence on the result.
 */

import { recordArena } from "../memory/arena";

/** Sixteen bytes with small letters in place of capital ones. */
// @ts-ignore: decorator
@inline
export function lower16(bytes: v128): v128 {
  const isCapital = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x41)), i8x16.splat(26));
  return v128.or(bytes, v128.and(isCapital, i8x16.splat(0x20)));
}

// @ts-ignore: decorator
@inline
function upper16(bytes: v128): v128 {
  const isSmall = i8x16.lt_u(i8x16.sub(bytes, i8x16.splat(0x61)), i8x16.splat(26));
  return v128.xor(bytes, v128.and(isSmall, i8x16.splat(0x20)));
}

/** Writes bytes with small letters; up to 15 bytes more are overwritten. */
export function lowerBytes(at: usize, length: usize, to: usize): void {
  for (const end = at + length; at < end; at += 16) {
    v128.store(to, lower16(v128.load(at)));
    to += 16;
  }
}

/** Address of a copy with small letters, good until the record in hand is complete. */
export function lowerCopy(at: usize, length: usize): usize {
  const to = recordArena.take(length);
  lowerBytes(at, length, to);
  return to;
}

/** Address of a copy with capital letters, good until the record in hand is complete. */
export function upperCopy(at: usize, length: usize): usize {
  const start = recordArena.take(length);
  let to = start;
  for (const end = at + length; at < end; at += 16) {
    v128.store(to, upper16(v128.load(at)));
    to += 16;
  }
  return start;
}

/** Whether two pieces of the same length are equal but for capital and small letters. */
export function sameIgnoringCase(one: usize, other: usize, length: usize): boolean {
  const end = one + length;
  while (one + 16 <= end) {
    if (v128.any_true(v128.xor(lower16(v128.load(one)), lower16(v128.load(other))))) return false;
    one += 16;
    other += 16;
  }
  const same = <u32>i8x16.bitmask(i8x16.eq(lower16(v128.load(one)), lower16(v128.load(other))));
  const wanted = (<u32>1 << <u32>(end - one)) - 1;
  return (same & wanted) == wanted;
}

/** Address of the first occurrence of a piece in another, or 0. */
export function findIgnoringCase(at: usize, length: usize, wanted: usize, wantedLength: usize): usize {
  if (wantedLength == 0) return at;
  if (wantedLength > length) return 0;
  const first = lower16(i8x16.splat(load<i8>(wanted)));
  const last = lower16(i8x16.splat(load<i8>(wanted + wantedLength - 1)));
  const end = at + length - wantedLength + 1;
  for (; at < end; at += 16) {
    const isFirst = i8x16.eq(lower16(v128.load(at)), first);
    const isLast = i8x16.eq(lower16(v128.load(at + wantedLength - 1)), last);
    let fits = <u32>i8x16.bitmask(v128.and(isFirst, isLast));
    while (fits != 0) {
      const place = at + <usize>ctz(fits);
      if (place >= end) return 0;
      if (sameIgnoringCase(place, wanted, wantedLength)) return place;
      fits &= fits - 1;
    }
  }
  return 0;
}
