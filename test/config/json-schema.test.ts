import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { configSchema } from "../../src/config/index.ts";
import { connectors } from "../../src/connector/index.ts";

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const validate = ajv.compile(configSchema());

const base = { meta: { name: "p", type: "file-source", topic: "t" }, file: { path: "a" } };

describe("the JSON Schema of configs", () => {
  test.each(
    connectors.flatMap(({ system, example }) =>
      Object.entries(example ?? {}).map(([end, text]) => [`${system}-${end}`, text] as const),
    ),
  )("takes the example of %s, also where it is the only connector", (type, text) => {
    expect([validate(parse(text)), validate.errors]).toEqual([true, null]);
    expect(ajv.compile(configSchema(type))(parse(text))).toBe(true);
  });

  test.each([
    ["unknown keys in Fluvio's sections", { ...base, file: { path: "a", color: "red" }, unknown: 1 }],
    ["a connector of one's own", { meta: { name: "p", type: "./mine.js", topic: "t" }, mine: { any: 1 } }],
    [
      "steps under stages",
      { ...base, filter: { uses: "a.wasm" }, shape: [{ uses: "b.wasm", with: { x: "1" } }] },
    ],
    [
      "a topic as a mapping",
      { apiVersion: "0.2.0", ...base, meta: { ...base.meta, topic: { meta: { name: "t" } } } },
    ],
    ["an empty section of ours", { ...base, millrace: null }],
  ])("takes %s", (_what, config) => {
    expect([validate(config), validate.errors]).toEqual([true, null]);
  });

  test.each([
    ["nothing", {}],
    ["a type that does not exist", { ...base, meta: { ...base.meta, type: "fil-source" } }],
    ["a section without what it needs", { ...base, file: {} }],
    ["a setting of the wrong type", { ...base, file: { path: 1 } }],
    ["both ways to name steps", { ...base, transforms: [{ uses: "a" }], filter: { uses: "b" } }],
    ["an unknown key of ours", { ...base, millrace: { isolaton: "inline" } }],
    ["a step without a module", { ...base, transforms: [{ with: {} }] }],
    ["a bare number as a parameter", { ...base, transforms: [{ uses: "a", with: { x: 1 } }] }],
    ["a topic as a text where it is a mapping", { apiVersion: "0.2.0", ...base }],
  ])("refuses %s", (_what, config) => {
    expect(validate(config)).toBe(false);
  });
});
