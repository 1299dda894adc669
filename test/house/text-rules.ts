import type { Node } from "oxc-parser";
import type { Rule, SourceFile, SourceTree } from "./source-tree.ts";

const linesMax = 400;
const columnsMax = 130;

/** Lines for the nodes of all files for which `complaint` has one. */
function nodesThat(
  tree: SourceTree,
  complaint: (node: Node, file: SourceFile) => string | undefined,
): string[] {
  return [...tree.source.values()].flatMap((file) =>
    file.nodes.flatMap(({ node }) => {
      const text = complaint(node, file);
      return text === undefined ? [] : [`${file.path}:${file.lineOf(node.start)}: ${text}`];
    }),
  );
}

export const noDefaultExports: Rule = (tree) =>
  nodesThat(tree, (node) => {
    const isDefault =
      node.type === "ExportDefaultDeclaration" ||
      node.type === "TSExportAssignment" ||
      (node.type === "ExportSpecifier" && "name" in node.exported && node.exported.name === "default");
    return isDefault ? "a default export" : undefined;
  });

/** What a part of the house offers is a list that can be read, and that has no code of its own. */
export const indexFilesListNames: Rule = (tree) =>
  [...tree.source.values()]
    .filter(({ path }) => /^src\/([^/]+\/)?index\.ts$/.test(path))
    .flatMap((file) =>
      file.nodes
        .filter(({ parent, node }) => {
          if (parent?.type !== "Program") return false;
          return node.type !== "ExportNamedDeclaration" || node.source === null;
        })
        .map(({ node }) => `${file.path}:${file.lineOf(node.start)}: an index.ts only re-exports names`),
    );

export const noAny: Rule = (tree) =>
  nodesThat(tree, (node) => (node.type === "TSAnyKeyword" ? "the type any" : undefined));

export const noSilencedCompiler: Rule = (tree) =>
  [...tree.source.values()].flatMap((file) =>
    file.comments
      .filter(({ value }) => /@ts-(ignore|nocheck)\b/.test(value))
      .map(({ start }) => `${file.path}:${file.lineOf(start)}: a comment that silences the compiler`),
  );

export const onlyMillraceErrorIsThrown: Rule = (tree) =>
  nodesThat(tree, (node) => {
    if (node.type !== "ThrowStatement" || node.argument.type !== "NewExpression") return undefined;
    const { callee } = node.argument;
    const name = callee.type === "Identifier" ? callee.name : "something computed";
    return name === "MillraceError" ? undefined : `${name} is thrown instead of MillraceError`;
  });

/** Read entry by entry, so that their length is of no matter. */
const registries: readonly string[] = ["src/errors.ts", "src/limits.ts"];

export const filesAreSmall: Rule = (tree) =>
  [...tree.source.values()].flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, "").split("\n");
    const isLong = lines.length > linesMax && !registries.includes(path);
    const long = isLong ? [`${path}: ${lines.length} lines, at most ${linesMax}`] : [];
    const wide = lines.flatMap((line, index) =>
      line.length > columnsMax ? [`${path}:${index + 1}: ${line.length} columns, at most ${columnsMax}`] : [],
    );
    return [...long, ...wide];
  });
