/*
 * Fixed-width numbers are big-endian. 64-bit numbers are written and read as two halves, exact up to 2^53.
 */

const two32 = 4294967296;

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes a signed 64-bit number. */
export function writeI64(bytes: Uint8Array, at: number, value: number): void {
  writeU32(bytes, at, Math.floor(value / two32));
  writeU32(bytes, at + 4, value >>> 0);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** Reads a signed 64-bit number. */
export function readI64(bytes: Uint8Array, at: number): number {
  return (readU32(bytes, at) | 0) * two32 + readU32(bytes, at + 4);
}
