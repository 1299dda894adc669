import type { JsonSchema } from "../config/index.ts";

/*
 * The shapes of what `--json` gives, as JSON Schemas. All keys of an object are always there; more may come, which programs are
 * to ignore.
 */

export const text: JsonSchema = { type: "string" };
export const number: JsonSchema = { type: "number" };
export const count: JsonSchema = { type: "integer", minimum: 0 };
export const truth: JsonSchema = { type: "boolean" };

export function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** An object whose keys are not known before. */
export function mapOf(values: JsonSchema): JsonSchema {
  return { type: "object", additionalProperties: values };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

export function described(description: string, schema: JsonSchema): JsonSchema {
  return { ...schema, description };
}

/** The schema of all that a command prints with `--json`. */
export function envelope(commands: readonly [string, ...string[]], result: JsonSchema): JsonSchema {
  const error = object({ code: text, message: text });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `What \`millrace ${commands[0]} --json\` prints`,
    ...object({
      command: { enum: [...commands] },
      ok: truth,
      summary: text,
      result: orNull(result),
      error: orNull(error),
    }),
  };
}
