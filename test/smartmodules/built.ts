import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildModule } from "../../src/devkit/index.ts";

/** Building takes seconds, and minutes where many processes share a core. */
export const buildMs = 240_000;

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Folders of the modules that are committed in their built form. */
export const moduleFolder = (name: string): string => folder(`../../smartmodules/assemblyscript/${name}/`);

export async function committed(name: string): Promise<Uint8Array> {
  return readFile(`${moduleFolder(name)}${name}.wasm`);
}

/** A module that shows what the SDK does; each shows a part of it. */
export async function buildProbe(part = "index"): Promise<Uint8Array> {
  return (await buildModule({ source: folder(`../fixtures/probe/assembly/${part}.ts`) })).wasm;
}
