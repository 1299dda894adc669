import { BinaryReader, unreadable } from "../module/binary-reader.ts";
import { hex, readValueType, requireReferenceType, skipImmediates } from "./instruction.ts";
import { opcode } from "./opcodes.ts";

export const sectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** The order that sections other than custom ones come in (core specification, chapter 5.5.2). */
const sectionOrder: readonly number[] = [
  sectionId.type,
  sectionId.import,
  sectionId.function,
  sectionId.table,
  sectionId.memory,
  sectionId.global,
  sectionId.export,
  sectionId.start,
  sectionId.element,
  sectionId.dataCount,
  sectionId.code,
  sectionId.data,
];

/** The place of a kind of section in their order; -1 for custom ones, which may stand anywhere, and for unknown ones. */
export function rankOf(id: number): number {
  return sectionOrder.indexOf(id);
}

export interface Section {
  readonly id: number;
  /** Its content, without id and size. */
  readonly at: number;
  readonly end: number;
}

export interface Signature {
  readonly parameterCount: number;
  /** The encoded types. */
  readonly results: readonly number[];
}

/** The size of a memory in pages, or of a table in elements. */
export interface SizeRange {
  /** Where it stands in the file. */
  readonly at: number;
  readonly end: number;
  readonly min: number;
  readonly max: number | undefined;
  readonly isShared: boolean;
}

export interface GlobalKind {
  readonly type: number;
  readonly isMutable: boolean;
}

/** What has to be known of a module before its functions are looked at. */
export interface Survey {
  readonly sections: readonly Section[];
  readonly types: readonly Signature[];
  readonly importCount: number;
  readonly importedFunctionCount: number;
  /** The type of each function of its own. */
  readonly functionTypes: readonly number[];
  readonly globalCount: number;
  /** Its own, which come behind the imported ones. */
  readonly globals: readonly GlobalKind[];
  readonly memories: readonly SizeRange[];
  readonly tables: readonly SizeRange[];
  readonly exportNames: ReadonlySet<string>;
  /** Functions that can be called in other ways than by name: exported ones, and those that a reference may point to. */
  readonly reachable: ReadonlySet<number>;
  /** The function that an instance runs when it is made. */
  readonly start: number | undefined;
}

const headerBytes = 8;
const functionForm = 0x60;
const mutable = 1;
const hasMax = 1;
const isShared = 2;

/** @throws MillraceError `module.rewrite` */
export function surveyModule(bytes: Uint8Array): Survey {
  const survey = new Surveyor(bytes);
  for (const section of survey.sections) survey.look(section);
  return survey;
}

class Surveyor implements Survey {
  readonly #bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: Signature[] = [];
  importCount = 0;
  importedFunctionCount = 0;
  readonly functionTypes: number[] = [];
  globalCount = 0;
  readonly globals: GlobalKind[] = [];
  readonly memories: SizeRange[] = [];
  readonly tables: SizeRange[] = [];
  readonly exportNames = new Set<string>();
  readonly reachable = new Set<number>();
  start: number | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.sections = readSections(bytes);
  }

  look({ id, at, end }: Section): void {
    const reader = new BinaryReader(this.#bytes, at, end);
    if (id === sectionId.type) repeat(reader, () => this.types.push(readSignature(reader)));
    else if (id === sectionId.import) repeat(reader, () => this.#readImport(reader));
    else if (id === sectionId.function) {
      repeat(reader, () => this.functionTypes.push(reader.unsigned32()));
    } else if (id === sectionId.table) repeat(reader, () => this.tables.push(readTable(reader)));
    else if (id === sectionId.memory) repeat(reader, () => this.memories.push(readSize(reader, true)));
    else if (id === sectionId.global) repeat(reader, () => this.#readGlobal(reader));
    else if (id === sectionId.export) repeat(reader, () => this.#readExport(reader));
    else if (id === sectionId.start) this.start = reader.unsigned32();
    else if (id === sectionId.element) repeat(reader, () => this.#readElements(reader));
    else return;
    if (reader.at !== end) throw unreadable("a section is longer than what is in it", reader.at);
  }

  #readImport(reader: BinaryReader): void {
    this.importCount++;
    reader.name();
    reader.name();
    const { at } = reader;
    const kind = reader.byte();
    if (kind === 0) {
      reader.unsigned32();
      this.importedFunctionCount++;
    } else if (kind === 1) this.tables.push(readTable(reader));
    else if (kind === 2) this.memories.push(readSize(reader, true));
    else if (kind === 3) {
      readValueType(reader);
      reader.byte();
      this.globalCount++;
    } else throw unreadable(`an import of the kind ${hex(kind)} is not known`, at);
  }

  #readGlobal(reader: BinaryReader): void {
    const type = readValueType(reader);
    const isMutable = reader.byte() === mutable;
    this.#readExpression(reader);
    this.globals.push({ type, isMutable });
    this.globalCount++;
  }

  #readExport(reader: BinaryReader): void {
    this.exportNames.add(reader.name());
    const isFunction = reader.byte() === 0;
    const index = reader.unsigned32();
    if (isFunction) this.reachable.add(index);
  }

  /** One of the eight forms of an element segment, which three bits tell apart. */
  #readElements(reader: BinaryReader): void {
    const { at } = reader;
    const form = reader.unsigned32();
    if (form > 7) throw unreadable(`element segments of the form ${form} are not known`, at);
    const isActive = (form & 1) === 0;
    const isExplicit = (form & 2) !== 0;
    const hasExpressions = (form & 4) !== 0;
    if (isActive && isExplicit) reader.unsigned32();
    if (isActive) this.#readExpression(reader);
    if (isExplicit || !isActive) {
      if (hasExpressions) requireReferenceType(reader);
      else reader.byte();
    }
    repeat(reader, () => {
      if (hasExpressions) this.#readExpression(reader);
      else this.reachable.add(reader.unsigned32());
    });
  }

  /** A constant expression has no blocks, so that the first `end` is its own. */
  #readExpression(reader: BinaryReader): void {
    for (let code = reader.byte(); code !== opcode.end; code = reader.byte()) {
      if (code === opcode.refFunc) this.reachable.add(reader.unsigned32());
      else skipImmediates(reader, code);
    }
  }
}

function readSections(bytes: Uint8Array): Section[] {
  const reader = new BinaryReader(bytes, headerBytes);
  const sections: Section[] = [];
  let last = -1;
  while (reader.at < reader.end) {
    const from = reader.at;
    const id = reader.byte();
    const byteCount = reader.unsigned32();
    const { at } = reader;
    reader.skip(byteCount);
    const rank = rankOf(id);
    if (id !== sectionId.custom) {
      if (rank < 0) throw unreadable(`a section of the kind ${id} is not known`, from);
      if (rank <= last) throw unreadable(`a section of the kind ${id} is out of its order`, from);
      last = rank;
    }
    sections.push({ id, at, end: reader.at });
  }
  return sections;
}

/** The count is a claim, so nothing is allocated for it: each item must be there to be read. */
function repeat(reader: BinaryReader, read: () => void): void {
  for (let left = reader.unsigned32(); left > 0; left--) read();
}

function readSignature(reader: BinaryReader): Signature {
  const { at } = reader;
  const form = reader.byte();
  if (form !== functionForm) throw unreadable(`a type of the form ${hex(form)} is not known`, at);
  let parameterCount = 0;
  const results: number[] = [];
  repeat(reader, () => {
    readValueType(reader);
    parameterCount++;
  });
  repeat(reader, () => results.push(readValueType(reader)));
  return { parameterCount, results };
}

function readTable(reader: BinaryReader): SizeRange {
  requireReferenceType(reader);
  return readSize(reader, false);
}

function readSize(reader: BinaryReader, mayBeShared: boolean): SizeRange {
  const { at } = reader;
  const flags = reader.byte();
  if (flags > (mayBeShared ? hasMax + isShared : hasMax))
    throw unreadable(`sizes with the flags ${hex(flags)} are not known`, at);
  const min = reader.unsigned32();
  const max = (flags & hasMax) === 0 ? undefined : reader.unsigned32();
  return { at, end: reader.at, min, max, isShared: (flags & isShared) !== 0 };
}
