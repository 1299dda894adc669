import { type DeclaredParameter, formatName, type StoredModule } from "../../modules/index.ts";
import type { CommonOptions } from "../session.ts";

/** Options of commands that work on the store of modules. */
export interface ModuleOptions extends CommonOptions {
  /** Folder of the store. */
  readonly modules?: string;
}

/** A module in the store, as `--json` gives it. */
export interface StoredModuleResult {
  /** With its group and version: what `uses:` can say. */
  readonly reference: string;
  readonly group: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly kind: string;
  readonly abi: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly description: string | null;
  readonly license: string | null;
  /** Null where it came without a SmartModule.toml. */
  readonly parameters: readonly DeclaredParameter[] | null;
  readonly created: string;
  /** Absolute path of its bytes; empty where nothing was stored. */
  readonly file: string;
}

export function storedModuleResult({ name, path, ...rest }: StoredModule): StoredModuleResult {
  const { kind, abi, bytes, sha256, description, license, parameters, created } = rest;
  return {
    reference: formatName(name),
    group: name.group ?? null,
    name: name.name,
    version: name.version ?? null,
    kind,
    abi,
    bytes,
    sha256,
    description,
    license,
    parameters,
    created,
    file: path,
  };
}
