/*
 * Comparing and searching bytes, 16 at a time. Up to 15 bytes after each end are read too, without influence on the result.
 */

/** Whether two pieces of the same length are equal. */
export function sameBytes(one: usize, other: usize, length: usize): boolean {
  const end = one + length;
  while (one + 16 <= end) {
    if (v128.any_true(v128.xor(v128.load(one), v128.load(other)))) return false;
    one += 16;
    other += 16;
  }
  const same = <u32>i8x16.bitmask(i8x16.eq(v128.load(one), v128.load(other)));
  const wanted = (<u32>1 << <u32>(end - one)) - 1;
  return (same & wanted) == wanted;
}

/** Below 0, 0 or above 0, by the first byte that differs, then by length; for UTF-8 this is the order of code points. */
export function compareBytes(one: usize, oneLength: usize, other: usize, otherLength: usize): i32 {
  const order = memory.compare(one, other, min(oneLength, otherLength));
  return order != 0 ? order : <i32>oneLength - <i32>otherLength;
}

/** Address of the first occurrence of a piece in another, or 0. */
export function findBytes(at: usize, length: usize, wanted: usize, wantedLength: usize): usize {
  if (wantedLength == 0) return at;
  if (wantedLength > length) return 0;
  // Places where both the first and the last byte fit are few, and only those are looked at.
  const first = i8x16.splat(load<i8>(wanted));
  const last = i8x16.splat(load<i8>(wanted + wantedLength - 1));
  const end = at + length - wantedLength + 1;
  for (; at < end; at += 16) {
    let fits = <u32>(
      i8x16.bitmask(
        v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(at + wantedLength - 1), last)),
      )
    );
    while (fits != 0) {
      const place = at + <usize>ctz(fits);
      if (place >= end) return 0;
      if (sameBytes(place, wanted, wantedLength)) return place;
      fits &= fits - 1;
    }
  }
  return 0;
}

/** Address of the first occurrence of a byte, or 0. */
export function findByte(at: usize, length: usize, wanted: u32): usize {
  const all = i8x16.splat(<i8>wanted);
  for (const end = at + length; at < end; at += 16) {
    const fits = <u32>i8x16.bitmask(i8x16.eq(v128.load(at), all));
    if (fits != 0) {
      const place = at + <usize>ctz(fits);
      return place < end ? place : 0;
    }
  }
  return 0;
}

/**
 * Copies bytes, and up to 15 more than wanted: there must be room for those. Most pieces are short, and then a call would cost more than
 * the copy.
 */
// @ts-ignore: decorator
@inline
export function copyBytes(to: usize, from: usize, length: usize): void {
  v128.store(to, v128.load(from));
  if (length > 16) copyMore(to + 16, from + 16, length - 16);
}

function copyMore(to: usize, from: usize, length: usize): void {
  if (length > 256) {
    memory.copy(to, from, length);
    return;
  }
  const end = from + length;
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (from < end);
}

/** White space of ASCII: space, tab, line feed, vertical tab, form feed, carriage return. */
// @ts-ignore: decorator
@inline
export function isSpace(byte: u32): boolean {
  return byte == 0x20 || byte - 9 < 5;
}

/** The first byte that is no white space, at the end at the latest. */
export function spaceEnd(at: usize, end: usize): usize {
  while (at < end && isSpace(load<u8>(at))) at++;
  return at;
}

/** The address after the last byte that is no white space, at the start at the earliest. */
export function spaceStart(at: usize, end: usize): usize {
  while (end > at && isSpace(load<u8>(end - 1))) end--;
  return end;
}
