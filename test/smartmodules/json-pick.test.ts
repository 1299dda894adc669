import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { Guest, type Outcome } from "./guest.ts";
import { document, spell } from "./json-text.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("json-pick");
});

const pick = (parameters: Record<string, string>, record: string): Outcome =>
  new Guest(wasm, parameters).run(frameOf([record]))[0]!;

const pickFields = (fields: unknown, record: unknown): string | undefined =>
  pick({ fields: JSON.stringify(fields) }, JSON.stringify(record)).value;

test("renames, keeps the order of the parameter, and copies values as they stand", () => {
  const record =
    '{"type":"Feature","properties":{"mag":4.50,"place":"a \\u0062","time":1e3},"geometry":{"coordinates":[1, 2]}}';
  const fields =
    '{"place":"properties.place","m\\"ag":"properties.mag","at":"geometry.coordinates","first":"geometry.coordinates[0]"}';
  expect(pick({ fields }, record)).toStrictEqual({
    verdict: "replaced",
    value: '{"place":"a \\u0062","m\\"ag":4.50,"at":[1, 2],"first":1}',
  });
});

test("an array keeps the last names", () => {
  const record = { level: "info", user: { id: 7 }, items: [{ n: 1 }] };
  expect(pickFields(["level", "user.id", "items[0]", "$.items[0].n"], record)).toBe(
    '{"level":"info","id":7,"items":{"n":1},"n":1}',
  );
});

test("fields that are not there are left out, or null where wanted", () => {
  expect(pickFields(["a", "b", "c"], { b: null })).toBe('{"b":null}');
  expect(pick({ fields: '["a","b","c"]', missing: "null" }, '{"b":1}').value).toBe(
    '{"a":null,"b":1,"c":null}',
  );
  expect(pickFields(["a"], 12)).toBe("{}");
});

test("an object and what is in it can both be picked, and one field twice", () => {
  expect(pickFields({ all: "a", one: "a.b", two: "a.b", root: "$" }, { a: { b: [1] }, c: 2 })).toBe(
    '{"all":{"b":[1]},"one":[1],"two":[1],"root":{"a":{"b":[1]},"c":2}}',
  );
});

test("does what JSON.parse, picking and JSON.stringify do", () => {
  const name = fc.constantFrom("a", "b", "ab", "level", "é", "properties");
  const fields = fc.dictionary(fc.string({ maxLength: 8 }), fc.array(name, { minLength: 1, maxLength: 3 }), {
    minKeys: 1,
  });
  fc.assert(
    fc.property(document, fields, fc.infiniteStream(fc.nat(255)), (value, wanted, choices) => {
      // An empty name cannot be told from a path without one.
      const entries = Object.entries(wanted).filter(([key]) => key !== "");
      fc.pre(entries.length > 0);
      const text = spell(value, () => choices.next().value as number);
      const parsed = JSON.parse(text) as unknown;
      const expected = entries.flatMap(([key, path]) => {
        const found = path.reduce<unknown>((at, each) => {
          const isObject = at !== null && typeof at === "object" && !Array.isArray(at);
          return isObject && Object.hasOwn(at, each) ? (at as Record<string, unknown>)[each] : undefined;
        }, parsed);
        return found === undefined ? [] : [[key, found] as const];
      });
      const parameter = JSON.stringify(
        Object.fromEntries(entries.map(([key, path]) => [key, path.join(".")])),
      );
      const outcome = pick({ fields: parameter }, text);
      expect(JSON.parse(outcome.value as string)).toStrictEqual(Object.fromEntries(expected));
    }),
    { numRuns: 300 },
  );
});

test("a record that is not JSON fails alone", () => {
  const outcomes = new Guest(wasm, { fields: '["a"]' }).run(frameOf(['{"a":1}', '{"b":1', '{"a":2}']));
  expect(outcomes).toStrictEqual([
    { verdict: "replaced", value: '{"a":1}' },
    { verdict: "failed", error: "invalid JSON at byte 6: it ends before it is complete" },
    { verdict: "replaced", value: '{"a":2}' },
  ]);
});

describe("parameters that are refused", () => {
  test.each([
    [{}, "the parameter `fields` is missing"],
    [
      { fields: "{" },
      "the parameter `fields` is no JSON: invalid JSON at byte 1: it ends before it is complete",
    ],
    [{ fields: "12" }, "the parameter `fields` must be a JSON object or array"],
    [{ fields: "[]" }, "the parameter `fields` names no field"],
    [{ fields: "[12]" }, "the parameter `fields` has 12 where a path in quotes should be"],
    [{ fields: '["a","b.a"]' }, "the parameter `fields` has two fields that would be called `a`"],
    [{ fields: '["$"]' }, "the path `$` has no name; write `fields` as an object to give it one"],
    [{ fields: '["a..b"]' }, "the path `a..b` cannot be read: expected a name at character 3"],
    [
      { fields: '["a"]', missing: "nul" },
      "the parameter `missing` must be one of omit, null; not `nul`, did you mean `null`?",
    ],
    [{ fields: '["a"]', field: "a" }, "the parameter `field` is not known; did you mean `fields`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters as unknown as Record<string, string>)).toThrow(
      new Error(problem),
    );
  });
});
