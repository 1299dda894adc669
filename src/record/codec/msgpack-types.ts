/*
 * A MessagePack value: one byte that says what it is, then what belongs to it. All numbers are big-endian.
 *
 *   00-7f positive integer      c0 nil   c2 false   c3 true        ca/cb float 32/64
 *   80-8f map of 0-15 pairs     c4/c5/c6 binary, length u8/u16/u32     cc-cf unsigned 8/16/32/64
 *   90-9f array of 0-15         c7/c8/c9 extension, length u8/u16/u32, type i8     d0-d3 signed 8/16/32/64
 *   a0-bf text of 0-31 bytes    d4-d8 extension of 1/2/4/8/16 bytes, type i8
 *   e0-ff negative integer      d9/da/db text, length u8/u16/u32
 *   c1 never used               dc/dd array, u16/u32     de/df map, u16/u32
 */

export type MsgpackKind =
  | "never"
  | "integer"
  | "nil"
  | "boolean"
  | "float"
  | "text"
  | "binary"
  | "extension"
  | "array"
  | "map";

/** What a first byte says. */
export interface MsgpackType {
  readonly kind: MsgpackKind;
  /** Bytes of the number that follows: a length, a count, or the value of a number. */
  readonly numberBytes: number;
  /** Length or count where no number says it. */
  readonly fixed: number;
}

/** What each first byte says. */
export const msgpackTypes: readonly MsgpackType[] = Array.from({ length: 256 }, (_, byte) => typeOf(byte));

function typeOf(byte: number): MsgpackType {
  const type = (kind: MsgpackKind, numberBytes = 0, fixed = 0): MsgpackType => ({ kind, numberBytes, fixed });
  if (byte <= 0x7f || byte >= 0xe0) return type("integer");
  if (byte <= 0x8f) return type("map", 0, byte & 15);
  if (byte <= 0x9f) return type("array", 0, byte & 15);
  if (byte <= 0xbf) return type("text", 0, byte & 31);
  if (byte === 0xc0) return type("nil");
  if (byte === 0xc1) return type("never");
  if (byte <= 0xc3) return type("boolean");
  if (byte <= 0xc6) return type("binary", 1 << (byte - 0xc4));
  if (byte <= 0xc9) return type("extension", 1 << (byte - 0xc7));
  if (byte <= 0xcb) return type("float", 4 << (byte - 0xca));
  if (byte <= 0xcf) return type("integer", 1 << (byte - 0xcc));
  if (byte <= 0xd3) return type("integer", 1 << (byte - 0xd0));
  if (byte <= 0xd8) return type("extension", 0, 1 << (byte - 0xd4));
  if (byte <= 0xdb) return type("text", 1 << (byte - 0xd9));
  return byte <= 0xdd ? type("array", 2 << (byte - 0xdc)) : type("map", 2 << (byte - 0xde));
}

/** A big-endian number without a sign. */
export function unsignedAt(bytes: Uint8Array, at: number, byteCount: number): number {
  let value = 0;
  for (let i = at; i < at + byteCount; i++) value = value * 256 + (bytes[i] as number);
  return value;
}
