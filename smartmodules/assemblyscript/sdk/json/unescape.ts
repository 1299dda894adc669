import { recordArena } from "../memory/arena";
import { sameBytes } from "../text/bytes";
import { hexDigit } from "./tokens";

const replacement: u32 = 0xfffd;

/**
 * Writes what the inside of a JSON string stands for, as UTF-8, and returns its length, which is never more than that of the string. The
 * string must have been checked. Half a surrogate pair becomes a replacement character.
 */
export function unescape(at: usize, end: usize, to: usize): usize {
  const start = to;
  while (at < end) {
    const byte: u32 = load<u8>(at++);
    if (byte != 0x5c) {
      store<u8>(to++, byte);
      continue;
    }
    const escape: u32 = load<u8>(at++);
    if (escape != 0x75) {
      store<u8>(to++, meaningOf(escape));
      continue;
    }
    let point = hexUnit(at);
    at += 4;
    if ((point & 0xf800) == 0xd800) {
      const isPair = point < 0xdc00 && at + 6 <= end && load<u16>(at) == 0x755c && (hexUnit(at + 2) & 0xfc00) == 0xdc00;
      if (isPair) {
        point = 0x10000 + ((point & 0x3ff) << 10) + (hexUnit(at + 2) & 0x3ff);
        at += 6;
      } else point = replacement;
    }
    to = encodePoint(point, to);
  }
  return to - start;
}

function meaningOf(escape: u32): u32 {
  switch (escape) {
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    case 0x6e:
      return 0x0a;
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    default:
      return escape;
  }
}

function hexUnit(at: usize): u32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < 4; i++) value = (value << 4) | hexDigit(load<u8>(at + i));
  return value;
}

/** Writes a code point as UTF-8 and returns the address after it. */
function encodePoint(point: u32, to: usize): usize {
  if (point < 0x80) {
    store<u8>(to, point);
    return to + 1;
  }
  if (point < 0x800) {
    store<u8>(to, 0xc0 | (point >> 6));
    store<u8>(to + 1, 0x80 | (point & 0x3f));
    return to + 2;
  }
  if (point < 0x10000) {
    store<u8>(to, 0xe0 | (point >> 12));
    store<u8>(to + 1, 0x80 | ((point >> 6) & 0x3f));
    store<u8>(to + 2, 0x80 | (point & 0x3f));
    return to + 3;
  }
  store<u8>(to, 0xf0 | (point >> 18));
  store<u8>(to + 1, 0x80 | ((point >> 12) & 0x3f));
  store<u8>(to + 2, 0x80 | ((point >> 6) & 0x3f));
  store<u8>(to + 3, 0x80 | (point & 0x3f));
  return to + 4;
}

/** Whether the inside of a JSON string, which may have escapes, stands for the given bytes. */
export function equalsEscaped(at: usize, end: usize, other: usize, length: usize): boolean {
  const decoded = recordArena.take(end - at);
  return unescape(at, end, decoded) == length && sameBytes(decoded, other, length);
}
