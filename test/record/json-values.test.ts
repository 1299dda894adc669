import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { decodeAll } from "./decoding.ts";

const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const decode = (text: string, arrays: "elements" | "whole" = "elements", more = {}) =>
  decodeAll({ kind: "json", options: { arrays } }, utf8(text), more);
const textOf = (latin1: string): string => Buffer.from(latin1, "latin1").toString();

describe("values", () => {
  test.each([
    ["on lines", '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ["one behind the other", '{"a":1}{"a":2}"x"1 2 true', ['{"a":1}', '{"a":2}', '"x"', "1", "2", "true"]],
    ["in an array", '[{"a":1}, 2,\n "x" ]', ['{"a":1}', "2", '"x"']],
    ["in arrays", "[1,2][3]\n[[4]]", ["1", "2", "3", "[4]"]],
    [
      "on several lines, which become one",
      '{\n  "a b": [1,\r\n\t2],\n  "c": "x \\" y"\n}\n',
      ['{"a b":[1,2],"c":"x \\" y"}'],
    ],
    ["with blanks as they are on one line", '{ "a" : 1 }', ['{ "a" : 1 }']],
    ["behind a byte order mark", "\ufeff[1]", ["1"]],
    ["with brackets in texts", '{"a":"]}{[\\\\"}{"b":"\\""}', ['{"a":"]}{[\\\\"}', '{"b":"\\""}']],
    ["as a number that ends the input", "12", ["12"]],
    [
      "with objects at the starts of lines, as in an array of the usual form",
      '[\n{"a":1},\n{"b":[\n{"c":2}\n]}\n]\n',
      ['{"a":1}', '{"b":[{"c":2}]}'],
    ],
    ["none", " \n ", []],
    ["none in an array", "[ ]", []],
  ])("%s", async (_name, text, expected) => {
    const { values, failures } = await decode(text);
    expect(values.map(textOf)).toEqual(expected);
    expect(failures).toEqual([]);
  });

  test("are whole arrays where the settings say so", async () => {
    expect((await decode("[1,2]\n[3]", "whole")).values).toEqual(["[1,2]", "[3]"]);
  });

  test("have their number as their place", async () => {
    expect((await decode('[1,"a"] {}')).offsets).toEqual([0, 1, 2]);
  });
});

describe("what is damaged is named, and what is behind it is given", () => {
  test.each([
    ["a line that breaks off", '{"a":1}\n{"b":{"c":2}\n{"d":3}\n', ['{"a":1}', '{"d":3}'], ["in#2"]],
    ["a line that breaks off in a text", '{"a":"x\n{"d":3}\n', ['{"d":3}'], ["in#1"]],
    ["a line that breaks off behind a comma", '{"a":1,\n{"d":3}\n', ['{"d":3}'], ["in#1"]],
    ["an array that breaks off on a line", '{"a":[1\n{"d":3}\n', ['{"d":3}'], ["in#1"]],
    ["a word that is none", "1 foo 2", ["1", "2"], ["in#2"]],
    ["brackets that do not fit", '{"a":1] {"b":2}', ['{"b":2}'], ["in#1"]],
    ["a stray bracket", '} {"b":2}', ['{"b":2}'], ["in#1"]],
    ["an element of an array", "[1,foo,2]", ["1", "2"], ["in#2"]],
    ["a comma too many", "[1,,2]", ["1", "2"], ["in#2"]],
    ["a comma too few", "[1 2]", ["1", "2"], ["in#2"]],
    ["a comma at the end of an array", "[1,]", ["1"], ["in#2"]],
    ["a comma between values", "1,2", ["1", "2"], ["in#2"]],
  ])("%s", async (_name, text, expected, places) => {
    const { values, failures } = await decode(text);
    expect(values).toEqual(expected);
    expect(failures.map(({ where }) => where)).toEqual(places);
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(["json.invalid"]));
  });

  test.each([
    ["a value", '{"a":1} {"b":', ['{"a":1}'], "the input ends in the middle of a value"],
    ["an array", "[1, 2", ["1", "2"], "the input ends before the end of its array"],
    ["an array behind a comma", "[1, ", ["1"], "the input ends before the end of its array"],
    ["an element", '[1, "a', ["1"], "the input ends in the middle of a value"],
  ])("the end of the input in %s", async (_name, text, expected, message) => {
    const { values, failures } = await decode(text);
    expect(values).toEqual(expected);
    expect(failures).toEqual([{ code: "record.cut", where: `in#${expected.length + 1}`, message }]);
  });

  test("jsonDepthMax: a value that is nested deeper", async () => {
    const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const most = limits.jsonDepthMax.default;
    const { values, failures } = await decode(`${nested(most)} ${nested(most + 40)} 1`);
    expect(values).toEqual([nested(most), "1"]);
    expect(failures).toMatchObject([{ code: "json.invalid", where: "in#2" }]);
  });

  test("recordBytesMax: a value that is larger", async () => {
    const large = JSON.stringify("x".repeat(limits.recordBytesMax.default));
    const { values, failures, offsets } = await decode(`[1,${large},2]`, "elements", { sizes: [65_536] });
    expect([values, offsets]).toEqual([
      ["1", "2"],
      [0, 2],
    ]);
    expect(failures).toMatchObject([{ code: "record.too-large", where: "in#2" }]);
  });
});

const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });

test("all values are found again, however they come in parts", async () => {
  const anyValues = fc.array(fc.jsonValue().filter((value) => !Array.isArray(value)));
  await fc.assert(
    fc.asyncProperty(
      anyValues,
      fc.constantFrom(undefined, 2),
      fc.boolean(),
      parts,
      async (given, indent, isArray, sizes) => {
        const text = isArray
          ? JSON.stringify(given, undefined, indent)
          : given.map((value) => JSON.stringify(value, undefined, indent)).join("\n");
        const { values, failures } = await decode(text, "elements", { sizes });
        expect(failures).toEqual([]);
        expect(values.map(textOf).map((value) => JSON.parse(value))).toEqual(
          JSON.parse(JSON.stringify(given)),
        );
        expect(values.every((value) => !value.includes("\n"))).toBe(true);
      },
    ),
  );
});

test("any text gives the same, however it comes in parts", async () => {
  const anyText = fc.string({
    unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "1", "\n", " ", "\\", "t", "\ufeff"),
    maxLength: 50,
  });
  await fc.assert(
    fc.asyncProperty(anyText, fc.constantFrom("elements", "whole"), parts, async (text, arrays, sizes) => {
      const whole = await decode(text, arrays);
      // Bytes at the end that are no record are counted with the one before them, or not at all.
      expect({ ...(await decode(text, arrays, { sizes })), byteCount: whole.byteCount }).toEqual(whole);
      for (const value of whole.values) JSON.parse(value);
    }),
    { numRuns: 300 },
  );
});
