import { createHmac } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { Guest, type Outcome } from "./guest.ts";
import { document, jsonText, spell, wellFormed } from "./json-text.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("mask");
});

type Parameters = Readonly<Record<string, string>>;

const run = (fields: readonly string[], record: string | Uint8Array, more: Parameters = {}): Outcome =>
  new Guest(wasm, { fields: JSON.stringify(fields), ...more }).run(frameOf([record]))[0]!;

/** The value after masking, changed or not. */
const mask = (fields: readonly string[], record: string, more: Parameters = {}): string => {
  const outcome = run(fields, record, more);
  if (outcome.verdict === "failed") throw new Error(outcome.error);
  return outcome.value ?? record;
};

const secret = "a secret of more than sixteen bytes";

interface Segment {
  readonly name?: string;
  readonly position?: number | "*";
  readonly isDeep?: boolean;
}

const pathOf = (segments: readonly Segment[]): string =>
  `$${segments
    .map(({ name, position, isDeep }) => {
      const bracket = name === undefined ? `[${position}]` : `[${JSON.stringify(name)}]`;
      return `${isDeep === true ? ".." : ""}${bracket}`;
    })
    .join("")}`;

/** Does the same to a value: plainly, segment by segment. An answer of undefined removes. */
function edit(value: unknown, segments: readonly Segment[], change: (value: unknown) => unknown): unknown {
  const [segment, ...rest] = segments;
  if (segment === undefined) return change(value);
  const isHere = (key: string | number): boolean =>
    typeof key === "number"
      ? segment.position === "*" || segment.position === key
      : segment.name !== undefined && segment.name === key;
  const inside = (key: string | number, child: unknown): unknown => {
    const below = segment.isDeep === true ? edit(child, segments, change) : child;
    return isHere(key) ? edit(below, rest, change) : below;
  };
  if (Array.isArray(value))
    return value.map((each, i) => inside(i, each)).filter((each) => each !== undefined);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([key, each]) => [key, inside(key, each)] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined));
}

const segment: fc.Arbitrary<Segment> = fc.oneof(
  fc.record({
    name: fc.constantFrom("a", "b", "ab", "level", "é", 'q"u', "a.b", ""),
    isDeep: fc.boolean(),
  }),
  fc.record({ position: fc.constantFrom<number | "*">(0, 1, "*"), isDeep: fc.constant(false) }),
);
const path = fc.array(segment, { minLength: 1, maxLength: 3 });

describe("every value that a path means, and nothing else", () => {
  test("is replaced, in any spelling of the record", () => {
    fc.assert(
      fc.property(document, path, fc.infiniteStream(fc.nat(255)), (value, segments, choices) => {
        const text = spell(value, () => choices.next().value as number);
        const expected = edit(JSON.parse(text), segments, () => "***");
        expect(JSON.parse(mask([pathOf(segments)], text))).toStrictEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("is removed, with one of the commas around it", () => {
    fc.assert(
      fc.property(document, path, fc.infiniteStream(fc.nat(255)), (value, segments, choices) => {
        const text = spell(value, () => choices.next().value as number);
        const expected = edit(JSON.parse(text), segments, () => undefined);
        expect(JSON.parse(mask([pathOf(segments)], text, { action: "remove" }))).toStrictEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("for several paths at once", () => {
    fc.assert(
      fc.property(
        jsonText,
        fc.array(fc.constantFrom("a", "b", "ab", "é"), { minLength: 1, maxLength: 4 }),
        (text, names) => {
          const expected = names.reduce(
            (value, name) => edit(value, [{ name, isDeep: true }], () => "***"),
            JSON.parse(text) as unknown,
          );
          expect(
            JSON.parse(
              mask(
                names.map((name) => `..${name}`),
                text,
              ),
            ),
          ).toStrictEqual(expected);
        },
      ),
    );
  });

  test("leaves every other byte as it was", () => {
    const record = ' { "a" : 1.50e+1 , "\\u0062": [ 1,{ "p" : "x" },"é\\/"  ] , "c":{}}\t';
    expect(mask(["b[1].p"], record)).toBe(record.replace('"x"', '"***"'));
    expect(mask(["a"], record)).toBe(record.replace("1.50e+1", '"***"'));
    expect(mask(["$"], record)).toBe(' "***"\t');
    expect(run(["nothing.like.this"], record)).toStrictEqual({ verdict: "kept" });
    expect(run(["b[1].p"], record, { action: "remove" }).value).toBe(record.replace(' "p" : "x" ', ""));
  });

  test.each([
    ['{"a":1,"b":2,"c":3}', ["a"], '{"b":2,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ["b"], '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ["c"], '{"a":1,"b":2}'],
    ['{"a":1,"b":2,"c":3}', ["a", "b"], '{"c":3}'],
    ['{"a":1,"b":2,"c":3}', ["b", "c"], '{"a":1}'],
    ['{"a":1,"b":2,"c":3}', ["a", "c"], '{"b":2}'],
    ['{"a":1,"b":2,"c":3}', ["a", "b", "c"], "{}"],
    ['{ "a" : 1 , "b" : 2 }', ["a"], '{ "b" : 2 }'],
    ["[1,[2,3],4]", ["[1][0]", "[0]"], "[[3],4]"],
    ['{"a":{"b":1}}', ["a.b"], '{"a":{}}'],
  ])("%s without %j is %s", (record, fields, expected) => {
    expect(mask(fields, record, { action: "remove" })).toBe(expected);
  });
});

describe("an attacker", () => {
  const leak = "s3cr3t";
  const hides = (fields: readonly string[], record: string): void => {
    for (const more of [
      {},
      { action: "hash", key: secret },
      { action: "partial", keep: "0" },
      { action: "remove" },
    ]) {
      const outcome = run(fields, record, more as Parameters);
      expect(outcome.verdict).not.toBe("kept");
      expect(outcome.value ?? "").not.toContain(leak);
    }
  };

  test.each([
    ["names a member twice", ["password"], `{"password":"x","password":"${leak}"}`],
    [
      "names it often",
      ["password"],
      `{${Array.from({ length: 50 }, () => `"password":"${leak}"`).join(",")}}`,
    ],
    ["writes a name with escapes", ["password"], `{"p\\u0061ssword":"${leak}"}`],
    [
      "writes all of it so",
      ["password"],
      `{"\\u0070\\u0061\\u0073\\u0073\\u0077\\u006F\\u0072\\u0064":"${leak}"}`,
    ],
    ["escapes a slash", ["a/b"], `{"a\\/b":"${leak}"}`],
    ["writes a character beyond the first plane as a pair", ["\u{1f600}"], `{"\\ud83d\\uDE00":"${leak}"}`],
    ["mixes both spellings", ["password"], `{"password":1,"p\\u0061ssword":"${leak}","password":"${leak}"}`],
    ["sends an object", ["password"], `{"password":{"a":"${leak}","b":["${leak}"]}}`],
    ["sends an array", ["password"], `{"password":["${leak}",{"password":"${leak}"}]}`],
    ["names what is around it twice", ["user.password"], `{"user":1,"user":{"password":"${leak}"}}`],
    [
      "hides it deep",
      ["..password"],
      `${'{"a":[{"password":1},'.repeat(200)}{"password":"${leak}"}${"]}".repeat(200)}`,
    ],
    [
      "puts it into an array",
      ["users[*].password"],
      `{"users":[{"password":"${leak}"},[],{"password":"${leak}"}]}`,
    ],
    ["puts spaces around", ["password"], `{\r\n\t"password" \n:\t "${leak}" }`],
    ["puts it behind much else", ["password"], `{"x":"${"y".repeat(5000)}","password":"${leak}"}`],
    ["puts one into another", ["..password", "password.a"], `{"password":{"a":"${leak}"}}`],
    ["uses a name that begins with another", ["pass", "password"], `{"password":"${leak}","pass":"${leak}"}`],
  ])("%s", (_, fields, record) => {
    hides(fields, record);
  });

  test("sends something that is not JSON, which never passes", () => {
    const record = `{"password":"x"}`;
    for (const broken of [
      `${record}{"password":"${leak}"}`,
      `\ufeff${record}`,
      `${record},`,
      record.slice(0, -1),
      `{"a":1,}`,
      `{a:1}`,
      `{"password":01}`,
      `{'password':1}`,
      `["password":1]`,
      "",
      "[1 2]",
      '{"a" 1}',
      '{"a":1 "b":2}',
    ])
      expect(run(["password"], broken).verdict).toBe("failed");
  });

  test("nests without end, or makes places multiply", () => {
    const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    const fields = [`$${"..a".repeat(60)}`];
    expect(JSON.parse(mask(fields, deep(512)))).toBeTypeOf("object");
    expect(run(fields, deep(513)).error).toBe(
      `invalid JSON at byte ${512 * 5}: expected at most 512 levels of nesting`,
    );
    expect(run(["b.c"], '{"a":'.repeat(100_000)).verdict).toBe("failed");
  });

  test("text that is cut or changed fails, or is JSON still and has no secret", () => {
    fc.assert(
      fc.property(
        jsonText,
        fc.nat(),
        fc.constantFrom("", "x", '"', "{", "}", "]", ",", ":", "\\", "\u0001"),
        (text, place, put) => {
          const whole = `{"password":"${leak}","b":${text}}`;
          const at = place % (whole.length + 1);
          const broken = whole.slice(0, at) + put + whole.slice(at + (put === "" ? whole.length : 1));
          const outcome = run(["..password"], broken);
          let isValid = true;
          try {
            JSON.parse(broken);
          } catch {
            isValid = false;
          }
          expect(outcome.verdict !== "failed").toBe(isValid);
          if (broken.includes(`"password":"${leak}"`)) expect(outcome.value ?? "").not.toContain(leak);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("actions", () => {
  test("hash is the keyed hash of what a value stands for", () => {
    const hmac = (text: string, encoding: "hex" | "base64"): string =>
      createHmac("sha256", secret).update(text).digest(encoding);
    const hashed = (value: string, more: Parameters = {}): unknown =>
      (JSON.parse(mask(["f"], `{"f":${value}}`, { action: "hash", key: secret, ...more })) as { f: unknown })
        .f;
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.infiniteStream(fc.nat(255)), (value, choices) => {
        const text = spell(value, () => choices.next().value as number);
        expect(hashed(text)).toBe(hmac(wellFormed(value), "hex"));
      }),
    );
    expect(hashed("12.50")).toBe(hmac("12.50", "hex"));
    expect(hashed("null")).toBe(hmac("null", "hex"));
    expect(hashed('{"a": 1}')).toBe(hmac('{"a": 1}', "hex"));
    expect(hashed('"é"', { encoding: "base64" })).toBe(hmac("é", "base64"));
    expect(hashed('"é"', { length: "12" })).toBe(hmac("é", "hex").slice(0, 12));
    expect(hashed('"é"', { encoding: "base64", length: "44" })).toBe(hmac("é", "base64"));
  });

  test("partial keeps the last characters, and at most half", () => {
    const characters = fc.array(fc.constantFrom("a", "é", "\u20ac", "\u{1f600}", '"', "\\", "\n"), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(characters, fc.nat(12), fc.infiniteStream(fc.nat(255)), (value, keep, choices) => {
        const left = Math.min(keep, Math.floor(value.length / 2));
        const expected = "*".repeat(value.length - left) + value.slice(value.length - left).join("");
        const record = `{"f":${spell(value.join(""), () => choices.next().value as number)}}`;
        expect(JSON.parse(mask(["f"], record, { action: "partial", keep: String(keep) }))).toStrictEqual({
          f: expected,
        });
      }),
    );
  });

  test.each([
    ["-12.345", '"****345"'],
    ["1", '"*"'],
    ["12", '"*2"'],
    ["true", '"***"'],
    ["null", '"***"'],
    ["{}", '"***"'],
    ["[1234567890]", '"***"'],
    ['""', '""'],
  ])("partial of %s is %s", (value, expected) => {
    expect(mask(["f"], `{"f":${value}}`, { action: "partial" })).toBe(`{"f":${expected}}`);
  });

  test("bytes that are no UTF-8 show no more than others", () => {
    const record = Uint8Array.from([
      ...Buffer.from('{"f":"abcdef'),
      ...Array(40).fill(0x80),
      ...Buffer.from('"}'),
    ]);
    const guest = new Guest(wasm, { fields: '["f"]', action: "partial", keep: "1" });
    expect(() => guest.run(frameOf([record]))).toThrow(TypeError);
    // What is shown are four bytes that are no text.
    const stars = Buffer.from('{"f":"*****');
    const at = Buffer.from(guest.bytes).indexOf(stars);
    expect(Buffer.from(guest.bytes.slice(at + stars.length, at + stars.length + 6)).toString("hex")).toBe(
      "80808080227d",
    );
  });

  test("redact writes a text of one's own as JSON", () => {
    expect(mask(["f"], '{"f":1}', { text: 'a "b"\n' })).toBe('{"f":"a \\"b\\"\\n"}');
    expect(mask(["f"], '{"f":1}', { text: "" })).toBe('{"f":""}');
  });

  test("records that are larger than the room of the host are masked all the same", () => {
    const records = Array.from(
      { length: 30 },
      (_, i) => `{"f":[${"1,".repeat(i * 40)}0],"g":"${"x".repeat(i * 60)}"}`,
    );
    const outcomes = new Guest(wasm, { fields: '["f[*]"]' }).run(frameOf(records), { outputBytes: 1 << 10 });
    expect(outcomes.map(({ value }) => value)).toStrictEqual(
      records.map((record) =>
        JSON.stringify(edit(JSON.parse(record), [{ name: "f" }, { position: "*" }], () => "***")),
      ),
    );
  });
});

describe("parameters that are refused", () => {
  const fields = '["a"]';
  test.each([
    [{}, "the parameter `fields` is missing"],
    [{ fields: "a" }, "the parameter `fields` is no JSON: invalid JSON at byte 0: expected a value"],
    [{ fields: '"a"' }, "the parameter `fields` must be a JSON array"],
    [{ fields: "[]" }, "the parameter `fields` names no field"],
    [{ fields: "[1]" }, "the parameter `fields` has 1 where a path in quotes should be"],
    [{ fields: '["a..","b"]' }, "the path `a..` cannot be read: expected a name at character 4"],
    [
      { fields: '["a[x]"]' },
      "the path `a[x]` cannot be read: expected a position, a star or a name in double quotes at character 3",
    ],
    [{ fields: '["a[*"]' }, "the path `a[*` cannot be read: expected a closing bracket at character 4"],
    [
      { fields: '["a]"]' },
      "the path `a]` cannot be read: expected a dot or an opening bracket at character 2",
    ],
    [{ fields: '[""]' }, "the path `` cannot be read: it is empty"],
    [
      { fields: JSON.stringify([Array(65).fill("a").join(".")]) },
      `the path \`${Array(65).fill("a").join(".")}\` cannot be read: it has more than 64 segments`,
    ],
    [{ fields: '["$"]', action: "remove" }, "the path `$` leads to the whole value, which cannot be removed"],
    [
      { fields, action: "hide" },
      "the parameter `action` must be one of redact, hash, partial, remove; not `hide`",
    ],
    [{ fields, action: "hash" }, "the parameter `key` is missing"],
    [
      { fields, action: "hash", key: "fifteen bytes.." },
      "the parameter `key` must have at least 16 bytes, so that nobody guesses it",
    ],
    [
      { fields, action: "hash", key: secret, encoding: "b64" },
      "the parameter `encoding` must be one of hex, base64; not `b64`",
    ],
    [
      { fields, action: "hash", key: secret, length: "7" },
      "the parameter `length` must be a whole number from 8 to 64",
    ],
    [
      { fields, action: "hash", key: secret, length: "8.5" },
      "the parameter `length` must be a whole number from 8 to 64",
    ],
    [
      { fields, action: "hash", key: secret, length: "65" },
      "the parameter `length` must be a whole number from 8 to 64",
    ],
    [{ fields, action: "partial", keep: "65" }, "the parameter `keep` must be a whole number from 0 to 64"],
    [{ fields, action: "partial", keep: "-1" }, "the parameter `keep` must be a whole number from 0 to 64"],
    [{ fields, key: secret }, "the parameter `key` goes with the action hash only"],
    [{ fields, action: "remove", text: "x" }, "the parameter `text` goes with the action redact only"],
    [{ fields, field: "a" }, "the parameter `field` is not known; did you mean `fields`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters as unknown as Record<string, string>)).toThrow(
      new Error(problem),
    );
  });
});
