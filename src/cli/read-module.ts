import { basename } from "node:path";
import {
  checkHash,
  type DeclaredParameter,
  formatName,
  ModuleStore,
  parseReference,
  readModuleFile,
} from "../modules/index.ts";

interface LocatedModule {
  readonly file: string;
  /** What messages call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the store knows of its parameters. */
  readonly declared: readonly DeclaredParameter[] | undefined;
}

/**
 * Finds a module and reads its bytes.
 * @param called its path, or its name in the store, with or without the hash that it must have
 * @param folder of the store
 * @throws MillraceError `module.name`, `module.not-found`, `module.store`, `module.sha256`
 */
export async function readCalledModule(called: string, folder: string): Promise<LocatedModule> {
  const { file, name, sha256, declared } = await locate(called, folder);
  const bytes = await readModuleFile(file);
  if (sha256 !== undefined) await checkHash(bytes, sha256, name);
  return { file, name, bytes, declared };
}

interface Place extends Omit<LocatedModule, "bytes"> {
  /** The hash that its bytes must have; undefined where any will do. */
  readonly sha256: string | undefined;
}

async function locate(called: string, folder: string): Promise<Place> {
  const reference = parseReference(called);
  if ("path" in reference) {
    const { path, sha256 } = reference;
    return { file: path, name: basename(path), sha256, declared: undefined };
  }
  const { name, path, sha256, parameters } = await new ModuleStore(folder).find(reference.name);
  return {
    file: path,
    name: formatName(name),
    sha256: reference.sha256 ?? sha256,
    declared: parameters ?? undefined,
  };
}
