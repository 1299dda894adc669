import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connectors, findConnector } from "../../src/connector/index.ts";
import { MillraceError } from "../../src/errors.ts";

function errorOf(type: string): MillraceError {
  try {
    findConnector(type, { file: "pipe.yaml", line: 3 });
  } catch (error) {
    if (MillraceError.is(error)) return error;
  }
  throw new Error(`${type} was found`);
}

describe("finding a connector by its type", () => {
  test.each([
    ["http-source", "http", "source"],
    ["http-sink", "http", "sink"],
    ["file-source", "file", "source"],
    ["file-sink", "file", "sink"],
    ["generate-source", "generate", "source"],
  ])("%s", (type, system, end) => {
    expect(findConnector(type)).toMatchObject({ spec: { system }, end });
  });

  test.each([
    ["htpp-source", 'did you mean "http-source"?'],
    ["file_sink", 'did you mean "file-sink"?'],
    ["http", "the types are file-source, file-sink, generate-source, http-source, http-sink"],
    ["", "the types are file-source"],
    ["mqtt-source", "the types are file-source"],
  ])("%s is no type", (type, hint) => {
    const error = errorOf(type);
    expect(error).toMatchObject({
      code: "config.unknown-type",
      message: `no connector has the type "${type}"`,
      where: { file: "pipe.yaml", line: 3 },
    });
    expect(error.hint).toContain(hint);
  });

  test.each([["generate-sink", "the generate connector has no sink", "it has: generate-source"]])(
    "%s lacks its end",
    (type, message, hint) => {
      expect(errorOf(type)).toMatchObject({
        code: "connector.end",
        message,
        hint,
        where: { file: "pipe.yaml" },
      });
    },
  );
});

/** Paths of the keys in a JSON Schema that have no description. */
function undescribed(schema: z.core.JSONSchema.BaseSchema, path: string): string[] {
  const parts = Object.entries(schema.properties ?? {}).map(
    ([key, part]) => [`${path}.${key}`, part] as const,
  );
  const own = parts.flatMap(([name, part]) => (typeof part === "object" && part.description ? [] : [name]));
  const inner = [...parts, ...(schema.anyOf ?? []).map((part) => [path, part] as const)];
  return [
    ...own,
    ...inner.flatMap(([name, part]) => (typeof part === "object" ? undescribed(part, name) : [])),
  ];
}

describe.each(connectors)("the schema of $system", ({ settings, extract, summary }) => {
  test("describes every key, for people and for editors", () => {
    expect(summary).toMatch(/^[A-Z].*\.$/);
    for (const schema of [settings, extract]) {
      if (schema === undefined) continue;
      const json = z.toJSONSchema(schema, { io: "input" });
      expect(undescribed(json, "")).toEqual([]);
    }
  });

  test("refuses keys that it does not know", () => {
    const { error } = settings.safeParse({ unheard: 1 });
    expect(error?.issues).toContainEqual(
      expect.objectContaining({ code: "unrecognized_keys", keys: ["unheard"] }),
    );
  });
});
