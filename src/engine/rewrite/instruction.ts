import { type BinaryReader, unreadable } from "../module/binary-reader.ts";
import {
  atomicImmediates,
  immediate,
  numericImmediates,
  opcode,
  plainImmediates,
  vectorImmediates,
} from "./opcodes.ts";

/** Value types of core 2.0, whose encoding is one byte. */
const valueTypeMin = 0x7b;
const valueTypeMax = 0x7f;
const functionReference = 0x70;
const externalReference = 0x6f;
/** In the alignment of an address: the number of a memory follows. */
const memoryFollows = 0x40;

const byteCounts: Readonly<Record<number, number>> = {
  [immediate.byte]: 1,
  [immediate.fourBytes]: 4,
  [immediate.eightBytes]: 8,
  [immediate.sixteenBytes]: 16,
};

/**
 * Skips what follows an opcode that has been read.
 * @returns the opcode behind the prefix for opcodes that have one, otherwise 0
 * @throws MillraceError `module.rewrite`
 */
export function skipImmediates(reader: BinaryReader, code: number): number {
  const at = reader.at - 1;
  const kind = plainImmediates[code] as number;
  if (kind !== immediate.prefix) {
    if (!skip(reader, kind)) throw unreadable(`the opcode ${hex(code)} is not known`, at);
    return 0;
  }
  const second = reader.unsigned32();
  const immediates =
    code === opcode.numericPrefix
      ? numericImmediates
      : code === opcode.vectorPrefix
        ? vectorImmediates
        : atomicImmediates;
  if (!skip(reader, immediates[second] ?? immediate.unknown))
    throw unreadable(`the opcode ${hex(code)} ${hex(second)} is not known`, at);
  return second;
}

/** False for immediates that are not known. */
function skip(reader: BinaryReader, kind: number): boolean {
  if (kind === immediate.none) return true;
  if (kind === immediate.number || kind === immediate.blockType) reader.skipNumber(5);
  else if (kind === immediate.number64) reader.skipNumber(10);
  else if (kind === immediate.address) skipAddress(reader);
  else if (kind === immediate.addressAndLane) {
    skipAddress(reader);
    reader.skip(1);
  } else if (kind === immediate.twoNumbers) {
    reader.skipNumber(5);
    reader.skipNumber(5);
  } else if (kind === immediate.labels) {
    for (let left = reader.unsigned32(); left >= 0; left--) reader.skipNumber(5);
  } else if (kind === immediate.valueTypes) {
    for (let left = reader.unsigned32(); left > 0; left--) readValueType(reader);
  } else if (kind === immediate.referenceType) requireReferenceType(reader);
  else {
    const byteCount = byteCounts[kind];
    if (byteCount === undefined) return false;
    reader.skip(byteCount);
  }
  return true;
}

function skipAddress(reader: BinaryReader): void {
  const alignment = reader.unsigned32();
  if ((alignment & memoryFollows) !== 0) reader.skipNumber(5);
  reader.skipNumber(5);
}

/** @throws MillraceError `module.rewrite` for types beyond core 2.0 */
export function readValueType(reader: BinaryReader): number {
  const { at } = reader;
  const type = reader.byte();
  const isKnown =
    (type >= valueTypeMin && type <= valueTypeMax) ||
    type === functionReference ||
    type === externalReference;
  if (!isKnown) throw unreadable(`the type ${hex(type)} is not known`, at);
  return type;
}

/** @throws MillraceError `module.rewrite` for types beyond core 2.0 */
export function requireReferenceType(reader: BinaryReader): void {
  const { at } = reader;
  const type = reader.byte();
  if (type !== functionReference && type !== externalReference)
    throw unreadable(`the reference type ${hex(type)} is not known`, at);
}

export function hex(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}
