import { basename } from "node:path";
import { type DeclaredParameter, formatName, ModuleStore, parseReference } from "../modules/index.ts";

interface LocatedModule {
  readonly file: string;
  /** What messages call it. */
  readonly name: string;
  /** The hash that its bytes must have; undefined where any will do. */
  readonly sha256: string | undefined;
  /** What the store knows of its parameters. */
  readonly declared: readonly DeclaredParameter[] | undefined;
}

/**
 * Where the bytes of a module are.
 * @param called its path, or its name in the store
 * @param folder of the store
 * @throws MillraceError `module.name`, `module.not-found`, `module.store`
 */
export async function locateModule(called: string, folder: string): Promise<LocatedModule> {
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
