import { BinaryReader } from "./binary-reader.ts";

export interface FunctionType {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

export interface ImportShape {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
}

export interface ExportShape {
  readonly name: string;
  readonly kind: ExternalKind;
  /** Of functions only. */
  readonly type?: FunctionType;
}

export type ExternalKind = "function" | "table" | "memory" | "global" | "tag";

/** Sizes in pages of 64 KiB. */
export interface MemoryShape {
  readonly pagesMin: number;
  readonly pagesMax: number | undefined;
}

/** What a module says of itself before any of it runs. */
export interface ModuleShape {
  readonly imports: readonly ImportShape[];
  readonly exports: readonly ExportShape[];
  readonly memories: readonly MemoryShape[];
  readonly sections: readonly { readonly name: string; readonly bytes: number }[];
}

const sectionNames = [
  "custom",
  "type",
  "import",
  "function",
  "table",
  "memory",
  "global",
  "export",
  "start",
  "element",
  "code",
  "data",
  "data count",
  "tag",
];
const kinds: readonly ExternalKind[] = ["function", "table", "memory", "global", "tag"];
const valueTypes: Readonly<Record<number, string>> = {
  127: "i32",
  126: "i64",
  125: "f32",
  124: "f64",
  123: "v128",
  112: "funcref",
  111: "externref",
};
const functionTypeForm = 0x60;
/** Forms of value types that a heap type follows. */
const nullableReference = 0x63;
const reference = 0x64;

/**
 * Reads types, imports, exports and memories of a module that the platform has compiled, so that its binary format is
 * known to be right. Follows the core specification 2.0, chapter 5.5; a type of a later proposal is shown as
 * `unknown`.
 */
export function readShape(bytes: Uint8Array): ModuleShape {
  const reader = new BinaryReader(bytes, 8);
  const sections: { name: string; bytes: number }[] = [];
  let types: (FunctionType | undefined)[] = [];
  let imports: ImportShape[] = [];
  let exported: { name: string; kind: ExternalKind; index: number }[] = [];
  const functionTypes: number[] = [];
  const memories: MemoryShape[] = [];
  while (reader.at < reader.end) {
    const id = reader.byte();
    const length = reader.unsigned();
    const section = new BinaryReader(bytes, reader.at, reader.at + length);
    reader.at += length;
    sections.push({ name: id === 0 ? section.name() : (sectionNames[id] ?? `section ${id}`), bytes: length });
    if (id === 1) types = readTypes(section);
    else if (id === 2) imports = section.vector(() => readImport(section, functionTypes, memories));
    else if (id === 3) functionTypes.push(...section.vector(() => section.unsigned()));
    else if (id === 5) memories.push(...section.vector(() => readLimits(section)));
    else if (id === 7) {
      exported = section.vector(() => ({
        name: section.name(),
        kind: kindOf(section.byte()),
        index: section.unsigned(),
      }));
    }
  }
  const exports = exported.map(({ name, kind, index }): ExportShape => {
    const type = kind === "function" ? types[functionTypes[index] as number] : undefined;
    return type === undefined ? { name, kind } : { name, kind, type };
  });
  return { imports, exports, memories, sections };
}

/** A function type as people write it: `(i32, i32) -> i32`. */
export function formatType(type: FunctionType): string {
  return `(${type.parameters.join(", ")}) -> ${type.results.length === 0 ? "nothing" : type.results.join(", ")}`;
}

function readTypes(section: BinaryReader): (FunctionType | undefined)[] {
  const types: (FunctionType | undefined)[] = [];
  for (let left = section.unsigned(); left > 0; left--) {
    // Types of later proposals have other forms and lengths; from the first one on, types are unknown.
    if (section.byte() !== functionTypeForm) return types;
    const list = (): string[] => section.vector(() => readValueType(section));
    types.push({ parameters: list(), results: list() });
  }
  return types;
}

function readValueType(section: BinaryReader): string {
  const form = section.byte();
  if (form === nullableReference || form === reference) section.unsigned();
  return valueTypes[form] ?? "unknown";
}

function readImport(section: BinaryReader, functionTypes: number[], memories: MemoryShape[]): ImportShape {
  const module = section.name();
  const name = section.name();
  const kind = kindOf(section.byte());
  if (kind === "function") functionTypes.push(section.unsigned());
  else if (kind === "memory") memories.push(readLimits(section));
  else if (kind === "table") {
    readValueType(section);
    readLimits(section);
  } else if (kind === "global") {
    readValueType(section);
    section.byte();
  } else {
    section.byte();
    section.unsigned();
  }
  return { module, name, kind };
}

function readLimits(section: BinaryReader): MemoryShape {
  const flags = section.byte();
  const pagesMin = section.unsigned();
  return { pagesMin, pagesMax: (flags & 1) === 0 ? undefined : section.unsigned() };
}

function kindOf(byte: number): ExternalKind {
  return kinds[byte] ?? "tag";
}
