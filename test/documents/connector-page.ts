import { z } from "zod";
import type { ConnectorSpec } from "../../src/connector/index.ts";
import { cell, generatedNote } from "./page.ts";

/** A JSON Schema, as far as zod makes it of a connector's settings. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly not?: unknown;
}

/** The page of one connector, made from its spec alone. */
export function connectorPage(spec: ConnectorSpec): string {
  const ends = [spec.source === undefined ? [] : ["source"], spec.sink === undefined ? [] : ["sink"]].flat();
  const types = ends.map((end) => `\`${spec.system}-${end}\``).join(" and ");
  const parts = [
    `# ${spec.system}`,
    generatedNote,
    spec.summary,
    `Types: ${types}. Settings stand in the section \`${spec.system}:\`.`,
    "## Example",
    ...Object.values(spec.example ?? {}).map((text) => `\`\`\`yml\n${text.trim()}\n\`\`\``),
    spec.sinkSettings === undefined ? "## Settings" : "## Settings of the source",
    keyTable(schemaOf(spec.settings)),
  ];
  if (spec.sink !== undefined && spec.sinkSettings !== undefined) {
    parts.push("## Settings of the sink", keyTable(schemaOf(spec.sinkSettings)));
  }
  if (spec.source !== undefined && spec.extract !== undefined) {
    parts.push(
      "## Records out of what is read: `millrace.extract` of the source",
      choices(schemaOf(spec.extract)),
    );
  }
  if (spec.sink !== undefined && spec.packing !== undefined) {
    parts.push(
      "## Records into what is written: `millrace.extract` of the sink",
      choices(schemaOf(spec.packing)),
    );
  }
  return `${parts.join("\n\n")}\n`;
}

function schemaOf(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Schema;
}

function keyTable(schema: Schema, prefix = ""): string {
  const rows = rowsOf(schema, prefix);
  if (rows.length === 0) return "There are none.";
  return ["| key | what | default |", "| --- | --- | --- |", ...rows].join("\n");
}

function rowsOf({ properties = {}, required = [] }: Schema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const key = `${prefix}${name}`;
    const fallback =
      schema.default === undefined
        ? required.includes(name)
          ? "required"
          : ""
        : `\`${JSON.stringify(schema.default)}\``;
    const row = `| \`${key}\` | ${cell(schema.description ?? "")} ${cell(typeText(schema))} | ${cell(fallback)} |`;
    return [row, ...rowsOf(schema, `${key}.`)];
  });
}

/** What may stand behind a key, where it is not any text. */
function typeText({ enum: values, anyOf, items, type, const: only }: Schema): string {
  if (only !== undefined) return `\`${String(only)}\``;
  if (values !== undefined) return `One of ${values.map((value) => `\`${String(value)}\``).join(", ")}.`;
  if (items !== undefined) return "A list.";
  if (anyOf !== undefined) {
    const words = anyOf.flatMap((each) => (each.const === undefined ? (each.enum ?? []) : [each.const]));
    return words.length === 0 ? "" : `One of ${words.map((word) => `\`${String(word)}\``).join(", ")}.`;
  }
  return type === "boolean"
    ? "`true` or `false`."
    : type === "integer" || type === "number"
      ? "A number."
      : "";
}

/** A setting that is a word, or an object with one key that says how. */
function choices(schema: Schema): string {
  const objects = (schema.anyOf ?? []).filter((each) => each.properties !== undefined);
  const words = typeText(schema);
  const fallback = schema.default === undefined ? "" : ` Without it: \`${JSON.stringify(schema.default)}\`.`;
  const tables = objects.map((each) => keyTable(each));
  return [`${schema.description ?? ""} ${words}${fallback}`.trim(), ...tables].join("\n\n");
}
