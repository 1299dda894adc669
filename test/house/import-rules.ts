import { posix } from "node:path";
import { allEdges, edgesOf, partOf, targetOf } from "./import-graph.ts";
import type { Rule, SourceFile, SourceTree } from "./source-tree.ts";

/** The parts of `src/`, lowest first. A part sees the lines above its own, and no other part on its own line. */
const order: readonly (readonly string[])[] = [
  ["errors.ts", "limits.ts"],
  ["base"],
  ["record"],
  ["engine"],
  ["modules", "client"],
  ["topic"],
  ["pipeline"],
  ["connector"],
  ["config", "conformance"],
  ["run"],
  ["service", "devkit"],
  ["console", "cli"],
  ["index.ts", "bin.ts"],
];

/** Folders whose sub-folders are made to be replaced or left out one by one, and so know nothing of each other. */
const foldersOfStrangers: readonly string[] = ["src/connector", "src/engine/abi"];

const levelOf = (part: string): number => order.findIndex((level) => level.includes(part));

export const importsPointOneWay: Rule = (tree) => {
  const strangers = [...tree.source.keys()]
    .filter((path) => levelOf(partOf(path)) === -1)
    .map((path) => `${path}: ${partOf(path)} is no part of the house`);
  const upward = allEdges(tree)
    .filter(({ from, to }) => {
      const [here, there] = [partOf(from.path), partOf(to.path)];
      return here !== there && levelOf(here) <= levelOf(there);
    })
    .map(
      ({ from, to, import: { line } }) =>
        `${from.path}:${line}: ${partOf(from.path)} may not import ${to.path}`,
    );
  return [...strangers, ...upward];
};

/** Load files of users, whose names only a config or a command line knows. */
const loadersOfStrangers: readonly string[] = ["src/connector/own/load.ts", "src/devkit/fuzz/generator.ts"];

export const importsStayInSource: Rule = (tree) =>
  [...tree.source.values()].flatMap((file) =>
    file.imports.flatMap((each) => {
      const target = targetOf(file, each);
      if (each.specifier === undefined && loadersOfStrangers.includes(file.path)) return [];
      if (each.specifier === undefined) {
        return [`${file.path}:${each.line}: a computed import cannot be checked`];
      }
      if (target === undefined || tree.source.has(target)) return [];
      return [`${file.path}:${each.line}: ${each.specifier} is no file of src/`];
    }),
  );

/** Doors inside a part, for who must not load the rest of it: a trial of a module starts as fast as Node lets it. */
const innerDoors: readonly string[] = ["src/devkit/trial/index.ts"];

/** The folder whose door an import passes by, or undefined. Parts have a door, and so have strangers with an index.ts. */
function doorPassedBy(tree: SourceTree, from: string, to: string): string | undefined {
  const folders = [
    `src/${partOf(to)}`,
    ...foldersOfStrangers
      .map((folder) => `${folder}/${childFolder(folder, to)}`)
      .filter((folder) => tree.source.has(`${folder}/index.ts`)),
  ];
  return folders.find((folder) => {
    const leadsInside =
      to.startsWith(`${folder}/`) && to !== `${folder}/index.ts` && !innerDoors.includes(to);
    return leadsInside && !from.startsWith(`${folder}/`);
  });
}

export const foldersAreEnteredThroughIndex: Rule = (tree) =>
  allEdges(tree).flatMap(({ from, to, import: { line } }) => {
    const folder = doorPassedBy(tree, from.path, to.path);
    return folder === undefined
      ? []
      : [`${from.path}:${line}: ${to.path} is imported past ${folder}/index.ts`];
  });

/** What connectors share; it knows none of them. */
const sharedFolders: readonly string[] = ["src/connector/format"];

export const strangersStayStrangers: Rule = (tree) =>
  allEdges(tree).flatMap(({ from, to, import: { line } }) =>
    foldersOfStrangers
      .filter((folder) => {
        const [here, there] = [childFolder(folder, from.path), childFolder(folder, to.path)];
        const isShared = sharedFolders.includes(`${folder}/${there}`);
        return here !== undefined && there !== undefined && here !== there && !isShared;
      })
      .map((folder) => `${from.path}:${line}: folders in ${folder} may not import each other (${to.path})`),
  );

function childFolder(folder: string, path: string): string | undefined {
  const relative = posix.relative(folder, path);
  return relative.startsWith("..") || !relative.includes("/") ? undefined : relative.split("/")[0];
}

/** Tarjan's search for strongly connected components; each of more than one file, or a file that imports itself, is a cycle. */
export const noImportCycles: Rule = (tree) => {
  const found: string[] = [];
  const indexOf = new Map<SourceFile, number>();
  const lowest = new Map<SourceFile, number>();
  const open: SourceFile[] = [];
  const low = (file: SourceFile): number => lowest.get(file) ?? 0;

  const visit = (file: SourceFile): void => {
    indexOf.set(file, indexOf.size);
    lowest.set(file, indexOf.size - 1);
    open.push(file);
    const next = edgesOf(tree, file).map(({ to }) => to);
    for (const to of next) {
      if (!indexOf.has(to)) visit(to);
      if (open.includes(to)) lowest.set(file, Math.min(low(file), low(to)));
    }
    if (low(file) !== indexOf.get(file)) return;
    const component = open.splice(open.indexOf(file));
    if (component.length > 1 || next.includes(file)) {
      found.push(`import cycle: ${component.map(({ path }) => path).join(" -> ")}`);
    }
  };

  for (const file of tree.source.values()) if (!indexOf.has(file)) visit(file);
  return found;
};
