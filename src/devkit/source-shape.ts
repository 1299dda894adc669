import { MillraceError } from "../errors.ts";
import type { AscExports, AscFunction, AscNode, AscSyntax, AscVariables } from "./compiler.ts";
import { placeIn } from "./source-text.ts";

const transformNames = ["filter", "map"] as const;

export type BuiltKind = (typeof transformNames)[number];

/** What a module's source exports, as far as the build has to know. */
export interface SourceShape {
  readonly kind: BuiltKind;
  readonly hasInit: boolean;
  readonly hasStateful: boolean;
}

/** How each function that the build knows is declared. */
const declarations: Readonly<Record<string, { readonly returns: readonly string[]; readonly text: string }>> =
  {
    filter: { returns: ["bool", "boolean"], text: "export function filter(record: Record): bool" },
    map: { returns: ["void"], text: "export function map(record: Record): void" },
    init: { returns: ["void"], text: "export function init(parameters: Parameters): void" },
  };

/**
 * Finds out what a module's source exports. What cannot be read is left to the compiler, whose messages are better.
 * @throws MillraceError `module.source` when it does not export exactly one transform, or one that is declared in
 * another way
 */
export function shapeOf(syntax: AscSyntax, text: string, file: string): SourceShape {
  const program = syntax.newProgram(syntax.newOptions());
  syntax.parse(program, text, "source.ts", false);
  const statements =
    program.sources.find((source) => source.normalizedPath === "source.ts")?.statements ?? [];
  const exported = new Map<string, AscNode>();
  for (const statement of statements) {
    for (const [name, node] of exportsOf(syntax, statement)) exported.set(name, node);
  }
  const fail = (message: string, hint: string, node?: AscNode): never => {
    const place = node === undefined ? {} : placeIn(text, node.range.start);
    throw new MillraceError("module.source", message, { where: { file, ...place }, hint });
  };

  const kinds = transformNames.filter((name) => exported.has(name));
  const [kind, second] = kinds;
  if (kind === undefined) {
    const usual = transformNames.map((name) => `\`${declarations[name]?.text}\``).join(" or ");
    return fail("the source exports no transform", `export one function: ${usual}`);
  }
  if (second !== undefined) {
    return fail(
      `the source exports both ${kind} and ${second}`,
      "a module has one transform; make two modules and name both in the pipeline",
      exported.get(second),
    );
  }
  for (const [name, node] of exported) {
    const wanted = declarations[name];
    if (wanted === undefined || !(node instanceof syntax.FunctionDeclaration)) continue;
    const returns = node.signature.returnType.name?.identifier.text ?? "";
    if (node.signature.parameters.length !== 1 || !wanted.returns.includes(returns)) {
      fail(
        `${name} is declared in another way than the build needs it`,
        `declare it as \`${wanted.text}\``,
        node,
      );
    }
  }
  return { kind, hasInit: exported.has("init"), hasStateful: exported.has("stateful") };
}

function exportsOf(syntax: AscSyntax, statement: AscNode): [string, AscNode][] {
  const flag = syntax.CommonFlags.Export;
  if (statement instanceof syntax.FunctionDeclaration) {
    const declared: AscFunction = statement;
    return declared.is(flag) ? [[declared.name.text, declared]] : [];
  }
  if (statement instanceof syntax.VariableStatement) {
    const declared: AscVariables = statement;
    return declared.declarations.filter((each) => each.is(flag)).map((each) => [each.name.text, each]);
  }
  if (statement instanceof syntax.ExportStatement) {
    const listed: AscExports = statement;
    return (listed.members ?? []).map((each) => [each.exportedName.text, each]);
  }
  return [];
}
