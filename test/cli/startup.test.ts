import { readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { expect, test } from "vitest";
import { readTree, type SourceFile, type SourceTree } from "../house/source-tree.ts";

/** What a file makes the platform load before any of its code runs; an `import()` is not among it. */
function loadedBy({ nodes }: SourceFile): string[] {
  return nodes.flatMap(({ node }) => {
    if (node.type === "ImportDeclaration") return node.importKind === "type" ? [] : [node.source.value];
    if (node.type !== "ExportNamedDeclaration" || node.source === null) return [];
    return node.exportKind === "type" ? [] : [node.source.value];
  });
}

/** The files of `src/` and the packages that are loaded with files. */
function loadedWith(tree: SourceTree, ...paths: readonly string[]): Set<string> {
  const loaded = new Set(paths);
  // A set is iterated in the order of insertion and includes what is added meanwhile.
  for (const path of loaded) {
    const file = tree.source.get(path);
    for (const specifier of file === undefined ? [] : loadedBy(file)) {
      loaded.add(specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier);
    }
  }
  return loaded;
}

const tree = readTree(join(import.meta.dirname, "../.."));

test("a call loads no more than the command line itself until it knows its command", () => {
  const loaded = [...loadedWith(tree, "src/bin.ts", "src/cli/index.ts")];
  const parts = new Set(loaded.map((path) => (path.startsWith("src/") ? path.split("/")[1] : path)));
  expect([...parts].filter((part) => !part?.startsWith("node:")).sort()).toEqual([
    "base",
    "bin.ts",
    "cli",
    "commander",
    "errors.ts",
    "limits.ts",
    "picocolors",
  ]);
  expect(loaded).toContain("src/cli/run/command.ts");
  expect(loaded).not.toContain("src/cli/run/action.ts");
});

test("a test of one module loads no more than the engine", () => {
  const loaded = [...loadedWith(tree, "src/cli/test/module-action.ts")];
  const parts = new Set(loaded.map((path) => (path.startsWith("src/") ? path.split("/")[1] : path)));
  expect([...parts].filter((part) => !part?.startsWith("node:")).sort()).toEqual([
    "base",
    "cli",
    "commander",
    "devkit",
    "engine",
    "errors.ts",
    "limits.ts",
    "modules",
    "picocolors",
    "record",
  ]);
});

test("what a file finds beside itself is found from its chunk of the bundle, too", async () => {
  const config = await readFile(join(import.meta.dirname, "../../rolldown.config.js"), "utf8");
  for (const [path, { text }] of tree.source) {
    for (const [, specifier = ""] of text.matchAll(/new URL\("([^"]+)", import\.meta\.url\)/g)) {
      if (specifier.startsWith("../../")) expect(path.split("/"), path).toHaveLength(3);
      else expect(config, path).toContain(posix.join(posix.dirname(path), specifier.replace(/\.js$/, ".ts")));
    }
  }
});
