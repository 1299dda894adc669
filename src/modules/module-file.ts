import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type GuestLimits, loadModule, type Module } from "../engine/index.ts";
import { MillraceError, messageOf } from "../errors.ts";

/** How a module is called, and what its bytes have to be. */
export interface ModuleIdentity {
  /** What messages call it; its file name where it is absent. */
  readonly name?: string | undefined;
  /** The hash that its bytes must have; any where it is absent. */
  readonly sha256?: string | undefined;
}

/**
 * Loads a SmartModule from its file.
 *
 * @throws MillraceError `module.not-found`, `module.sha256`, and what `loadModule` throws
 */
export async function loadModuleFile(
  path: string,
  limits: Partial<GuestLimits> = {},
  { name = basename(path), sha256 }: ModuleIdentity = {},
): Promise<Module> {
  const bytes = await readModuleFile(path);
  if (sha256 !== undefined) await checkHash(bytes, sha256, name);
  return loadModule(bytes, name, limits);
}

/** @throws MillraceError `module.sha256`, with both hashes */
export async function checkHash(bytes: Uint8Array, wanted: string, name: string): Promise<void> {
  // Asked of few modules, and slow to load.
  const { createHash } = await import("node:crypto");
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found === wanted) return;
  throw new MillraceError(
    "module.sha256",
    `${name} is not the module that is asked for: its hash is ${found}, and ${wanted} is wanted`,
    {
      hint: "look at what it is before you run it; then change the hash, or bring back the module that had it",
    },
  );
}

/** @throws MillraceError `module.not-found` */
export async function readModuleFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new MillraceError(
      "module.not-found",
      missing ? `there is no module at ${path}` : `${path} cannot be read: ${messageOf(error)}`,
      {
        where: { file: path },
        hint: "paths in a config count from the config's folder; `millrace build` makes a .wasm from a source",
        cause: error,
      },
    );
  }
}
