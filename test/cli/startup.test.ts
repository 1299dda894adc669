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

/** The files of `src/` and the packages that a call loads to begin with. */
function loadedAtStart(tree: SourceTree): Set<string> {
  const loaded = new Set(["src/bin.ts"]);
  // A set is iterated in the order of insertion and includes what is added meanwhile.
  for (const path of loaded) {
    const file = tree.source.get(path);
    for (const specifier of file === undefined ? [] : loadedBy(file)) {
      loaded.add(specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier);
    }
  }
  return loaded;
}

test("a call loads no more than the command line itself until it knows its command", () => {
  const loaded = [...loadedAtStart(readTree(join(import.meta.dirname, "../..")))];
  const parts = new Set(loaded.map((path) => (path.startsWith("src/") ? path.split("/")[1] : path)));
  expect([...parts].filter((part) => !part?.startsWith("node:")).sort()).toEqual([
    "bin.ts",
    "cli",
    "commander",
    "errors.ts",
    "picocolors",
  ]);
  expect(loaded).toContain("src/cli/run/command.ts");
  expect(loaded).not.toContain("src/cli/run/action.ts");
});
