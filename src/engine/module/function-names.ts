import { BinaryReader } from "./binary-reader.ts";

export interface FunctionNames {
  /** Functions with code of their own. */
  readonly count: number;
  /** By the index of the function: as the custom section `name` calls it, else as it is exported. */
  readonly names: ReadonlyMap<number, string>;
  /** How many the custom section has; 0 where it is not there or is nonsense. */
  readonly inNameSection: number;
}

/** Subsection of the custom section `name` that has functions (core specification, appendix on custom sections). */
const functionNames = 1;

/** What the functions of a module that the platform has compiled are called. */
export function readFunctionNames(bytes: Uint8Array): FunctionNames {
  const reader = new BinaryReader(bytes, 8);
  const exported = new Map<number, string>();
  let count = 0;
  let own: ReadonlyMap<number, string> = new Map();
  while (reader.at < reader.end) {
    const id = reader.byte();
    const length = reader.unsigned();
    const section = new BinaryReader(bytes, reader.at, reader.at + length);
    reader.at += length;
    if (id === 3) count = section.unsigned();
    else if (id === 7) readExports(section, exported);
    else if (id === 0 && section.name() === "name") own = readNameSection(section);
  }
  return { count, names: new Map([...exported, ...own]), inNameSection: own.size };
}

function readExports(section: BinaryReader, names: Map<number, string>): void {
  for (let left = section.unsigned(); left > 0; left--) {
    const name = section.name();
    const kind = section.byte();
    const index = section.unsigned();
    if (kind === 0) names.set(index, name);
  }
}

/** The platform does not look into it, so it may be nonsense; what was read up to there counts. */
function readNameSection(section: BinaryReader): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  try {
    while (section.at < section.end) {
      const id = section.byte();
      const length = section.unsigned();
      const end = section.at + length;
      if (id === functionNames) {
        for (let left = section.unsigned(); left > 0; left--) names.set(section.unsigned(), section.name());
      }
      section.at = end;
    }
  } catch {
    return names;
  }
  return names;
}
