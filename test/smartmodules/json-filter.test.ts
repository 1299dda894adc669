import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { Guest } from "./guest.ts";
import { spell } from "./json-text.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("json-filter");
});

const verdicts = (parameters: Record<string, string>, records: readonly string[]): string[] =>
  new Guest(wasm, parameters).run(frameOf(records)).map(({ verdict }) => verdict);

const keeps = (operator: string, value: string | undefined, record: unknown): boolean => {
  const parameters = { field: "f", operator, ...(value === undefined ? {} : { value }) };
  return verdicts(parameters, [JSON.stringify(record)])[0] === "kept";
};

test("keeps what fulfils the condition, drops the rest, and fails what is not JSON", () => {
  const records = ['{"level":"error"}', '{"level":"info"}', "{}", "nonsense", '{"level":"err\\u006fr"}'];
  const outcomes = new Guest(wasm, { field: "level", value: "error" }).run(frameOf(records));
  expect(outcomes).toStrictEqual([
    { verdict: "kept" },
    { verdict: "dropped" },
    { verdict: "dropped" },
    { verdict: "failed", error: "invalid JSON at byte 0: expected a value" },
    { verdict: "kept" },
  ]);
});

describe("operators", () => {
  const orders: Record<string, (order: number) => boolean> = {
    "==": (order) => order === 0,
    "!=": (order) => order !== 0,
    "<": (order) => order < 0,
    "<=": (order) => order <= 0,
    ">": (order) => order > 0,
    ">=": (order) => order >= 0,
  };

  test("compare numbers as numbers", () => {
    const number = fc.oneof(
      fc.integer({ min: -5, max: 5 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(orders)), number, number, (operator, field, value) => {
        const order = field < value ? -1 : field > value ? 1 : 0;
        expect(keeps(operator, String(value), { f: field })).toBe(orders[operator]!(order));
      }),
    );
  });

  test("compare texts in the order of their code points, whatever escapes they are written with", () => {
    const word = fc.string({
      unit: fc.constantFrom("a", "b", "é", "\u{1f600}", "\uffee", "\n"),
      maxLength: 6,
    });
    const some = fc.infiniteStream(fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(orders)),
        word,
        word,
        some,
        (operator, field, value, choices) => {
          const record = spell({ f: field }, () => choices.next().value as number);
          const expected = orders[operator]!(Buffer.compare(Buffer.from(field), Buffer.from(value)));
          expect(verdicts({ field: "f", operator, value }, [record])[0] === "kept").toBe(expected);
        },
      ),
    );
  });

  test.each([
    ["contains", "ell", "hello", true],
    ["contains", "", "hello", true],
    ["contains", "elo", "hello", false],
    ["starts-with", "he", "hello", true],
    ["starts-with", "el", "hello", false],
    ["ends-with", "lo", "hello", true],
    ["ends-with", "ll", "hello", false],
    ["contains", "1", 123, false],
    ["contains", "a", ["a"], false],
    ["==", "42", "42", true],
    ["==", "4.0", 4, true],
    ["==", "1e1", 10, true],
    ["==", "x", 10, false],
    ["!=", "x", 10, true],
    ["<", "x", 10, false],
    ["==", "true", true, true],
    ["==", "false", true, false],
    ["!=", "false", true, true],
    ["!=", "true", true, false],
    ["==", "null", null, true],
    ["!=", "null", null, false],
    ["!=", "x", null, true],
    [">", "a", true, false],
    ["==", "{}", {}, false],
    ["!=", "{}", {}, true],
    ["==", "[]", [], false],
  ] as const)("%s %s of %j: %s", (operator, value, field, expected) => {
    expect(keeps(operator, value, { f: field })).toBe(expected);
  });

  test("a field that is not there fulfils nothing but missing", () => {
    for (const operator of [...Object.keys(orders), "contains", "starts-with", "ends-with"]) {
      expect(keeps(operator, "", { g: 1 })).toBe(false);
    }
    expect(keeps("missing", undefined, { g: 1 })).toBe(true);
    expect(keeps("exists", undefined, { g: 1 })).toBe(false);
    for (const field of [null, 0, "", false, [], {}]) {
      expect(keeps("missing", undefined, { f: field })).toBe(false);
      expect(keeps("exists", undefined, { f: field })).toBe(true);
    }
  });

  test("long whole numbers are told apart although doubles do not", () => {
    const records = ['{"f":9007199254740993}', '{"f":9007199254740992}', '{"f":9007199254740993.0}'];
    expect(verdicts({ field: "f", value: "9007199254740993" }, records)).toStrictEqual([
      "kept",
      "dropped",
      "kept",
    ]);
    expect(verdicts({ field: "f", operator: "!=", value: "9007199254740993" }, records)).toStrictEqual([
      "dropped",
      "kept",
      "dropped",
    ]);
  });
});

describe("parameters that are refused", () => {
  test.each([
    [{}, "the parameter `field` is missing"],
    [{ feild: "a", value: "1" }, "the parameter `feild` is not known; did you mean `field`?"],
    [{ field: "a" }, "the operator == needs the parameter `value`"],
    [{ field: "a", operator: ">" }, "the operator > needs the parameter `value`"],
    [{ field: "a", operator: "exists", value: "1" }, "the operator exists takes no `value`"],
    [
      { field: "a", operator: "start-with", value: "1" },
      "the parameter `operator` must be one of ==, !=, <, <=, >, >=, contains, starts-with, ends-with, exists, missing;" +
        " not `start-with`, did you mean `starts-with`?",
    ],
    [
      { field: "a[", value: "1" },
      "the path `a[` cannot be read: expected a position or a name in double quotes at character 3",
    ],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters as unknown as Record<string, string>)).toThrow(
      new Error(problem),
    );
  });
});
