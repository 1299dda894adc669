import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Comment, type Node, parseSync, visitorKeys } from "oxc-parser";

/** One way in which a file names another module. */
export interface Import {
  /** As written; undefined where it is computed and cannot be known. */
  readonly specifier: string | undefined;
  /** Erased by the compiler, so that nothing is loaded at run time. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface SourceFile {
  /** From the root, with forward slashes: `src/engine/index.ts`. */
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly PlacedNode[];
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
  lineOf(offset: number): number;
}

/** A node of the syntax tree with the place that it takes in its parent. */
export interface PlacedNode {
  readonly node: Node;
  readonly parent: Node | undefined;
  readonly slot: string;
}

export interface SourceTree {
  /** The files of `src/`, by path. */
  readonly source: ReadonlyMap<string, SourceFile>;
  /** The texts of `test/` except for this folder, whose broken examples would count as tests. */
  readonly tests: ReadonlyMap<string, string>;
}

/** A rule returns one line for each place that breaks it. */
export type Rule = (tree: SourceTree) => string[];

/** Reads and parses the TypeScript below `src/` and reads the tests below `test/`. */
export function readTree(root: string): SourceTree {
  const source = new Map<string, SourceFile>();
  for (const path of typeScriptBelow(root, "src")) {
    source.set(path, parse(path, readFileSync(join(root, path), "utf8")));
  }
  const tests = new Map<string, string>();
  for (const path of typeScriptBelow(root, "test")) {
    if (!path.startsWith("test/house/")) tests.set(path, readFileSync(join(root, path), "utf8"));
  }
  return { source, tests };
}

function typeScriptBelow(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts"))
    .sort();
}

function parse(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text, { lang: "ts" });
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`);
  const nodes: PlacedNode[] = [];
  collect({ node: program, parent: undefined, slot: "" }, nodes);
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  return { path, text, nodes, comments, imports: importsOf(nodes, lineOf), lineOf };
}

function collect(placed: PlacedNode, into: PlacedNode[]): void {
  into.push(placed);
  const { node } = placed;
  for (const slot of visitorKeys[node.type] ?? []) {
    const child = (node as unknown as Record<string, Node | readonly (Node | null)[] | null>)[slot];
    for (const each of Array.isArray(child) ? child : [child]) {
      if (each) collect({ node: each, parent: node, slot }, into);
    }
  }
}

function importsOf(nodes: readonly PlacedNode[], lineOf: (offset: number) => number): Import[] {
  const imports: Import[] = [];
  for (const { node } of nodes) {
    const line = lineOf(node.start);
    switch (node.type) {
      case "ImportDeclaration":
        imports.push({ specifier: node.source.value, typeOnly: node.importKind === "type", line });
        break;
      case "ExportAllDeclaration":
      case "ExportNamedDeclaration":
        if (node.source) {
          imports.push({ specifier: node.source.value, typeOnly: node.exportKind === "type", line });
        }
        break;
      case "ImportExpression":
        imports.push({ specifier: literalText(node.source), typeOnly: false, line });
        break;
      case "TSImportType":
        imports.push({ specifier: node.source.value, typeOnly: true, line });
        break;
      case "TSExternalModuleReference":
        imports.push({ specifier: node.expression.value, typeOnly: false, line });
        break;
    }
  }
  return imports;
}

/** The text of a string, or of a template without placeholders; undefined for any other expression. */
export function literalText(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type === "TemplateLiteral" && node.expressions.length === 0) {
    return node.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
}
