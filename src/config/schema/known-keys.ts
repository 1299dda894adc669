import { z } from "zod";
import type { Path } from "../yaml/node.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The keys that a schema knows in the mapping at a path. Read from its JSON Schema, which is the schema's own public
 * description.
 */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  const root = jsonSchemaOf(schema);
  let here: JsonSchema[] = alternatives(root, root);
  for (const step of path) {
    here = here.flatMap((each) => next(each, step)).flatMap((each) => alternatives(each, root));
  }
  return [...new Set(here.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

/** Kept, because a config may have any number of unknown keys. */
const jsonSchemas = new WeakMap<z.ZodType, JsonSchema>();

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const kept = jsonSchemas.get(schema);
  if (kept !== undefined) return kept;
  const made = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  jsonSchemas.set(schema, made);
  return made;
}

/** The schema itself and all that it allows instead or besides. */
function alternatives(schema: JsonSchema, root: JsonSchema): JsonSchema[] {
  const { $ref: reference, anyOf = [], oneOf = [], allOf = [] } = schema;
  const definition = /^#\/\$defs\/(.*)$/.exec(reference ?? "")?.[1];
  const referred = definition === undefined ? [] : [root.$defs?.[definition] ?? {}];
  const inner = [...anyOf, ...oneOf, ...allOf, ...referred].filter(isSchema);
  return [schema, ...inner.flatMap((each) => alternatives(each, root))];
}

function next(schema: JsonSchema, step: string | number): JsonSchema[] {
  const { properties, additionalProperties, items } = schema;
  const inner = typeof step === "number" ? [items].flat() : [properties?.[step] ?? additionalProperties];
  return inner.filter(isSchema);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null;
}
