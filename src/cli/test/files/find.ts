import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError } from "../../../errors.ts";

const testFileName = /\.test\.ya?ml$/;

/**
 * The test files that are named, and those in named folders, at any depth but in hidden ones and node_modules.
 * @throws MillraceError `file.not-found`, `cli.usage` where there is none
 */
export async function findTestFiles(targets: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const target of targets.length === 0 ? ["."] : targets) {
    const about = await stat(target).catch(() => undefined);
    if (about === undefined) {
      throw new MillraceError("file.not-found", `there is no ${target}`, {
        where: { file: target },
        hint: "name test files, folders that have some, or a .wasm file with --text, --file or --stdin",
      });
    }
    if (about.isDirectory()) found.push(...(await testFilesIn(target)));
    else found.push(target);
  }
  if (found.length > 0) return [...new Set(found)];
  throw new MillraceError("cli.usage", "there are no test files here", {
    hint: "a test file has a name such as filter.test.yaml; to try a module, give it records with --text, --file or --stdin",
  });
}

async function testFilesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith(".")) {
      found.push(...(await testFilesIn(path)));
    } else if (entry.isFile() && testFileName.test(entry.name)) {
      found.push(path);
    }
  }
  return found;
}
