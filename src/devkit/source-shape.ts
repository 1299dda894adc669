import { withArticle } from "../base/index.ts";
import type { TransformKind } from "../engine/index.ts";
import { MillraceError } from "../errors.ts";
import type { AscExports, AscFunction, AscNode, AscSyntax, AscVariables } from "./compiler.ts";
import { placeIn } from "./source-text.ts";

/** The functions that a source can export as its transform, with the kind that each makes. */
const transforms = {
  filter: "filter",
  map: "map",
  filterMap: "filter-map",
  arrayMap: "array-map",
  aggregate: "aggregate",
} as const satisfies Record<string, TransformKind>;

type TransformName = keyof typeof transforms;

export type BuiltKind = (typeof transforms)[TransformName];

const optionalNames = ["init", "stateful", "lookBack", "restore", "save"] as const;

type OptionalName = (typeof optionalNames)[number];

/** What a module's source exports, as far as the build has to know. */
export interface SourceShape {
  readonly kind: BuiltKind;
  /** Name of the function that is the transform. */
  readonly transform: TransformName;
  /** What else of what the build knows is exported. */
  readonly optional: ReadonlySet<OptionalName>;
}

interface Declaration {
  readonly parameters: number;
  readonly returns: readonly string[];
  readonly text: string;
}

const transformNames = Object.keys(transforms) as readonly TransformName[];

const isBool = ["bool", "boolean"];
const isVoid = ["void"];

/** How each function that the build knows is declared. */
const declarations: Readonly<Record<TransformName | Exclude<OptionalName, "stateful">, Declaration>> = {
  filter: { parameters: 1, returns: isBool, text: "export function filter(record: Record): bool" },
  map: { parameters: 1, returns: isVoid, text: "export function map(record: Record): void" },
  filterMap: { parameters: 1, returns: isBool, text: "export function filterMap(record: Record): bool" },
  arrayMap: { parameters: 1, returns: isVoid, text: "export function arrayMap(record: Record): void" },
  aggregate: {
    parameters: 2,
    returns: isVoid,
    text: "export function aggregate(record: Record, accumulator: Accumulator): void",
  },
  init: { parameters: 1, returns: isVoid, text: "export function init(parameters: Parameters): void" },
  lookBack: { parameters: 1, returns: isVoid, text: "export function lookBack(record: Record): void" },
  restore: {
    parameters: 1,
    returns: isVoid,
    text: "export function restore(accumulator: Accumulator): void",
  },
  save: { parameters: 1, returns: isVoid, text: "export function save(accumulator: Accumulator): void" },
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

  const [transform, second] = transformNames.filter((name) => exported.has(name));
  if (transform === undefined) {
    const usual = transformNames.map((name) => `\`${declarations[name].text}\``).join(" or ");
    return fail("the source exports no transform", `export one function: ${usual}`);
  }
  if (second !== undefined) {
    return fail(
      `the source exports both ${transform} and ${second}`,
      "a module has one transform; make two modules and name both in the pipeline",
      exported.get(second),
    );
  }
  for (const [name, node] of exported) {
    if (!Object.hasOwn(declarations, name) || !(node instanceof syntax.FunctionDeclaration)) continue;
    const wanted = declarations[name as keyof typeof declarations];
    const returns = node.signature.returnType.name?.identifier.text ?? "";
    if (node.signature.parameters.length !== wanted.parameters || !wanted.returns.includes(returns)) {
      fail(
        `${name} is declared in another way than the build needs it`,
        `declare it as \`${wanted.text}\``,
        node,
      );
    }
  }
  for (const name of ["restore", "save"] as const) {
    if (exported.has(name) && transform !== "aggregate") {
      fail(
        `${name} belongs to an aggregate, and this is ${withArticle(transforms[transform])}`,
        "remove it",
        exported.get(name),
      );
    }
  }
  return {
    kind: transforms[transform],
    transform,
    optional: new Set(optionalNames.filter((name) => exported.has(name))),
  };
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
