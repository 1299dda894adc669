import { posix } from "node:path";
import type { Import, SourceFile, SourceTree } from "./source-tree.ts";

/** An import of one file of `src/` by another. */
export interface Edge {
  readonly from: SourceFile;
  readonly to: SourceFile;
  readonly import: Import;
}

/** The path that a relative import leads to, from the root; undefined for packages and built-in modules. */
export function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  if (!specifier?.startsWith(".")) return undefined;
  return posix.join(posix.dirname(file.path), specifier);
}

export function edgesOf(tree: SourceTree, file: SourceFile): Edge[] {
  return file.imports.flatMap((each) => {
    const to = tree.source.get(targetOf(file, each) ?? "");
    return to === undefined ? [] : [{ from: file, to, import: each }];
  });
}

export function allEdges(tree: SourceTree): Edge[] {
  return [...tree.source.values()].flatMap((file) => edgesOf(tree, file));
}

/** The part of the house that a path lies in: `src/engine/abi/x.ts` in `engine`, `src/errors.ts` in `errors.ts`. */
export function partOf(path: string): string {
  return path.split("/")[1] ?? "";
}

/** The name of a package, without the path inside it; undefined for relative imports and `node:` modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith(".") || specifier.startsWith("node:")) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
