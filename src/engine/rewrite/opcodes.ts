/** What follows an opcode (core specification, chapter 5.4). */
export const immediate = {
  unknown: 0,
  none: 1,
  /** An index, a label or a 32-bit constant. */
  number: 2,
  number64: 3,
  twoNumbers: 4,
  byte: 5,
  fourBytes: 6,
  eightBytes: 7,
  sixteenBytes: 8,
  /** Alignment, perhaps a memory, and offset. */
  address: 9,
  addressAndLane: 10,
  blockType: 11,
  /** Labels of a table, and the one for all other values. */
  labels: 12,
  valueTypes: 13,
  referenceType: 14,
  /** The opcode goes on with a number. */
  prefix: 15,
} as const;

/** Opcodes that a meter has to know by name; the other ones are told apart by their immediates alone. */
export const opcode = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  tableSet: 0x26,
  memoryGrow: 0x40,
  i64Const: 0x42,
  i64LtS: 0x53,
  i64Sub: 0x7d,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i64ExtendI32U: 0xad,
  refFunc: 0xd2,
  numericPrefix: 0xfc,
  vectorPrefix: 0xfd,
  atomicPrefix: 0xfe,
} as const;

/** Opcodes behind a prefix that a meter has to know. */
export const numeric = {
  memoryInit: 8,
  dataDrop: 9,
  memoryCopy: 10,
  memoryFill: 11,
  tableInit: 12,
  elementDrop: 13,
  tableCopy: 14,
  tableGrow: 15,
  tableFill: 17,
} as const;
export const atomic = { wait32: 1, wait64: 2 } as const;

export const valueType = { i32: 0x7f, i64: 0x7e } as const;

type Range = readonly [first: number, last: number, immediate: number];

function table(size: number, ranges: readonly Range[], holes: readonly number[] = []): Uint8Array {
  const immediates = new Uint8Array(size);
  for (const [first, last, kind] of ranges) immediates.fill(kind, first, last + 1);
  for (const hole of holes) immediates[hole] = immediate.unknown;
  return immediates;
}

/** Core 2.0 and tail calls. Exceptions, typed function references and garbage collection are not in it. */
export const plainImmediates: Uint8Array = table(256, [
  [0x00, 0x01, immediate.none],
  [0x02, 0x04, immediate.blockType],
  [0x05, 0x05, immediate.none],
  [0x0b, 0x0b, immediate.none],
  [0x0c, 0x0d, immediate.number],
  [0x0e, 0x0e, immediate.labels],
  [0x0f, 0x0f, immediate.none],
  [0x10, 0x10, immediate.number],
  [0x11, 0x11, immediate.twoNumbers],
  [0x12, 0x12, immediate.number],
  [0x13, 0x13, immediate.twoNumbers],
  [0x1a, 0x1b, immediate.none],
  [0x1c, 0x1c, immediate.valueTypes],
  [0x20, 0x26, immediate.number],
  [0x28, 0x3e, immediate.address],
  [0x3f, 0x41, immediate.number],
  [0x42, 0x42, immediate.number64],
  [0x43, 0x43, immediate.fourBytes],
  [0x44, 0x44, immediate.eightBytes],
  [0x45, 0xc4, immediate.none],
  [0xd0, 0xd0, immediate.referenceType],
  [0xd1, 0xd1, immediate.none],
  [0xd2, 0xd2, immediate.number],
  [0xfc, 0xfe, immediate.prefix],
]);

/** Behind 0xfc: saturating truncation, bulk memory and tables. */
export const numericImmediates: Uint8Array = table(18, [
  [0, 7, immediate.none],
  [8, 8, immediate.twoNumbers],
  [9, 9, immediate.number],
  [10, 10, immediate.twoNumbers],
  [11, 11, immediate.number],
  [12, 12, immediate.twoNumbers],
  [13, 13, immediate.number],
  [14, 14, immediate.twoNumbers],
  [15, 17, immediate.number],
]);

/** Behind 0xfd: vectors of 128 bits, and from 0x100 on the relaxed ones. */
export const vectorImmediates: Uint8Array = table(
  0x114,
  [
    [0x00, 0x0b, immediate.address],
    [0x0c, 0x0d, immediate.sixteenBytes],
    [0x0e, 0x14, immediate.none],
    [0x15, 0x22, immediate.byte],
    [0x23, 0x53, immediate.none],
    [0x54, 0x5b, immediate.addressAndLane],
    [0x5c, 0x5d, immediate.address],
    [0x5e, 0x113, immediate.none],
  ],
  [
    0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3,
    0xd4, 0xe2, 0xee,
  ],
);

/** Behind 0xfe: threads and atomic access. */
export const atomicImmediates: Uint8Array = table(0x4f, [
  [0x00, 0x02, immediate.address],
  [0x03, 0x03, immediate.byte],
  [0x10, 0x4e, immediate.address],
]);
