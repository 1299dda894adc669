/** Deeper nesting than any envelope has. */
const depthMax = 32;

/**
 * True when the bytes are exactly one MessagePack value that holds no more items than it has bytes for, is not too deep, and has
 * no extension. A decoder makes room for as many items as a value claims to have, so that a few bytes from outside could take
 * all memory.
 */
export function isPlainMessagePack(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return endOf(bytes, view, 0, 0) === bytes.length;
}

/** Position behind the value at `at`, or beyond the end where there is no value. */
function endOf(bytes: Uint8Array, view: DataView, at: number, depth: number): number {
  const nowhere = bytes.length + 1;
  if (at >= bytes.length || depth > depthMax) return nowhere;
  const type = bytes[at] as number;
  const items = (count: number, from: number): number => {
    if (count > bytes.length - from) return nowhere;
    let end = from;
    for (let i = 0; i < count && end < nowhere; i++) end = endOf(bytes, view, end, depth + 1);
    return Math.min(end, nowhere);
  };
  const number = (size: 1 | 2 | 4): number => {
    if (at + 1 + size > bytes.length) return bytes.length + 1;
    return size === 1 ? view.getUint8(at + 1) : size === 2 ? view.getUint16(at + 1) : view.getUint32(at + 1);
  };
  if (type <= 0x7f || type >= 0xe0) return at + 1;
  if (type <= 0x8f) return items((type & 15) * 2, at + 1);
  if (type <= 0x9f) return items(type & 15, at + 1);
  if (type <= 0xbf) return at + 1 + (type & 31);
  switch (type) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return at + 1;
    case 0xc4:
    case 0xd9:
      return at + 2 + number(1);
    case 0xc5:
    case 0xda:
      return at + 3 + number(2);
    case 0xc6:
    case 0xdb:
      return at + 5 + number(4);
    case 0xcc:
    case 0xd0:
      return at + 2;
    case 0xcd:
    case 0xd1:
      return at + 3;
    case 0xca:
    case 0xce:
    case 0xd2:
      return at + 5;
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return at + 9;
    case 0xdc:
      return items(number(2), at + 3);
    case 0xdd:
      return items(number(4), at + 5);
    case 0xde:
      return items(number(2) * 2, at + 3);
    case 0xdf:
      return items(number(4) * 2, at + 5);
    default:
      return nowhere;
  }
}
