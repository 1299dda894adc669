import { utf8 } from "../base/index.ts";
import { limits } from "../limits.ts";

/** More than one reading of the usual size. */
export const manyValues: readonly Uint8Array[] = Array.from({ length: 12_000 }, (_, index) =>
  utf8(JSON.stringify({ index, text: "x".repeat(100 + (index % 200)) })),
);

export const emptyValues: readonly Uint8Array[] = ["", '"a"', "", "", '"b"', ""].map(utf8);

/** One beyond the usual size of a batch, and one as large as a record may be, among small ones. */
export const hugeValues: readonly Uint8Array[] = [
  utf8('"before"'),
  text(limits.batchBytes.default * 2 + 7),
  utf8('"between"'),
  text(limits.recordBytesMax.default),
  utf8('"behind"'),
];

/** All bytes there are, in one value and each alone. */
export const binaryValues: readonly Uint8Array[] = [
  Uint8Array.from({ length: 256 }, (_, byte) => byte),
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte, 0x41, byte)),
];

export const valueSets = {
  many: manyValues,
  empty: emptyValues,
  huge: hugeValues,
  binary: binaryValues,
} as const;

/** A JSON string of so many bytes in all. */
function text(byteCount: number): Uint8Array {
  const value = new Uint8Array(byteCount).fill(0x61);
  value[0] = 0x22;
  value[byteCount - 1] = 0x22;
  return value;
}
