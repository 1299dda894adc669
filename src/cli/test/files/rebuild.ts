import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { buildModule } from "../../../devkit/index.ts";
import type { Session } from "../../session.ts";

/** The AssemblyScript source that `millrace build` would make a module from: one of its name, or an index.ts, beside it. */
function sourceOf(module: string): string | undefined {
  if (!module.endsWith(".wasm")) return undefined;
  const own = module.replace(/\.wasm$/, ".ts");
  const index = join(dirname(module), "index.ts");
  if (existsSync(own)) return own;
  return basename(dirname(module)) === basename(module, ".wasm") && existsSync(index) ? index : undefined;
}

/** Folders of the sources of modules among some files. */
export function sourceFolders(files: readonly string[]): readonly string[] {
  return [...new Set(files.flatMap((file) => sourceOf(file) ?? []).map((source) => dirname(source)))];
}

/**
 * Builds the modules that are older than their sources.
 * @throws MillraceError `module.source`, `module.compiler`, `file.unwritable`
 */
export async function rebuildChanged(files: readonly string[], { screen, stderr }: Session): Promise<void> {
  for (const module of new Set(files)) {
    const source = sourceOf(module);
    if (source === undefined || (await changedAt(source)) <= (await changedAt(module))) continue;
    await buildModule({ source, output: module });
    screen.print(stderr.style.dim(`built ${module}`));
  }
}

/** Milliseconds since 1970; long ago for a file that is not there. */
async function changedAt(file: string): Promise<number> {
  const about = await stat(file).catch(() => undefined);
  return about?.mtimeMs ?? 0;
}
