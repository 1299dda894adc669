import { edgesOf, packageOf, partOf } from "./import-graph.ts";
import type { PlacedNode, Rule, SourceFile, SourceTree } from "./source-tree.ts";

/** Where a package may be imported. One that is not listed is a client of some system, and belongs in `src/client`. */
const homes: Readonly<Record<string, readonly string[]>> = {
  "@wasmer/wasi": ["src/engine/wasi/"],
  assemblyscript: ["src/devkit/"],
  commander: ["src/cli/"],
  diff: ["src/devkit/"],
  "fast-check": ["src/devkit/fuzz/"],
  lmdb: ["src/topic/lmdb/"],
  msgpackr: ["src/connector/format/", "src/run/capture/"],
  picocolors: ["src/cli/"],
  "smol-toml": ["src/modules/"],
  tinybench: ["src/devkit/"],
  ws: ["src/connector/http/"],
  yaml: ["src/config/"],
  zod: ["src/connector/", "src/config/", "src/devkit/", "src/run/capture/"],
};

export const packagesStayAtHome: Rule = (tree) =>
  [...tree.source.values()].flatMap((file) =>
    file.imports.flatMap(({ specifier, line }) => {
      const name = specifier === undefined ? undefined : packageOf(specifier);
      if (name === undefined) return [];
      const allowed = (Object.hasOwn(homes, name) ? homes[name] : undefined) ?? ["src/client/"];
      if (allowed.some((folder) => file.path.startsWith(folder))) return [];
      return [`${file.path}:${line}: ${name} may be imported only in ${allowed.join(" and ")}`];
    }),
  );

const browserParts: readonly string[] = ["record", "engine"];
const nodeGlobals = new Set([
  "Buffer",
  "NodeJS",
  "process",
  "require",
  "global",
  "setImmediate",
  "__dirname",
  "__filename",
]);

/** A page loads all that these parts import, so the rule follows their imports into other parts. */
export const browserPartsRunInBrowsers: Rule = (tree) =>
  [...loadedByBrowser(tree)].flatMap((file) => {
    const modules = file.imports
      .filter(({ typeOnly }) => !typeOnly || browserParts.includes(partOf(file.path)))
      .filter(({ specifier }) => specifier?.startsWith("node:"))
      .map(({ specifier, line }) => `${file.path}:${line}: ${specifier} is not there in a browser`);
    const globals = file.nodes.flatMap((placed) => {
      const name = freeName(placed);
      if (name === undefined || !nodeGlobals.has(name)) return [];
      return [`${file.path}:${file.lineOf(placed.node.start)}: ${name} is not there in a browser`];
    });
    return [...modules, ...globals];
  });

function loadedByBrowser(tree: SourceTree): Set<SourceFile> {
  const loaded = new Set([...tree.source.values()].filter(({ path }) => browserParts.includes(partOf(path))));
  // A set is iterated in the order of insertion and includes what is added meanwhile.
  for (const file of loaded) {
    for (const edge of edgesOf(tree, file)) if (!edge.import.typeOnly) loaded.add(edge.to);
  }
  return loaded;
}

/** The name of an identifier that stands for a variable or a type; undefined for names of members and other nodes. */
function freeName({ node, parent, slot }: PlacedNode): string | undefined {
  if (node.type !== "Identifier") return undefined;
  const isMember =
    (slot === "property" || slot === "key") && parent && "computed" in parent && !parent.computed;
  const isOuterName = slot === "imported" || slot === "exported" || slot === "right";
  return isMember || (isOuterName && parent?.type !== "BinaryExpression") ? undefined : node.name;
}
