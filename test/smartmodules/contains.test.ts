import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf, type RecordInput } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { Guest } from "./guest.ts";
import { spell } from "./json-text.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("contains");
});

const keeps = (parameters: Record<string, string>, ...records: (RecordInput | string)[]): boolean[] =>
  new Guest(wasm, parameters).run(frameOf(records)).map(({ verdict }) => {
    if (verdict === "failed") throw new Error("a record failed");
    return verdict === "kept";
  });

const word = fc.string({
  unit: fc.constantFrom(..."abAB", "é", "\u{1f600}", '"', "\\", "\n"),
  maxLength: 12,
});
const needle = word.filter((text) => text !== "");
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

describe("texts", () => {
  test("are found where includes finds them: one, any, all, in any case, inverted", () => {
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 20 }),
        fc.array(needle, { minLength: 1, maxLength: 10 }),
        fc.boolean(),
        fc.boolean(),
        (values, needles, isIgnoringCase, isInverted) => {
          const fold = isIgnoringCase ? lower : (text: string): string => text;
          const includes = (value: string, each: string): boolean => fold(value).includes(fold(each));
          const flags = { "ignore-case": String(isIgnoringCase), invert: String(isInverted) };
          const texts = JSON.stringify(needles);
          const expected = (test: (value: string) => boolean): boolean[] =>
            values.map((value) => test(value) !== isInverted);
          expect(keeps({ text: needles[0]!, ...flags }, ...values)).toStrictEqual(
            expected((value) => includes(value, needles[0]!)),
          );
          expect(keeps({ texts, ...flags }, ...values)).toStrictEqual(
            expected((value) => needles.some((each) => includes(value, each))),
          );
          expect(keeps({ texts, match: "all", ...flags }, ...values)).toStrictEqual(
            expected((value) => needles.every((each) => includes(value, each))),
          );
        },
      ),
    );
  });

  test("of a JSON field are looked at without quotes and escapes, in any spelling", () => {
    fc.assert(
      fc.property(word, needle, fc.infiniteStream(fc.nat(255)), (value, text, choices) => {
        const record = spell({ b: "ab", f: { g: value } }, () => choices.next().value as number);
        expect(keeps({ in: "field:f.g", text }, record)).toStrictEqual([value.includes(text)]);
      }),
    );
  });
});

test.each([
  [{ regex: "^a+\\d$" }, "aa1", true],
  [{ regex: "^a+\\d$" }, "xaa1", false],
  [{ regex: "ERR|WARN", "ignore-case": "true" }, "an error", true],
  [{ glob: "*.log" }, "a.log", true],
  [{ glob: "*.log" }, "a.logs", false],
  [{ glob: "*.LOG", "ignore-case": "true" }, "a.log", true],
  [{ glob: "*.log", invert: "true" }, "a.log", false],
] as const)("%j of %s: %s", (parameters, value, expected) => {
  expect(keeps(parameters, value)).toStrictEqual([expected]);
});

describe("places", () => {
  test("keys", () => {
    const records = [{ key: "user-1", value: "" }, { key: "", value: "user" }, { value: "user" }];
    expect(keeps({ in: "key", text: "user" }, ...records)).toStrictEqual([true, false, false]);
    expect(keeps({ in: "key", regex: "^" }, ...records)).toStrictEqual([true, true, false]);
    expect(keeps({ in: "key", text: "user", invert: "true" }, ...records)).toStrictEqual([false, true, true]);
  });

  test("headers, of which one that fits is enough", () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const record = (...headers: [string, string][]): RecordInput => ({
      value: "json",
      headers: headers.map(([name, value]) => ({ name, value: encode(value) })),
    });
    const records = [
      record(["type", "text/json"], ["other", "x"]),
      record(["type", "text/csv"], ["type", "application/json"]),
      record(["types", "json"], ["typ", "json"], ["TYPE", "json"]),
      record(),
    ];
    expect(keeps({ in: "header:type", text: "json" }, ...records)).toStrictEqual([true, true, false, false]);
    expect(keeps({ in: "header:type", glob: "*" }, ...records)).toStrictEqual([true, true, false, false]);
  });

  test("fields of other kinds as they stand, and none where there is none", () => {
    const records = ['{"f":1234.50}', '{"f":{"a": 23}}', '{"f":null}', '{"g":23}', "23", "[23]"];
    expect(keeps({ in: "field:f", text: "23" }, ...records)).toStrictEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(keeps({ in: "field:f", regex: "^null$|^$" }, ...records)).toStrictEqual([
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(keeps({ in: "field:$", text: "23" }, "[23]")).toStrictEqual([true]);
  });

  test("a record that is not JSON fails alone, and only where a field is asked for", () => {
    const records = frameOf(['{"f":"a"}', '{"f', '{"f":"a"}']);
    expect(new Guest(wasm, { in: "field:f", text: "a", invert: "true" }).run(records)).toStrictEqual([
      { verdict: "dropped" },
      { verdict: "failed", error: "invalid JSON at byte 3: it ends before it is complete" },
      { verdict: "dropped" },
    ]);
    expect(keeps({ text: "{" }, '{"f')).toStrictEqual([true]);
  });
});

describe("parameters that are refused", () => {
  test.each([
    [{}, "one of the parameters `text`, `texts`, `glob` and `regex` must be given"],
    [{ text: "a", glob: "b" }, "only one of `text` and `glob` can be given"],
    [{ text: "" }, "the parameter `text` is empty"],
    [{ regex: "" }, "the parameter `regex` is empty"],
    [{ text: "a", match: "all" }, "the parameter `match` goes with `texts` only"],
    [{ texts: "[]" }, "the parameter `texts` has no text"],
    [{ texts: "[1]" }, "the parameter `texts` has 1 where a text in quotes should be"],
    [{ texts: '["a",""]' }, "the parameter `texts` has an empty text, which is everywhere"],
    [{ texts: '"a"' }, "the parameter `texts` must be a JSON array"],
    [{ texts: "a,b" }, "the parameter `texts` is no JSON: invalid JSON at byte 0: expected a value"],
    [{ texts: '["a"]', match: "some" }, "the parameter `match` must be one of any, all; not `some`"],
    [
      { text: "a", in: "header" },
      "the parameter `in` must be value, key, header:NAME or field:PATH; not `header`",
    ],
    [
      { text: "a", in: "header:" },
      "the parameter `in` must be value, key, header:NAME or field:PATH; not `header:`",
    ],
    [{ text: "a", in: "field:a." }, "the path `a.` cannot be read: expected a name at character 3"],
    [{ text: "a", in: "field:" }, "the path `` cannot be read: it is empty"],
    [{ regex: "a(" }, "the pattern `a(` cannot be read: the parenthesis is not closed at character 2"],
    [{ glob: "a[" }, "the pattern `a[` cannot be read: the bracket is not closed at character 2"],
    [{ text: "a", invert: "yes" }, "the parameter `invert` must be one of true, false; not `yes`"],
    [{ txt: "a" }, "the parameter `txt` is not known; did you mean `text`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters as unknown as Record<string, string>)).toThrow(
      new Error(problem),
    );
  });
});
