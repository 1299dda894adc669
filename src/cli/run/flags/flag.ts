import { durationPattern } from "../../../base/index.ts";
import type { JsonSchema } from "../../../config/index.ts";

/** How the words behind a flag become a value of the config. */
export type FlagKind = "text" | "number" | "scalar" | "boolean" | "list" | "mapping";

/** A key of a config as an option of the command line. */
export interface Flag {
  /** With its hyphens: `--output-parts`. */
  readonly option: string;
  /** Where the value belongs, from the root of the config. */
  readonly path: readonly string[];
  readonly kind: FlagKind;
  readonly placeholder: string;
  readonly description: string;
  readonly default: string | undefined;
  readonly isRequired: boolean;
  /** For a mapping: whether one word alone is a value too, as `body` is for `extract`. */
  readonly takesWord: boolean;
  /** For a mapping: what the values of its known keys are; of others they are texts. */
  readonly pairKinds: ReadonlyMap<string, FlagKind>;
}

/**
 * The flags of the keys that a schema knows. A key with keys of its own becomes a flag for each of them
 * (`--tls.ca`), a list one that may be repeated, and any other mapping one that takes `key=value`.
 *
 * @param path of the mapping that the schema describes
 * @param taken options that mean something else already; a key with such a name gets the last name of the path in front
 */
export function flagsOf(
  schema: JsonSchema,
  path: readonly string[],
  taken: ReadonlySet<string>,
): readonly Flag[] {
  const flags = keysOf(schema).flatMap(([key, inner]): Flag[] => {
    const option = optionFor(key, path, taken);
    return flagOf(inner, [...path, key], option, schema.required?.includes(key) === true);
  });
  // Two keys may be spellings of one, such as user_agent and user-agent.
  const byOption = new Map<string, Flag>();
  for (const flag of flags) {
    const { description } = byOption.get(flag.option) ?? flag;
    byOption.set(flag.option, { ...flag, description });
  }
  return [...byOption.values()].sort((left, right) => Number(right.isRequired) - Number(left.isRequired));
}

/** The flag for one key; more where the key has keys of its own; none for a key that no value fits. */
export function flagOf(
  schema: JsonSchema,
  path: readonly string[],
  option: string,
  isRequired = false,
): Flag[] {
  if (schema.not !== undefined || schema.const === false) return [];
  const inner = keysOf(schema);
  if (schema.type === "object" && inner.length > 0) {
    return inner.flatMap(([key, each]) =>
      flagOf(
        each,
        [...path, key],
        `${option}.${hyphened(key)}`,
        isRequired && schema.required?.includes(key) === true,
      ),
    );
  }
  const settings = alternatives(schema).flatMap(keysOf);
  const groups = settings.filter(([, each]) => each.type === "object" && keysOf(each).length > 0);
  const choices = choicesOf(schema);
  // Where each key stands for keys of its own, those have flags, and what is left is a choice of words.
  const isChoice = groups.length > 0 && groups.length === settings.length && choices !== undefined;
  const kind = isChoice ? "text" : kindOf(schema);
  return [
    {
      option,
      path,
      kind,
      placeholder: placeholderFor(kind, schema, choices),
      description: (schema.description ?? "").replace(/\.$/, ""),
      default: typeof schema.default === "object" ? undefined : textOf(schema.default),
      isRequired,
      pairKinds: new Map(settings.map(([key, each]) => [key, kindOf(each)])),
      takesWord: alternatives(schema).some(({ type }) => type !== "object" && type !== "null"),
    },
    ...groups.flatMap(([key, each]) => flagOf(each, [...path, key], `${option}.${hyphened(key)}`)),
  ];
}

function hyphened(key: string): string {
  return key
    .replaceAll("_", "-")
    .replaceAll(/([a-z])([A-Z])/g, (_, low, high) => `${low}-${high}`)
    .toLowerCase();
}

function optionFor(key: string, path: readonly string[], taken: ReadonlySet<string>): string {
  const option = `--${hyphened(key)}`;
  return taken.has(option) ? `--${path.at(-1)}-${hyphened(key)}` : option;
}

function kindOf(schema: JsonSchema): FlagKind {
  const kinds = alternatives(schema).map(
    ({ type, enum: values }) => type ?? (values === undefined ? "any" : "string"),
  );
  if (kinds.includes("object")) return "mapping";
  if (kinds.includes("array")) return "list";
  if (kinds.every((kind) => kind === "string")) return "text";
  if (kinds.every((kind) => kind === "number" || kind === "integer")) return "number";
  return kinds.every((kind) => kind === "boolean") ? "boolean" : "scalar";
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter((each) => typeof each === "object");
  return inner.length === 0 ? [schema] : inner.flatMap(alternatives);
}

function choicesOf(schema: JsonSchema): readonly string[] | undefined {
  const values = alternatives(schema).flatMap(
    ({ enum: some, const: one }) => some ?? (one === undefined ? [] : [one]),
  );
  const texts = values.filter((value) => typeof value === "string");
  return texts.length === 0 ? undefined : texts;
}

function placeholderFor(kind: FlagKind, schema: JsonSchema, choices: readonly string[] | undefined): string {
  if (kind === "mapping") return choices === undefined ? "<key=value>" : `<${choices.join("|")}|key=value>`;
  if (choices !== undefined && kind === "text") return `<${choices.join("|")}>`;
  if (kind === "number") return "<number>";
  if (schema.pattern === durationPattern) return "<duration>";
  return kind === "scalar" ? "<value>" : "<text>";
}

function keysOf({ properties = {} }: JsonSchema): (readonly [string, JsonSchema])[] {
  return Object.entries(properties).flatMap(([key, inner]) =>
    typeof inner === "object" ? [[key, inner] as const] : [],
  );
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}
