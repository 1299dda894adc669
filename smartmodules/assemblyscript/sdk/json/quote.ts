import { advance, hasRoom, position } from "../memory/output";
import { breaksOf16 } from "./breaks";

/** A byte becomes six at most, such as \u001f. */
export const escapedBytesMax: usize = 6;

/** Pieces of a text are written one by one, so that only what is needed is asked for. */
const pieceBytes: usize = 4096;

/** Writes UTF-8 to the output as a JSON string, in quotes and with escapes where JSON wants them. */
export function quoteBytes(at: usize, length: usize): void {
  const end = at + length;
  if (!hasRoom(2)) return;
  store<u8>(position, 0x22);
  advance(1);
  while (at < end) {
    const pieceEnd = min(end, at + pieceBytes);
    if (!hasRoom((pieceEnd - at) * escapedBytesMax + 1)) return;
    advance(escapeBytes(at, pieceEnd, position) - position);
    at = pieceEnd;
  }
  if (!hasRoom(1)) return;
  store<u8>(position, 0x22);
  advance(1);
}

/** Writes the bytes with escapes and returns the address after them. Up to 15 bytes more are overwritten. */
export function escapeBytes(at: usize, end: usize, to: usize): usize {
  while (at < end) {
    // Sixteen bytes are copied whatever they are; what counts is how many of them stand for themselves.
    v128.store(to, v128.load(at));
    const breaks = breaksOf16(at) | 0x10000;
    const plain = min(<usize>ctz(breaks), end - at);
    to += plain;
    at += plain;
    if (at < end && plain < 16) to = escapeByte(load<u8>(at++), to);
  }
  return to;
}

function escapeByte(byte: u32, to: usize): usize {
  let letter: u32 = 0;
  switch (byte) {
    case 0x08:
      letter = 0x62;
      break;
    case 0x09:
      letter = 0x74;
      break;
    case 0x0a:
      letter = 0x6e;
      break;
    case 0x0c:
      letter = 0x66;
      break;
    case 0x0d:
      letter = 0x72;
      break;
    case 0x22:
    case 0x5c:
      letter = byte;
      break;
    default:
      store<u32>(to, 0x3030755c);
      store<u8>(to + 4, 0x30 + (byte >> 4));
      store<u8>(to + 5, (byte & 15) < 10 ? 0x30 + (byte & 15) : 0x57 + (byte & 15));
      return to + 6;
  }
  store<u16>(to, 0x5c | (letter << 8));
  return to + 2;
}
