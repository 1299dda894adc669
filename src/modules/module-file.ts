import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { type GuestLimits, loadModule, type Module } from "../engine/index.ts";
import { MillraceError, messageOf } from "../errors.ts";

/**
 * Loads a SmartModule from its file; it is called by its file name.
 *
 * @throws MillraceError `module.not-found`, and what `loadModule` throws
 */
export async function loadModuleFile(path: string, limits: Partial<GuestLimits> = {}): Promise<Module> {
  return loadModule(await readModuleFile(path), basename(path), limits);
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
