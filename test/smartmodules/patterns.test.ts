import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { buildMs, buildProbe } from "./built.ts";
import { Guest } from "./guest.ts";

let probe: Uint8Array;
beforeAll(async () => {
  probe = await buildProbe("patterns");
}, buildMs);

const fits = (parameters: Record<string, string>, ...texts: (string | Uint8Array)[]): boolean[] =>
  new Guest(probe, parameters).run(frameOf(texts)).map(({ verdict }) => verdict === "kept");

/** The answers, or undefined when the pattern is larger than is allowed. */
function fitsUnlessTooLarge(
  parameters: Record<string, string>,
  all: readonly string[],
): boolean[] | undefined {
  try {
    return fits(parameters, ...all);
  } catch (error) {
    if (error instanceof Error && error.message.includes("more than 4000 steps")) return undefined;
    throw error;
  }
}

// V8 finds a place between the halves of a surrogate pair (https://tc39.es/ecma262 has none there), which are one character here.
const inWholeCharacters = (pattern: string, all: readonly string[]): string[] =>
  all.map((text) => (pattern.includes("\\B") ? text.replaceAll("\u{1f600}", "\u20ac") : text));

const texts = fc.array(
  fc.string({ unit: fc.constantFrom(..."abAB-_1 .\n", "é", "É", "\u{1f600}", "\u20ac"), maxLength: 12 }),
  {
    minLength: 30,
    maxLength: 30,
  },
);

describe("regular expressions", () => {
  const letter = fc.constantFrom(
    ..."abAB1 _é\u20ac",
    "\u{1f600}",
    "\\.",
    "\\n",
    "\\xe9",
    "\\u{1f600}",
    "\\u0061",
  );
  const setPart = fc.constantFrom(
    "a",
    "b",
    "A",
    "a-c",
    "A-Z",
    "0-9",
    "é",
    "\\u{80}-\\u{10ffff}",
    "\u20ac-\u{1f601}",
    "\\d",
    "\\W",
    "\\s",
    "\\-",
    " ",
    "\\n",
  );
  const set = fc
    .tuple(fc.constantFrom("", "^"), fc.array(setPart, { minLength: 1, maxLength: 3 }))
    .map(([sign, parts]) => `[${sign}${parts.join("")}]`);
  const atom = fc.oneof(letter, set, fc.constantFrom(".", "\\d", "\\w", "\\s", "\\D", "\\W", "\\S"));
  const place = fc.constantFrom("^", "$", "\\b", "\\B");
  const repetition = fc.constantFrom(
    "*",
    "+",
    "?",
    "{2}",
    "{1,}",
    "{0,2}",
    "{2,3}",
    "*?",
    "+?",
    "??",
    "{1,2}?",
  );
  const pattern: fc.Arbitrary<string> = fc.letrec<{ choice: string; sequence: string; part: string }>(
    (tie) => ({
      choice: fc.array(tie("sequence"), { minLength: 1, maxLength: 3 }).map((all) => all.join("|")),
      sequence: fc.array(tie("part"), { maxLength: 4 }).map((all) => all.join("")),
      part: fc.oneof(
        { maxDepth: 3, depthSize: "small" },
        atom,
        place,
        fc.tuple(atom, repetition).map(([each, times]) => `${each}${times}`),
        tie("choice").map((each) => `(${each})`),
        fc.tuple(tie("choice"), repetition).map(([each, times]) => `(?:${each})${times}`),
      ),
    }),
  ).choice;

  test("fit what RegExp fits", () => {
    fc.assert(
      fc.property(pattern, texts, (each, drawn) => {
        const all = inWholeCharacters(each, drawn);
        const regex = new RegExp(each, "u");
        const found = fitsUnlessTooLarge({ regex: each }, all);
        fc.pre(found !== undefined);
        expect(found).toStrictEqual(all.map((text) => regex.test(text)));
      }),
      { numRuns: 400 },
    );
  });

  test("fit what RegExp fits when case is ignored, as far as letters are ASCII", () => {
    const ascii = texts.map((all) => all.map((text) => text.replaceAll(/[éÉ]/g, "x")));
    fc.assert(
      fc.property(pattern, ascii, (each, drawn) => {
        const all = inWholeCharacters(each, drawn);
        fc.pre(!/é|xe9/.test(each));
        const regex = new RegExp(each, "iu");
        const expected = all.map((text) => regex.test(text));
        const found = fitsUnlessTooLarge({ regex: each, "ignore-case": "" }, all);
        fc.pre(found !== undefined);
        expect(found).toStrictEqual(expected);
        expect(fits({ regex: `(?i)${each}` }, ...all)).toStrictEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test("every character is one, whatever bytes it takes", () => {
    const points = [
      0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x3ffff, 0x40000, 0x100000, 0x10ffff,
    ];
    const hex = (point: number): string => `\\u{${point.toString(16)}}`;
    const all = points
      .flatMap((point) => [point - 1, point, point + 1])
      .filter((point) => point >= 0 && point <= 0x10ffff && (point & 0x1ff800) !== 0xd800);
    const characters = all.map((point) => String.fromCodePoint(point));
    for (const [i, first] of points.entries()) {
      for (const last of points.slice(i)) {
        const regex = `^[${hex(first)}-${hex(last)}]$`;
        expect(fits({ regex }, ...characters)).toStrictEqual(
          all.map((point) => point >= first && point <= last),
        );
        const inverted = `^[^${hex(first)}-${hex(last)}]$`;
        expect(fits({ regex: inverted }, ...characters)).toStrictEqual(
          all.map((point) => point < first || point > last),
        );
      }
    }
  });

  test("bytes that are no UTF-8 fit no character, and do no harm around one", () => {
    const broken = [[0x80], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff]].map(
      (each) => Uint8Array.from(each),
    );
    expect(fits({ regex: "^.+$" }, ...broken)).toStrictEqual(broken.map(() => false));
    expect(fits({ regex: "a" }, ...broken.map((each) => Uint8Array.from([...each, 0x61])))).toStrictEqual(
      broken.map(() => true),
    );
  });

  test.each([
    ['{"level":"error"', '{"level":"error","n":1}', true],
    ["a{,2}b", "a{,2}b", true],
    ["a{x}", "a{x}", true],
    ["[\\b]", "\b", true],
    ["", "", true],
    ["^$", "", true],
    ["^$", "\n", false],
    ["a$", "a\n", false],
    ["\\/\\[\\]\\(\\)\\{\\}\\*\\+\\?\\^\\$\\|\\\\", "/[](){}*+?^$|\\", true],
    ["]}", "]}", true],
    ["()|a", "", true],
    ["(^a|b)c", "xac", false],
    ["(^a|b)c", "xbc", true],
    ["(^a|^b)c", "xbc", false],
    ["(^)*a", "xa", true],
    ["(\\b|x)+$", "abc", true],
    ["\\bé", "aé", true],
    ["\\B", "a\u20aca", false],
    ["\\B", "\u20aca", true],
  ])("%s fits %j: %s", (regex, text, expected) => {
    expect(fits({ regex }, text)).toStrictEqual([expected]);
  });

  test("patterns that take forever elsewhere are done in time that is in proportion to the text", () => {
    const long = "a".repeat(200_000);
    for (const regex of ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(.*a){12}x", "^(([a-z])+.)+[A-Z]([a-z])+$"])
      expect(fits({ regex }, `${long}!`)).toStrictEqual([false]);
  });

  test("more states than are kept make no difference", () => {
    const regex = "(a|b)*a(a|b){14}c";
    const all = Array.from({ length: 40 }, (_, i) => {
      const bits = Array.from(
        { length: 3000 },
        (_, at) => "ab"[(Math.imul(at + i * 7919, 0x9e3779b1) >>> 13) & 1],
      );
      return `${bits.join("")}c${"ab".repeat(50)}`;
    });
    const expected = all.map((text) => text[text.indexOf("c") - 15] === "a");
    expect(new Set(expected).size).toBe(2);
    const guest = new Guest(probe, { regex });
    const memory = (): number => guest.bytes.length;
    expect(guest.run(frameOf(all)).map(({ verdict }) => verdict === "kept")).toStrictEqual(expected);
    const bytes = memory();
    for (let i = 0; i < 5; i++)
      expect(guest.run(frameOf(all)).map(({ verdict }) => verdict === "kept")).toStrictEqual(expected);
    expect(memory()).toBe(bytes);
  });

  test.each([
    ["a(b", "the parenthesis is not closed at character 2"],
    ["a)b", "a closing parenthesis without an opening one at character 2"],
    ["[a", "the bracket is not closed at character 1"],
    ["x[]", "the set has no characters at character 2"],
    ["[b-a]", "the range is in the wrong order at character 2"],
    ["[\\d-z]", "a range goes from one character to another at character 2"],
    ["*a", "nothing to repeat at character 1"],
    ["a|+", "nothing to repeat at character 3"],
    ["({2})", "nothing to repeat at character 2"],
    ["a**", "a repetition of a repetition at character 3"],
    ["a{2", "expected a repetition such as {3}, {3,} or {3,5} at character 2"],
    ["a{2,x}", "expected a repetition such as {3}, {3,} or {3,5} at character 4"],
    ["a{3,2}", "the repetition is in the wrong order at character 2"],
    ["a{1001}", "at most 1000 repetitions at character 3"],
    ["a\\", "the backslash escapes nothing at character 2"],
    ["\\q", "this escape is not known at character 1"],
    ["(a)\\1", "references to groups are not supported at character 4"],
    ["\\x1", "expected 2 hexadecimal digits at character 1"],
    ["\\u{110000}", "expected a code point in braces at character 1"],
    ["\\u{}", "expected a code point in braces at character 1"],
    [
      "a(?=b)",
      "of the groups with a question mark only (?:…) is supported, and (?i) in front at character 2",
    ],
    [
      "a(?<n>b)",
      "of the groups with a question mark only (?:…) is supported, and (?i) in front at character 2",
    ],
    [".{1000}", "it has more than 4000 steps, which repetitions in braces multiply"],
    ["(a{1000}){1000}", "it has more than 4000 steps, which repetitions in braces multiply"],
    [`${"(".repeat(101)}${")".repeat(101)}`, "more than 100 groups in each other at character 101"],
  ])("%s is refused", (regex, problem) => {
    expect(() => fits({ regex })).toThrow(new Error(`the pattern \`${regex}\` cannot be read: ${problem}`));
  });

  test("a pattern of as many steps as are allowed", () => {
    // One step is the match.
    expect(fits({ regex: "a".repeat(3999) }, "a".repeat(3998), "a".repeat(3999))).toStrictEqual([
      false,
      true,
    ]);
    expect(() => fits({ regex: "a".repeat(4000) })).toThrow("it has more than 4000 steps");
    expect(fits({ regex: `${"(".repeat(100)}a${")".repeat(100)}` }, "a", "b")).toStrictEqual([true, false]);
    expect(fits({ regex: "^a{1000}$" }, "a".repeat(1000), "a".repeat(999))).toStrictEqual([true, false]);
  });
});

describe("globs", () => {
  /** A glob in the words of RegExp. */
  const asRegex = (parts: readonly [string, string][]): RegExp =>
    new RegExp(`^${parts.map(([, each]) => each).join("")}$`, "su");
  const part = fc.constantFrom<[string, string]>(
    ["a", "a"],
    ["b", "b"],
    ["-", "-"],
    ["é", "é"],
    [".", "\\."],
    ["\u{1f600}", "\u{1f600}"],
    [",", ","],
    ["*", ".*"],
    ["?", "."],
    ["[ab]", "[ab]"],
    ["[!a-z]", "[^a-z]"],
    ["[^é]", "[^é]"],
    ["[]a]", "[\\]a]"],
    ["[a\\-z]", "[a\\-z]"],
    ["{a,b*}", "(a|b.*)"],
    ["{,?}", "(|.)"],
    ["{a,{b,é}A}", "(a|(b|é)A)"],
    ["\\*", "\\*"],
    ["\\\\", "\\\\"],
    ["\\a", "a"],
  );

  test("fit what the same pattern of RegExp fits", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), texts, (parts, all) => {
        const glob = parts.map(([each]) => each).join("");
        expect(fits({ glob }, ...all)).toStrictEqual(all.map((text) => asRegex(parts).test(text)));
      }),
      { numRuns: 400 },
    );
  });

  test("ignore case where wanted", () => {
    expect(fits({ glob: "err*[!x]", "ignore-case": "" }, "ERROR", "ErrX", "xerr", "erré")).toStrictEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(fits({ glob: "err*" }, "ERROR")).toStrictEqual([false]);
  });

  test("a star takes bytes that are no UTF-8, a question mark does not", () => {
    expect(fits({ glob: "a*b" }, Uint8Array.of(0x61, 0xff, 0x0a, 0x62))).toStrictEqual([true]);
    expect(fits({ glob: "a?b" }, Uint8Array.of(0x61, 0xff, 0x62))).toStrictEqual([false]);
  });

  test.each([
    ["a[b", "the bracket is not closed at character 2"],
    ["a[]", "the bracket is not closed at character 2"],
    ["[b-a]", "the range is in the wrong order at character 2"],
    ["a{b,c", "the brace is not closed at character 2"],
    ["a\\", "the backslash escapes nothing at character 2"],
    ["[a\\", "the backslash escapes nothing at character 3"],
    [`${"{".repeat(101)}${"}".repeat(101)}`, "more than 100 braces in each other at character 101"],
  ])("%s is refused", (glob, problem) => {
    expect(() => fits({ glob })).toThrow(new Error(`the pattern \`${glob}\` cannot be read: ${problem}`));
  });
});
