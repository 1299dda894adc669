import { recordArena } from "../memory/arena";
import { Slice } from "../text/slice";

const padding: u8 = 0x3d;

/** No byte of an alphabet. */
const none: u32 = 0xff;

/**
 * Bytes as letters, four for three bytes (RFC 4648): `base64` has the standard alphabet, with `+` and `/`, `base64Url` the one for URLs and
 * file names, with `-` and `_`, and writes no padding.
 */
export class Base64 {
  private letters: StaticArray<u8> = new StaticArray<u8>(64);
  private values: StaticArray<u8> = new StaticArray<u8>(256);
  private isPadded: boolean;

  constructor(isUrl: boolean, isPadded: boolean) {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + (isUrl ? "-_" : "+/");
    this.isPadded = isPadded;
    this.values.fill(<u8>none);
    for (let i = 0; i < 64; i++) {
      this.letters[i] = <u8>alphabet.charCodeAt(i);
      this.values[this.letters[i]] = <u8>i;
    }
  }

  /** The letters, good until your function returns. */
  encode(bytes: Slice): Slice {
    const to = recordArena.take((<usize>bytes.length / 3 + 1) * 4);
    return Slice.at(to, <i32>(this.encodeTo(bytes.at, bytes.length, to) - to));
  }

  /** Writes the letters of some bytes and returns the address after them. */
  encodeTo(at: usize, length: usize, to: usize): usize {
    const letters = changetype<usize>(this.letters);
    const end = at + length;
    for (; at + 3 <= end; at += 3) {
      // Up to one byte more is read than is there, without influence.
      const group = bswap<u32>(load<u32>(at)) >> 8;
      store<u8>(to, load<u8>(letters + (group >> 18)));
      store<u8>(to, load<u8>(letters + ((group >> 12) & 63)), 1);
      store<u8>(to, load<u8>(letters + ((group >> 6) & 63)), 2);
      store<u8>(to, load<u8>(letters + (group & 63)), 3);
      to += 4;
    }
    if (at == end) return to;
    const isPair = at + 1 < end;
    const group = (<u32>load<u8>(at) << 16) | (isPair ? <u32>load<u8>(at, 1) << 8 : 0);
    store<u8>(to, load<u8>(letters + (group >> 18)));
    store<u8>(to, load<u8>(letters + ((group >> 12) & 63)), 1);
    to += 2;
    if (isPair) store<u8>(to++, load<u8>(letters + ((group >> 6) & 63)));
    if (!this.isPadded) return to;
    store<u8>(to++, padding);
    if (!isPair) store<u8>(to++, padding);
    return to;
  }

  /**
   * The bytes, good until your function returns; null when the text is not what `encode` writes for any bytes, but for the padding, which
   * may be there or not. So no two texts of one form stand for the same bytes.
   */
  decode(text: Slice): Slice | null {
    const values = changetype<usize>(this.values);
    let end = text.at + text.length;
    if ((text.length & 3) == 0 && text.length > 0 && load<u8>(end - 1) == padding) end -= load<u8>(end - 2) == padding ? 2 : 1;
    const letters = end - text.at;
    const rest = letters & 3;
    if (rest == 1) return null;
    const start = recordArena.take((letters >> 2) * 3 + 4);
    let to = start;
    let seen: u32 = 0;
    let at = text.at;
    for (const whole = end - rest; at < whole; at += 4) {
      const one: u32 = load<u8>(values + load<u8>(at));
      const two: u32 = load<u8>(values + load<u8>(at, 1));
      const three: u32 = load<u8>(values + load<u8>(at, 2));
      const four: u32 = load<u8>(values + load<u8>(at, 3));
      seen |= one | two | three | four;
      store<u32>(to, bswap<u32>((one << 26) | (two << 20) | (three << 14) | (four << 8)));
      to += 3;
    }
    if (rest != 0) {
      const one: u32 = load<u8>(values + load<u8>(at));
      const two: u32 = load<u8>(values + load<u8>(at, 1));
      const three: u32 = rest == 3 ? load<u8>(values + load<u8>(at, 2)) : 0;
      seen |= one | two | three;
      // Bits that no byte is made of must be zero.
      if ((rest == 2 ? two & 15 : three & 3) != 0) return null;
      store<u8>(to++, (one << 2) | (two >> 4));
      if (rest == 3) store<u8>(to++, (two << 4) | (three >> 2));
    }
    return seen > 63 ? null : Slice.at(start, <i32>(to - start));
  }
}

// @ts-ignore: decorator
@lazy
export const base64: Base64 = new Base64(false, true);

// @ts-ignore: decorator
@lazy
export const base64Url: Base64 = new Base64(true, false);
