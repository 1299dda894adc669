import type { Node } from "oxc-parser";
import { literalText, type Rule, type SourceFile, type SourceTree } from "./source-tree.ts";

const errorsPath = "src/errors.ts";
const limitsPath = "src/limits.ts";

/** The keys of the object literal that a file exports under a name, or undefined where there is none. */
function keysOf(tree: SourceTree, path: string, name: string): string[] | undefined {
  for (const { node } of tree.source.get(path)?.nodes ?? []) {
    if (node.type !== "VariableDeclarator" || node.id.type !== "Identifier" || node.id.name !== name)
      continue;
    let value: Node | null = node.init;
    while (value?.type === "TSAsExpression" || value?.type === "TSSatisfiesExpression")
      value = value.expression;
    if (value?.type !== "ObjectExpression") return undefined;
    return value.properties.flatMap((property) => {
      if (property.type !== "Property") return [];
      return property.key.type === "Identifier" ? [property.key.name] : (literalText(property.key) ?? []);
    });
  }
  return undefined;
}

/** All names and strings that the code of a file uses; comments do not count. */
function namesAndStrings(file: SourceFile): Set<string> {
  return new Set(
    file.nodes.flatMap(({ node }) => (node.type === "Identifier" ? [node.name] : (literalText(node) ?? []))),
  );
}

function usedOutside(tree: SourceTree, path: string): Set<string> {
  const used = [...tree.source.values()].filter((file) => file.path !== path).map(namesAndStrings);
  return new Set(used.flatMap((names) => [...names]));
}

export const errorCodesAreUsed: Rule = (tree) => {
  const codes = keysOf(tree, errorsPath, "errorCodes");
  if (codes === undefined) return [`${errorsPath}: no object literal errorCodes`];
  const used = usedOutside(tree, errorsPath);
  return codes.filter((code) => !used.has(code)).map((code) => `${errorsPath}: ${code} is never used`);
};

/** Catches what the compiler does not: a cast, or a registry that some other type replaced. */
export const errorCodesAreRegistered: Rule = (tree) => {
  const codes = new Set(keysOf(tree, errorsPath, "errorCodes"));
  return [...tree.source.values()].flatMap((file) =>
    file.nodes.flatMap(({ node }) => {
      if (node.type !== "NewExpression" || node.callee.type !== "Identifier") return [];
      const [first] = node.arguments;
      if (node.callee.name !== "MillraceError" || first === undefined) return [];
      return stringsWithin(file, first)
        .filter((code) => !codes.has(code))
        .map((code) => `${file.path}:${file.lineOf(node.start)}: ${code} is not in the registry`);
    }),
  );
};

/** The strings that an expression may yield, such as both of `late ? "a.b" : "c.d"`. */
function stringsWithin(file: SourceFile, outer: Node): string[] {
  return file.nodes
    .filter(({ node, parent }) => {
      const isOperand = parent?.type === "BinaryExpression" || parent?.type === "CallExpression";
      return node.start >= outer.start && node.end <= outer.end && !isOperand;
    })
    .flatMap(({ node }) => literalText(node) ?? []);
}

export const limitsAreUsedAndTested: Rule = (tree) => {
  const names = keysOf(tree, limitsPath, "limits");
  if (names === undefined) return [`${limitsPath}: no object literal limits`];
  const used = usedOutside(tree, limitsPath);
  const tests = [...tree.tests]
    .filter(([path]) => path.endsWith(".test.ts"))
    .map(([, text]) => text)
    .join("\n");
  return names.flatMap((name) => [
    ...(used.has(name) ? [] : [`${limitsPath}: ${name} is never used`]),
    ...(new RegExp(`\\b${name}\\b`).test(tests) ? [] : [`${limitsPath}: no test names ${name}`]),
  ]);
};
