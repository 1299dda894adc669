/*
 * Texts of the language are UTF-16, bytes of records are UTF-8.
 */

/** Bytes after the end of every piece of memory that the SDK makes, because much is read and written 16 or 64 bytes at a time. */
export const slackBytes: usize = 64;

/** UTF-8 needs three bytes at most for one unit of UTF-16. */
export const bytesPerUnit: usize = 3;

/** Writes a text as UTF-8 and returns its length; `to` must have room for `bytesPerUnit` times its units. */
export function encodeText(text: string, to: usize): usize {
  return String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, to, false, String.UTF8.ErrorMode.REPLACE);
}

const replacement: u32 = 0xfffd;

/** The bytes as a text; bytes that are not UTF-8 become replacement characters, as in a browser. */
export function decodeText(at: usize, length: usize): string {
  const units = new ArrayBuffer(<i32>(length << 1));
  const end = at + length;
  const start = changetype<usize>(units);
  let to = start;
  while (at < end) {
    const byte: u32 = load<u8>(at++);
    if (byte < 0x80) {
      store<u16>(to, byte);
      to += 2;
      continue;
    }
    const more: u32 = byte < 0xc2 || byte > 0xf4 ? 0 : byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    let point = byte & (0x3f >> more);
    let seen: u32 = 0;
    for (; seen < more && at < end; seen++) {
      const next: u32 = load<u8>(at);
      // The second byte is what tells overlong forms, surrogates and points beyond the last one.
      const lowest: u32 = seen > 0 ? 0x80 : byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
      const highest: u32 = seen > 0 ? 0xbf : byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
      if (next < lowest || next > highest) break;
      point = (point << 6) | (next & 0x3f);
      at++;
    }
    if (more == 0 || seen < more) point = replacement;
    if (point < 0x10000) {
      store<u16>(to, point);
      to += 2;
    } else {
      point -= 0x10000;
      store<u16>(to, 0xd800 | (point >> 10));
      store<u16>(to, 0xdc00 | (point & 0x3ff), 2);
      to += 4;
    }
  }
  return String.UTF16.decodeUnsafe(start, to - start);
}

/** Where `borrowText` put the bytes, and how many there are. */
export let borrowedAt: usize = 0;
export let borrowedLength: usize = 0;

let borrowedRoom: usize = 0;
let borrowedText: usize = 0;

/**
 * Lends a text's bytes, in `borrowedAt` and `borrowedLength`, until the next text is borrowed. A literal of the source that was borrowed
 * last is still there, which is the case for most that are compared with each record.
 */
export function borrowText(text: string): void {
  const textAt = changetype<usize>(text);
  if (textAt == borrowedText) return;
  const room = <usize>text.length * bytesPerUnit;
  if (room >= borrowedRoom) {
    if (borrowedAt != 0) heap.free(borrowedAt);
    borrowedRoom = max<usize>(room * 2, 256);
    borrowedAt = heap.alloc(borrowedRoom + slackBytes);
  }
  borrowedLength = encodeText(text, borrowedAt);
  // Memory of texts made at run time is used again for others; literals keep their place for ever.
  borrowedText = textAt < __heap_base ? textAt : 0;
}
