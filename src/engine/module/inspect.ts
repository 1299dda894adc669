import { MillraceError } from "../../errors.ts";
import { BinaryReader } from "./binary-reader.ts";
import { loadModule, type Module } from "./module.ts";
import { sha256Of } from "./sha256.ts";
import { type ModuleShape, readShape } from "./shape.ts";

/** What can be said of a module without running any of it. */
export interface InspectedModule {
  readonly shape: ModuleShape;
  /** Of the bytes, in hex. */
  readonly sha256: string;
  /** Tools that made it, as the custom section `producers` lists them. */
  readonly producers: readonly Producer[];
  /** What the custom section `name` calls the module. */
  readonly internalName: string | undefined;
  /** The module, or why it cannot be run. */
  readonly module: Module | MillraceError;
}

export interface Producer {
  /** Such as `language` or `processed-by`. */
  readonly field: string;
  readonly name: string;
  readonly version: string;
}

/**
 * Looks at a module, whether it can be run here or not.
 * @param name what errors call it
 * @throws MillraceError `module.not-wasm`
 */
export async function inspectModule(bytes: Uint8Array, name: string): Promise<InspectedModule> {
  const module = await loadModule(bytes, name).catch((error: unknown) => {
    if (MillraceError.is(error) && error.code !== "module.not-wasm") return error;
    throw error;
  });
  // Whatever else is wrong with it, the platform has compiled it, so its binary format is right.
  const customs = customSections(bytes);
  return {
    shape: readShape(bytes),
    sha256: await sha256Of(new Uint8Array(bytes)),
    producers: readSafely(customs.get("producers"), readProducers) ?? [],
    internalName: readSafely(customs.get("name"), readInternalName),
    module,
  };
}

/** The contents of the custom sections, by name; the first of each. */
function customSections(bytes: Uint8Array): ReadonlyMap<string, BinaryReader> {
  const reader = new BinaryReader(bytes, 8);
  const sections = new Map<string, BinaryReader>();
  while (reader.at < reader.end) {
    const id = reader.byte();
    const length = reader.unsigned();
    const section = new BinaryReader(bytes, reader.at, reader.at + length);
    reader.at += length;
    if (id !== 0) continue;
    const name = section.name();
    if (!sections.has(name)) sections.set(name, section);
  }
  return sections;
}

/** The platform does not look into custom sections, so one that is nonsense counts as absent. */
function readSafely<Content>(
  section: BinaryReader | undefined,
  read: (section: BinaryReader) => Content,
): Content | undefined {
  try {
    return section === undefined ? undefined : read(section);
  } catch {
    return undefined;
  }
}

/** Fields with tools, each with a name and a version (tool conventions of WebAssembly, ProducersSection). */
function readProducers(section: BinaryReader): Producer[] {
  return section
    .vector(() => {
      const field = section.name();
      return section.vector(() => ({ field, name: section.name(), version: section.name() }));
    })
    .flat();
}

/** Subsection 0 is the name of the module (core specification, appendix on custom sections). */
function readInternalName(section: BinaryReader): string | undefined {
  while (section.at < section.end) {
    const id = section.byte();
    const length = section.unsigned();
    if (id === 0) return section.name();
    section.at += length;
  }
  return undefined;
}
