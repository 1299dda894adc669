import { z } from "zod";
import {
  type ConnectorSpec,
  connectorPathPattern,
  connectors,
  findConnector,
  settingsOf,
} from "../connector/index.ts";
import { apiVersions, metaSchemas } from "./meta.ts";
import { sectionSchema } from "./millrace-section.ts";
import { stepSchema } from "./steps.ts";

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Fits nothing: a key that must not be there. */
const nothing: JsonSchema = { not: {} };

/**
 * The JSON Schema of a config, for editors. It comes from the schemas that check a config, so it says what they say as
 * far as a JSON Schema can: a rule that looks at two keys at once is beyond it, and an unknown key that only gives a
 * warning is allowed.
 *
 * @param type the one connector that the config may have, such as `http-source`; any where it is absent
 * @throws MillraceError `config.unknown-type`, `connector.end`
 */
export function configSchema(type?: string): JsonSchema {
  const types = type === undefined ? connectorTypes().map((each) => each.type) : [type];
  const meta = tolerant(jsonSchemaOf(metaSchemas.text));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Millrace pipeline",
    description: "A pipeline: a connector, a topic, and the modules between them.",
    type: "object",
    required: ["meta"],
    properties: {
      apiVersion: {
        enum: [...apiVersions.keys()],
        description: "Version of the form; it decides how `meta.topic` is written.",
      },
      meta: {
        ...meta,
        description: "What the pipeline is called, its connector and its topic.",
        properties: {
          ...meta.properties,
          type: typeOf(types, type === undefined),
          topic: { description: "The topic that an inbound pipeline writes to and an outbound one reads." },
        },
      },
      transforms: {
        type: "array",
        items: tolerant(stepJsonSchema()),
        description: "Modules in the order in which they run.",
      },
      filter: { ...stage(), description: "Modules that drop records: one step, or a list of them." },
      shape: { ...stage(), description: "Modules that change records: one step, or a list of them." },
      millrace: { ...orNull(jsonSchemaOf(sectionSchema)), description: "What Fluvio's configs do not have." },
    },
    dependentSchemas: { transforms: { properties: { filter: nothing, shape: nothing } } },
    allOf: [topicDialects(), ...types.map(sectionOf)],
  } as JsonSchema;
}

/** All types that `meta.type` can name, with the connector of each. */
export function connectorTypes(): readonly { readonly type: string; readonly spec: ConnectorSpec }[] {
  return connectors.flatMap((spec) => [
    ...(spec.source === undefined ? [] : [{ type: `${spec.system}-source`, spec }]),
    ...(spec.sink === undefined ? [] : [{ type: `${spec.system}-sink`, spec }]),
  ]);
}

/** What a schema takes, as its own public description. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const {
    $schema: _version,
    "~standard": _standard,
    ...rest
  } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  }) as JsonSchema & { readonly "~standard"?: unknown };
  return rest;
}

/** The keys of the section `millrace:`, with what each takes. */
export function millraceKeys(): Readonly<Record<string, JsonSchema>> {
  return keysOf(sectionSchema);
}

/** @param others whether the type may be a connector of the user's own, named by its path */
function typeOf(types: readonly string[], others: boolean): JsonSchema {
  const description = "The connector: what it speaks to, and in which direction.";
  if (!others) return { enum: [...types], description };
  return { anyOf: [{ enum: [...types] }, { type: "string", pattern: connectorPathPattern }], description };
}

/** Before 0.2.0 a topic was named by a text, since then it is a mapping. */
function topicDialects(): JsonSchema {
  const mappings = [...apiVersions].flatMap(([version, form]) => (form === "mapping" ? String(version) : []));
  const topic = (schema: z.ZodType): JsonSchema => ({
    properties: { meta: { properties: { topic: tolerant(keysOf(schema).topic ?? {}) } } },
  });
  return when(
    { required: ["apiVersion"], properties: { apiVersion: { enum: mappings } } },
    topic(metaSchemas.mapping),
    topic(metaSchemas.text),
  );
}

/** What a type asks of its section and of `millrace.extract`. */
function sectionOf(type: string): JsonSchema {
  const found = findConnector(type);
  const { spec, end } = found;
  const schema = settingsOf(found);
  const settings = { ...tolerant(jsonSchemaOf(schema)), description: spec.summary };
  const isNeeded = !schema.safeParse({}).success;
  const extract = end === "source" ? spec.extract : spec.packing;
  const section = isNeeded ? settings : orNull(settings);
  const choice = extract === undefined ? nothing : orNull(jsonSchemaOf(extract));
  return when(
    { properties: { meta: { required: ["type"], properties: { type: { const: type } } } } },
    {
      ...(isNeeded ? { required: [spec.system] } : {}),
      properties: { [spec.system]: section, millrace: { properties: { extract: choice } } },
    },
  );
}

function stage(): JsonSchema {
  const step = stepJsonSchema();
  return { anyOf: [step, { type: "array", items: step }] };
}

function stepJsonSchema(): JsonSchema {
  const step = jsonSchemaOf(stepSchema);
  const { with: given = {}, ...others } = keysOf(stepSchema);
  const parameter = { type: ["string", "array", "object"] };
  return {
    ...step,
    properties: { ...others, with: { ...given, additionalProperties: parameter } },
  } as JsonSchema;
}

function when(condition: JsonSchema, consequence: JsonSchema, otherwise?: JsonSchema): JsonSchema {
  return {
    if: condition,
    // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
    then: consequence,
    ...(otherwise === undefined ? {} : { else: otherwise }),
  };
}

function keysOf(schema: z.ZodType): Readonly<Record<string, JsonSchema>> {
  return (jsonSchemaOf(schema).properties ?? {}) as Record<string, JsonSchema>;
}

/** A section with nothing below its key is as good as none. */
function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

/** The schema with room for unknown keys, which Fluvio ignores. */
function tolerant(schema: JsonSchema): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === "additionalProperties" && value === false ? undefined : value,
  );
  return JSON.parse(text) as JsonSchema;
}
