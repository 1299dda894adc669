import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connectors } from "../../src/connector/index.ts";

/** Where a JSON Schema allows keys that it does not name, or has a key that it does not describe. */
function gaps(schema: z.core.JSONSchema.BaseSchema, path: string): string[] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    if (typeof value !== "object") return [];
    const here = `${path}.${key}`;
    return [...(value.description === undefined ? [`${here} has no description`] : []), ...gaps(value, here)];
  });
  const isOpen = schema.properties !== undefined && schema.additionalProperties !== false;
  return isOpen ? [`${path} takes any key`, ...inner] : inner;
}

describe.each(connectors.map((spec) => [spec.system, spec] as const))("the schema of %s", (_name, spec) => {
  const schemas = {
    settings: spec.settings,
    ...(spec.sinkSettings === undefined ? {} : { "the settings of the sink": spec.sinkSettings }),
    ...(spec.extract === undefined ? {} : { extract: spec.extract }),
  };

  test.each(Object.entries(schemas))("for %s knows and describes every key", (name, schema) => {
    // A config can only be told of unknown keys by a schema that refuses them.
    expect(gaps(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }), name)).toEqual([]);
  });
});
