import { BinaryReader } from "../src/engine/module/binary-reader.ts";

/**
 * A valid module about as large as that, for measuring what takes longer with size: a module whose functions are there many times, each copy
 * calling the first ones.
 */
export function repeatedModule(bytes: Uint8Array, bytesMin: number): Uint8Array {
  const times = Math.max(1, Math.ceil(bytesMin / bytes.length));
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  const reader = new BinaryReader(bytes, 8);
  while (reader.at < reader.end) {
    const id = reader.byte();
    const byteCount = reader.unsigned32();
    const from = reader.at;
    reader.skip(byteCount);
    // The types of the functions, and their code.
    const isRepeated = id === 3 || id === 10;
    const content = bytes.subarray(from, reader.at);
    const repeated = isRepeated ? repeatVector(content, times) : content;
    parts.push(Uint8Array.of(id, ...numberOf(repeated.length)), repeated);
  }
  return Buffer.concat(parts);
}

function repeatVector(content: Uint8Array, times: number): Uint8Array {
  const reader = new BinaryReader(content);
  const count = reader.unsigned32();
  const items = content.subarray(reader.at);
  return Buffer.concat([
    Uint8Array.from(numberOf(count * times)),
    ...Array.from({ length: times }, () => items),
  ]);
}

function numberOf(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...numberOf(value >>> 7)];
}
