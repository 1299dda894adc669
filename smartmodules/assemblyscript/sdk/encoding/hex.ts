import { recordArena } from "../memory/arena";
import { hexDigit } from "../json/tokens";
import { Slice } from "../text/slice";

/** Bytes as hexadecimal digits, two for each. */
export class Hex {
  /** The digits, in small letters, good until your function returns. */
  encode(bytes: Slice): Slice {
    const to = recordArena.take((<usize>bytes.length << 1) + 32);
    encodeHex(bytes.at, bytes.length, to);
    return Slice.at(to, bytes.length << 1);
  }

  /** The bytes, good until your function returns; null when the text has anything but pairs of digits, of capital or small letters. */
  decode(text: Slice): Slice | null {
    const length = <usize>text.length;
    if ((length & 1) != 0) return null;
    const to = recordArena.take(length >> 1);
    for (let i: usize = 0; i < length; i += 2) {
      const high = hexDigit(load<u8>(text.at + i));
      const low = hexDigit(load<u8>(text.at + i, 1));
      if ((high | low) < 0) return null;
      store<u8>(to + (i >> 1), (high << 4) | low);
    }
    return Slice.at(to, <i32>(length >> 1));
  }
}

// @ts-ignore: decorator
@lazy
export const hex: Hex = new Hex();

/** Writes the digits of some bytes, sixteen bytes at a time; up to 30 bytes more are overwritten. */
export function encodeHex(at: usize, length: usize, to: usize): void {
  const digits = i8x16(0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66);
  for (const end = at + length; at < end; at += 16) {
    const bytes = v128.load(at);
    const high = i8x16.swizzle(digits, i8x16.shr_u(bytes, 4));
    const low = i8x16.swizzle(digits, v128.and(bytes, i8x16.splat(15)));
    v128.store(to, i8x16.shuffle(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    v128.store(to, i8x16.shuffle(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), 16);
    to += 32;
  }
}
