import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { buildMs, buildProbe } from "./built.ts";
import { Guest, type Outcome } from "./guest.ts";
import { document, jsonText, spell, wellFormed } from "./json-text.ts";

let probe: Uint8Array;
beforeAll(async () => {
  probe = await buildProbe();
}, buildMs);

const run = (parameters: Record<string, string>, ...records: (string | Uint8Array)[]): Outcome[] =>
  new Guest(probe, parameters).run(frameOf(records));

const runOne = (parameters: Record<string, string>, record: string | Uint8Array): Outcome =>
  run(parameters, record)[0]!;

/** What a path leads to in a value, in the way of the module. */
function follow(value: unknown, segments: readonly (string | number)[]): unknown {
  return segments.reduce<unknown>((at, segment) => {
    if (typeof segment === "number") return Array.isArray(at) ? at[segment] : undefined;
    const isObject = at !== null && typeof at === "object" && !Array.isArray(at);
    return isObject && Object.hasOwn(at, segment) ? (at as Record<string, unknown>)[segment] : undefined;
  }, value);
}

const pathText = (segments: readonly (string | number)[]): string =>
  `$${segments.map((each) => (typeof each === "number" ? `[${each}]` : `[${JSON.stringify(each)}]`)).join("")}`;

const somePath = fc.array(
  fc.oneof(fc.constantFrom("a", "b", "ab", "level", "é", 'q"u', "a.b", ""), fc.nat(3)),
  { maxLength: 4 },
);

describe("reading by path", () => {
  test("finds what JSON.parse finds, in any spelling", () => {
    fc.assert(
      fc.property(document, somePath, fc.infiniteStream(fc.nat(255)), (value, segments, choices) => {
        const text = spell(value, () => choices.next().value as number);
        const found = follow(JSON.parse(text), segments);
        const outcome = runOne({ do: "raw", path: pathText(segments) }, text);
        expect(outcome.verdict).toBe("replaced");
        if (found === undefined) expect(outcome.value).toBe("missing");
        else expect(JSON.parse(outcome.value as string)).toStrictEqual(found);
      }),
      { numRuns: 400 },
    );
  });

  test("passes over escapes wherever they stand among the 64 bytes that are looked at together", () => {
    for (const escapes of ['\\"', "\\\\", '\\\\\\"', "\\n\\t", "\\u0022", '\\"\\"\\"\\"']) {
      for (let before = 0; before < 140; before++) {
        const string = `"${"x".repeat(before)}${escapes}${"y".repeat(before % 7)}"`;
        const text = `{"p":${string},"f":{"q":${string}},"g":[${string},7]}`;
        expect(runOne({ do: "raw", path: "p" }, text).value).toBe(string);
        expect(runOne({ do: "raw", path: "f.q" }, text).value).toBe(string);
        expect(runOne({ do: "raw", path: "g[1]" }, text).value).toBe("7");
        expect(runOne({ do: "content", path: "f.q" }, text).value).toBe(JSON.parse(string));
      }
    }
  });

  test("finds several paths in one pass", () => {
    const paths = fc.uniqueArray(somePath, { minLength: 1, maxLength: 8, selector: pathText });
    fc.assert(
      fc.property(document, paths, fc.infiniteStream(fc.nat(255)), (value, all, choices) => {
        const text = spell(value, () => choices.next().value as number);
        const outcome = runOne({ do: "select", paths: JSON.stringify(all.map(pathText)) }, text);
        const expected = all.map((segments) => follow(JSON.parse(text), segments) ?? null);
        const found = JSON.parse(outcome.value as string) as unknown[];
        const isMissing = all.map((segments) => follow(JSON.parse(text), segments) === undefined);
        expect(
          found.map((each, i) => (isMissing[i] ? (each === "missing" ? null : "found") : each)),
        ).toStrictEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ["level", '{"level":1}', "1"],
    ["properties.mag", '{"type":"x","properties":{"place":"p","mag":4.5},"z":0}', "4.5"],
    ["a.b[0].c", '{"a":{"b":[{"c":[1, 2]},{"c":3}]}}', "[1, 2]"],
    ['["odd.name"]', '{"odd":{"name":1},"odd.name":2}', "2"],
    ['a["b"][1]', '{"a":{"b":[0,"x"]}}', '"x"'],
    ["$", " [1] ", "[1]"],
    ["$.a", '{"a":true}', "true"],
    ["a", '{"a":1,"a":2}', "1"],
    ["a", '{"\\u0061":1}', "1"],
    ["a", '{"b" : 0 , "a" : 1}', "1"],
    ["a", '{\n  "b": "x",\n  "a": {"c": 1}\n}', '{"c": 1}'],
    ["a.b", '{"a":1,"b":2}', "missing"],
    ["a.b", '{"a":[{"b":1}]}', "missing"],
    ["[0]", '{"0":1}', "missing"],
    ["a", '"a"', "missing"],
    ["a", "12", "missing"],
    ["seventeen_letters", '{"seventeen_letterz":1,"seventeen_letters":2}', "2"],
  ])("%s of %s is %s", (path, text, found) => {
    expect(runOne({ do: "raw", path }, text)).toStrictEqual({ verdict: "replaced", value: found });
  });

  test("strings, arrays and names of any length around the width of a step", () => {
    for (let length = 0; length <= 140; length++) {
      const text = JSON.stringify({
        ["n".repeat(length)]: "v".repeat(length),
        list: new Array(length).fill("e"),
        last: length,
      });
      expect(runOne({ do: "raw", path: "last" }, text).value).toBe(String(length));
      expect(runOne({ do: "raw", path: `["${"n".repeat(length)}"]` }, text).value).toBe(
        `"${"v".repeat(length)}"`,
      );
    }
  });

  test("kinds", () => {
    const kinds = (text: string): unknown =>
      JSON.parse(runOne({ do: "kinds", path: "a" }, text).value as string);
    const flags = (...wanted: number[]): boolean[] => Array.from({ length: 8 }, (_, i) => wanted.includes(i));
    expect(kinds("{}")).toStrictEqual(flags());
    expect(kinds('{"a":null}')).toStrictEqual(flags(0, 1));
    expect(kinds('{"a":true}')).toStrictEqual(flags(0, 2, 3));
    expect(kinds('{"a":false}')).toStrictEqual(flags(0, 2));
    expect(kinds('{"a":-1}')).toStrictEqual(flags(0, 4));
    expect(kinds('{"a":""}')).toStrictEqual(flags(0, 5));
    expect(kinds('{"a":{}}')).toStrictEqual(flags(0, 6));
    expect(kinds('{"a":[]}')).toStrictEqual(flags(0, 7));
  });

  test("entries of objects and arrays", () => {
    fc.assert(
      fc.property(document, fc.infiniteStream(fc.nat(255)), (value, choices) => {
        const text = spell(value, () => choices.next().value as number);
        const parsed = JSON.parse(text) as unknown;
        const found = JSON.parse(runOne({ do: "entries" }, text).value as string) as unknown;
        const isContainer = parsed !== null && typeof parsed === "object";
        const entries = Array.isArray(parsed)
          ? parsed.map((each) => [each])
          : isContainer
            ? Object.entries(parsed)
            : [];
        // Integer-like names come first in JavaScript, and there are none here.
        expect(found).toStrictEqual(entries);
      }),
    );
  });
});

describe("strings", () => {
  test("content is what JSON.parse gives, as bytes and as a string of the language", () => {
    const text = fc.tuple(fc.string({ unit: "binary" }), fc.infiniteStream(fc.nat(255)));
    fc.assert(
      fc.property(text, ([value, choices]) => {
        const spelled = spell({ a: value }, () => choices.next().value as number);
        const decoded = wellFormed((JSON.parse(spelled) as { a: string }).a);
        expect(runOne({ do: "content", path: "a" }, spelled).value).toBe(decoded);
        expect(runOne({ do: "text", path: "a" }, spelled).value).toBe(decoded);
      }),
    );
  });

  test("half a surrogate pair becomes a replacement character", () => {
    expect(runOne({ do: "content" }, '"a\\ud83dz\\ude00\\ud83d\\ude00\\ud83d"').value).toBe(
      "a\ufffdz\ufffd\u{1f600}\ufffd",
    );
  });

  test("comparisons agree with JavaScript's", () => {
    const word = fc.string({
      unit: fc.constantFrom("a", "b", "é", "\u{1f600}", "\n", '"', "\\"),
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        word,
        word,
        fc.nat(20),
        fc.nat(20),
        fc.infiniteStream(fc.nat(255)),
        (value, foreign, from, to, choices) => {
          const part = Array.from(value).slice(from, to).join("");
          for (const other of [part, foreign, value]) {
            const text = spell({ a: value }, () => choices.next().value as number);
            const result = JSON.parse(
              runOne({ do: "compare", path: "a", with: other }, text).value as string,
            ) as unknown;
            const order = Buffer.compare(Buffer.from(value), Buffer.from(other));
            const twice = [
              value === other,
              value.startsWith(other),
              value.endsWith(other),
              value.includes(other),
              order,
            ];
            expect(result).toStrictEqual(twice.flatMap((each) => [each, each]));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test("bytes that are not UTF-8 become replacement characters in strings of the language", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.constantFrom("", "é€\u{1f600}"), (noise, sense) => {
        const bytes = new Uint8Array([...noise, ...new TextEncoder().encode(sense)]);
        const outcome = runOne({ do: "quoteText" }, bytes);
        const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
        expect(JSON.parse(outcome.value as string)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test("slices", () => {
    const { value } = runOne({ do: "slice", with: "ab" }, "12.5|cab|");
    expect(JSON.parse(value as string)).toStrictEqual([6, 6, 4, 8, ".5|", "ab|", 9, 12.5]);
  });
});

describe("text that is not JSON", () => {
  test("fails the record and nothing else, wherever it is cut or changed", () => {
    fc.assert(
      fc.property(
        jsonText,
        fc.nat(),
        fc.constantFrom("", "x", '"', "{", "}", "]", ",", ":", "\\", "\u0001", "1", "-"),
        (text, place, put) => {
          const at = place % (text.length + 1);
          const broken = text.slice(0, at) + put + text.slice(at + (put === "" ? text.length : 1));
          let isValid = true;
          try {
            JSON.parse(broken);
          } catch {
            isValid = false;
          }
          const [first, second, third] = run({ do: "raw", path: "$" }, "[1]", broken, "{}");
          expect(first?.value).toBe("[1]");
          expect(third?.value).toBe("{}");
          expect(second?.verdict).toBe(isValid ? "replaced" : "failed");
          if (!isValid)
            expect(second?.error).toMatch(
              /^invalid JSON at byte \d+: (expected |it ends before it is complete$)/,
            );
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("arbitrary bytes never do more than fail", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom("$", "a", "a.b[1]"), (bytes, path) => {
        expect(["replaced", "failed"]).toContain(runOne({ do: "raw", path }, bytes).verdict);
      }),
      { numRuns: 500 },
    );
  });

  test("what stands after a record has no influence", () => {
    const tails = ["", '"', "}", "5", "]]]]", '","a":1}', "true", " "];
    const texts = [
      '{"b":1',
      '{"b":"x',
      '{"b":',
      "[1,2",
      '{"b":1}',
      "12",
      "1.",
      "-",
      "1e",
      "tru",
      '{"b":[',
      "",
      " ",
      '{"b"',
      "{",
      '{"b":1,',
    ];
    for (const text of texts) {
      const outcomes = tails.map((tail) => {
        const guest = new Guest(probe, { do: "raw", path: "a" });
        return guest.run(frameOf([text]), { after: new TextEncoder().encode(tail.repeat(80)) })[0];
      });
      // Between records too, where the next one follows without a gap.
      const inner = tails.map((tail) => run({ do: "raw", path: "a" }, text, tail.repeat(80))[0]);
      for (const outcome of [...outcomes, ...inner]) expect(outcome).toStrictEqual(outcomes[0]);
    }
  });

  test.each([
    ["", "invalid JSON at byte 0: it ends before it is complete"],
    ["hello", "invalid JSON at byte 0: expected a value"],
    ['{"a" 1}', "invalid JSON at byte 5: expected a colon"],
    ["{a:1}", "invalid JSON at byte 1: expected a name in quotes"],
    ['{"b":1 "c":2}', "invalid JSON at byte 7: expected a comma or a closing brace"],
    ['{"b":[1 2]}', "invalid JSON at byte 8: expected a comma or a closing bracket"],
    ['{"b":01}', "invalid JSON at byte 6: expected a comma or a closing brace"],
    ['{"b":-}', "invalid JSON at byte 6: expected a digit"],
    ['{"b":"\\x"}', "invalid JSON at byte 7: expected an escape such as \\n or \\u00e9"],
    ['{"b":"\\u12g4"}', "invalid JSON at byte 10: expected four hexadecimal digits"],
    ['{"b":"\n"}', "invalid JSON at byte 6: expected a control character to be escaped"],
    ['{"b":tru}', "invalid JSON at byte 5: expected a value"],
    ['{"b":1} x', "invalid JSON at byte 8: expected nothing more"],
    ['{"b":1,}', "invalid JSON at byte 7: expected a name in quotes"],
    ["[1,]", "invalid JSON at byte 3: expected a value"],
    ['{"b":1', "invalid JSON at byte 6: it ends before it is complete"],
  ])("%s: %s", (text, error) => {
    expect(runOne({ do: "raw", path: "a" }, text)).toStrictEqual({ verdict: "failed", error });
  });

  test("nesting has a limit, and up to it is no problem", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(runOne({ do: "raw" }, nested(512)).verdict).toBe("replaced");
    expect(runOne({ do: "raw" }, nested(513)).error).toBe(
      "invalid JSON at byte 512: expected at most 512 levels of nesting",
    );
    expect(runOne({ do: "raw" }, '{"a":'.repeat(100_000)).verdict).toBe("failed");
  });

  test("a module may take it as it is", () => {
    expect(runOne({ do: "try", path: "a" }, "{")).toStrictEqual({
      verdict: "replaced",
      value: "invalid JSON at byte 1: it ends before it is complete",
    });
  });

  test("is not read further than needed", () => {
    expect(runOne({ do: "raw", path: "a" }, '{"a":1,!').value).toBe("1");
  });
});

describe("paths that cannot be read make the module refuse", () => {
  test.each([
    ["a..b", "expected a name at character 3"],
    ["a.", "expected a name at character 3"],
    [".a", "expected a name at character 1"],
    ["a[", "expected a position or a name in double quotes at character 3"],
    ["a[1", "expected a closing bracket at character 4"],
    ['a["b]', "expected a closing quote at character 6"],
    ['a["b\\n"]', 'expected \\" or \\\\ at character 5'],
    ["a]", "expected a dot or an opening bracket at character 2"],
    ["a[9999999999]", "the position at character 3 is too large"],
    [new Array(65).fill("a").join("."), "it has more than 64 segments"],
  ])("%s", (path, problem) => {
    expect(() => new Guest(probe, { do: "raw", path })).toThrow(
      `the path \`${path}\` cannot be read: ${problem}`,
    );
  });

  test("64 segments are allowed", () => {
    const path = new Array(64).fill("a").join(".");
    const text = `${'{"a":'.repeat(64)}7${"}".repeat(64)}`;
    expect(runOne({ do: "raw", path }, text).value).toBe("7");
  });
});
