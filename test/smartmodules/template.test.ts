import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf, type RecordInput } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { Guest, type Outcome } from "./guest.ts";
import { document, spell, wellFormed } from "./json-text.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("template");
});

type Parameters = Readonly<Record<string, string>>;

const run = (template: string, record: RecordInput | string, more: Parameters = {}): Outcome =>
  new Guest(wasm, { template, ...more }).run(frameOf([record]))[0]!;

const fill = (template: string, record: RecordInput | string, more: Parameters = {}): string | undefined => {
  const { value, error } = run(template, record, more);
  return value ?? error;
};

const json = (template: string, record: RecordInput | string, more: Parameters = {}): string | undefined =>
  fill(template, record, { output: "json", ...more });

const time = Date.UTC(2024, 1, 29, 12, 30, 15, 250);
const full: RecordInput = {
  value: '{"name":"Ada \\"A\\" \\u00c9","n":4.50,"list":[1, 2],"none":null,"deep":{"x":true},"key":"k"}',
  key: 'k"1',
  timestamp: time,
  headers: [
    { name: "type", value: Buffer.from("first") },
    { name: "type", value: Buffer.from("second") },
  ],
};

describe("as text", () => {
  test.each([
    ["{{name}}", 'Ada "A" É'],
    ["<{{ n }}|{{list}}|{{list[1]}}|{{none}}|{{deep}}|{{deep.x}}>", '<4.50|[1, 2]|2|null|{"x":true}|true>'],
    ['{{["name"]}}{{$.n}}', 'Ada "A" É4.50'],
    ["{{key}}/{{$.key}}", 'k"1/k'],
    ["{{header:type}} {{header:other}}.", "first ."],
    ["{{timestamp}}", "2024-02-29T12:30:15.250Z"],
    ["{{timestamp:%d/%b/%Y}} {{timestamp:%s}} {{timestamp:%Q}}", "29/Feb/2024 1709209815 1709209815250"],
    ["plain é\u{1f600}", "plain é\u{1f600}"],
    ["\\{{name}} {name} }} {", "{{name}} {name} }} {"],
    ['"{{name}}\\"', '"Ada "A" É\\"'],
    ["{{value}}", full.value as string],
    ["{{$}}", full.value as string],
  ])("%s gives %s", (template, expected) => {
    expect(fill(template, full)).toBe(expected);
  });

  test("a record need not be JSON where no field is asked for", () => {
    expect(fill("[{{value}}]", "{not json")).toBe("[{not json]");
    expect(fill("{{a}}", "{not json")).toBe("invalid JSON at byte 1: expected a name in quotes");
  });
});

describe("what a record does not have", () => {
  const template = "{{a}}|{{key}}|{{header:h}}|{{offset}}|{{timestamp}}";
  const outside = `[${template.replaceAll("|", ",")}]`;
  const inside = `"${template}"`;

  test("is empty, null, or fails the record", () => {
    expect(fill(template, "{}")).toBe("||||");
    expect(fill(template, "{}", { missing: "null" })).toBe("null|null|null|null|null");
    expect(json(outside, "{}")).toBe('["","","","",""]');
    expect(json(outside, "{}", { missing: "null" })).toBe("[null,null,null,null,null]");
    expect(json(inside, "{}")).toBe('"||||"');
    expect(json(inside, "{}", { missing: "null" })).toBe('"null|null|null|null|null"');
  });

  test.each([
    ["{{a.b}}", "the record has no field a.b"],
    ["{{key}}", "the record has no key"],
    ["{{header:h}}", "the record has no header h"],
    ["{{offset}}", "the record has no offset"],
    ["{{timestamp:%s}}", "the record has no timestamp"],
  ])("%s: %s", (each, error) => {
    const outcomes = new Guest(wasm, { template: `x${each}`, missing: "fail" }).run(frameOf(["{}"]));
    expect(outcomes).toStrictEqual([{ verdict: "failed", error }]);
  });

  test("an empty key and a field that is null are there", () => {
    expect(fill("<{{key}}{{a}}>", { value: '{"a":null}', key: "" }, { missing: "fail" })).toBe("<null>");
  });
});

describe("as JSON", () => {
  test.each([
    ['{"a": {{name}}, "b": "{{name}}!"}', '{"a": "Ada \\"A\\" \\u00c9", "b": "Ada \\"A\\" É!"}'],
    ["[{{n}},{{list}},{{none}},{{deep}}]", '[4.50,[1, 2],null,{"x":true}]'],
    ['["{{n}}{{list}}{{deep}}"]', '["4.50[1, 2]{\\"x\\":true}"]'],
    ['[{{key}},"{{key}}",{{header:type}}]', '["k\\"1","k\\"1","first"]'],
    [
      "[{{timestamp}},{{timestamp:%Y}},{{timestamp:%s}},{{timestamp:%Q}}]",
      '["2024-02-29T12:30:15.250Z","2024",1709209815,1709209815250]',
    ],
    ['"a \\" {{n}} \\\\"', '"a \\" 4.50 \\\\"'],
    ['"\\\\{{n}}"', '"\\\\4.50"'],
    ['"\\{{n}}"', '"{{n}}"'],
    ['{"{{n}}": 1}', '{"4.50": 1}'],
    ["{{value}}", full.value as string],
    ['"{{value}}"', JSON.stringify(full.value)],
  ])("%s gives %s", (template, expected) => {
    expect(json(template, full)).toBe(expected);
  });

  test("what comes out is always JSON, with the values that went in", () => {
    const name = fc.constantFrom("a", "b", "ab", "level", "properties");
    fc.assert(
      fc.property(
        document,
        fc.array(name, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.nat(255)),
        (value, path, choices) => {
          const text = spell(value, () => choices.next().value as number);
          const found = path.reduce<unknown>((at, each) => {
            const isObject = at !== null && typeof at === "object" && !Array.isArray(at);
            return isObject && Object.hasOwn(at, each) ? (at as Record<string, unknown>)[each] : undefined;
          }, JSON.parse(text));
          const where = `{{${path.join(".")}}}`;
          const made = json(`{"raw":${where},"text":"<${where}>","all":{{value}}}`, text, {
            missing: "null",
          });
          const parsed = JSON.parse(made ?? "") as { raw: unknown; text: string; all: unknown };
          expect(parsed.raw).toStrictEqual(found ?? null);
          expect(parsed.all).toStrictEqual(JSON.parse(text));
          if (typeof found === "string") expect(parsed.text).toBe(`<${wellFormed(found)}>`);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a value that is not JSON fails where it would stand as JSON, and is a text within quotes", () => {
    expect(json("{{value}}", "1 2")).toBe("invalid JSON at byte 2: expected nothing more");
    expect(json("[{{value}}]", "")).toBe("invalid JSON at byte 0: it ends before it is complete");
    expect(json('"{{value}}"', '1 "2"\n')).toBe('"1 \\"2\\"\\n"');
  });
});

describe("parameters that are refused", () => {
  test.each([
    [{}, "the parameter `template` is missing"],
    [{ template: "a {{b" }, "the template cannot be read: the placeholder at character 3 is not closed"],
    [{ template: "a {{ }}" }, "the template cannot be read: the placeholder at character 3 is empty"],
    [{ template: "{{a..b}}" }, "the path `a..b` cannot be read: expected a name at character 3"],
    [{ template: "{{header:}}" }, "the template cannot be read: the placeholder `header:` names no header"],
    [
      { template: "{{timestamp:%q}}" },
      "the date format `%q` cannot be read: %q at character 1 is not known, known are %Y %m %d %e %H %M %S %L %f %z %s %Q %b %a %F %T %%",
    ],
    [{ template: "{{timestamp:}}" }, "the date format `` cannot be read: it is empty"],
    [
      { template: "{a}", output: "json" },
      "the template makes no JSON: invalid JSON at byte 1: expected a name in quotes",
    ],
    [{ template: "a", output: "html" }, "the parameter `output` must be one of text, json; not `html`"],
    [
      { template: "a", missing: "drop" },
      "the parameter `missing` must be one of empty, null, fail; not `drop`",
    ],
    [{ templates: "a" }, "the parameter `templates` is not known; did you mean `template`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters as unknown as Record<string, string>)).toThrow(
      new Error(problem),
    );
  });

  test.each([
    "1{{a}}",
    "{{a}}1",
    "-{{a}}",
    "{{a}}.5",
    "{{a}}e5",
    "{{a}}{{b}}",
    "{ {{a}}: 1}",
    "[{{a}}",
    'x"{{a}}"',
    '{{a}} "b"',
    '"{{a}}',
    '"\\u00{{a}}"',
    '"\\u000{{a}}"',
    "\\{{a}}",
  ])("%s, which does not always make JSON", (template) => {
    expect(() => new Guest(wasm, { template, output: "json" })).toThrow(
      /^the template makes no JSON: invalid JSON at byte \d+: /,
    );
  });
});

test("offsets are those of the topic", () => {
  const records = frameOf(['{"a":1}', '{"a":2}'], { offset: 41 });
  const values = new Guest(wasm, { template: "{{offset}}:{{a}}" }).run(records).map(({ value }) => value);
  expect(values).toStrictEqual(["41:1", "42:2"]);
});
