import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { buildMs, buildProbe } from "./built.ts";
import { Guest, type Outcome } from "./guest.ts";
import { wellFormed } from "./json-text.ts";

let probe: Uint8Array;
beforeAll(async () => {
  probe = await buildProbe("text");
}, buildMs);

const outcomes = (
  parameters: Record<string, string>,
  records: readonly (string | Uint8Array)[],
  outputBytes = 1 << 16,
): Outcome[] => new Guest(probe, parameters).run(frameOf(records), { outputBytes });

const run = (parameters: Record<string, string>, ...records: string[]): unknown[] =>
  outcomes(parameters, records).map(({ value, error }) => value ?? error);

const parsed = (parameters: Record<string, string>, ...records: string[]): unknown[] =>
  run(parameters, ...records).map((each) => JSON.parse(each as string) as unknown);

/** Small and capital letters of ASCII alone. */
const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
const upper = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
const bytes = (text: string): number => Buffer.byteLength(text);

const unit = fc.constantFrom(..."aAbBzZ@[`{ \t", "é", "É", "\u{1f600}", "\u212a");
const word = fc.string({ unit, maxLength: 40 });

describe("capital and small letters", () => {
  test("are changed as far as they are ASCII", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary", maxLength: 60 }), { minLength: 20 }), (texts) => {
        const all = texts.map(wellFormed);
        expect(run({ do: "lower" }, ...all)).toStrictEqual(all.map(lower));
        expect(run({ do: "upper" }, ...all)).toStrictEqual(all.map(upper));
      }),
    );
  });

  test("are ignored in comparisons", () => {
    fc.assert(
      fc.property(word, word, fc.nat(40), fc.nat(40), (value, foreign, from, to) => {
        const part = Array.from(value).slice(from, to).join("");
        for (const other of [part, foreign, upper(value), lower(part), upper(part)]) {
          const [low, lowOther] = [lower(value), lower(other)];
          const expected = [
            low === lowOther,
            low.startsWith(lowOther),
            low.endsWith(lowOther),
            low.includes(lowOther),
          ];
          expect(parsed({ do: "case", with: other }, value)).toStrictEqual([
            expected.flatMap((each) => [each, each]),
          ]);
        }
      }),
    );
  });

  test("texts of every length around the width of a step", () => {
    for (let length = 1; length <= 50; length++) {
      const text = "x".repeat(length);
      for (const [value, expected] of [
        [text.toUpperCase(), true],
        [`${text.slice(1)}y`, false],
        [`y${text.slice(1)}`, false],
      ] as const)
        expect(parsed({ do: "case", with: text }, value)).toStrictEqual([new Array(8).fill(expected)]);
    }
  });
});

describe("searching", () => {
  test("counts as split does", () => {
    const few = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 60 });
    fc.assert(
      fc.property(few, fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 3 }), (value, other) => {
        const count = other === "" ? 0 : value.split(other).length - 1;
        expect(parsed({ do: "count", with: other }, value)).toStrictEqual([[count, count]]);
      }),
    );
  });

  /** What a search for several needles finds, from a byte on: the first place, there the first of the list. */
  function firstOf(value: string, needles: readonly string[], from: number): [number, number] {
    const haystack = Buffer.from(value);
    const places = needles.map((needle) => haystack.indexOf(Buffer.from(needle), from));
    const best = Math.min(...places.filter((place) => place >= 0), Number.POSITIVE_INFINITY);
    return best === Number.POSITIVE_INFINITY ? [-1, -1] : [best, places.indexOf(best)];
  }

  function countOf(value: string, needles: readonly string[]): number {
    const filled = needles.filter((needle) => needle !== "");
    let count = 0;
    for (let at = 0; ; count++) {
      const [place, found] = firstOf(value, filled, at);
      if (place < 0) return count;
      at = place + bytes(filled[found]!);
    }
  }

  const check = (value: string, needles: readonly string[]): void => {
    const expected = (text: string, wanted: readonly string[]): unknown => {
      const first = firstOf(text, wanted, 0);
      const next = firstOf(text, wanted, first[0] + 1);
      return [
        ...first,
        ...next,
        countOf(text, wanted),
        first[0] >= 0,
        wanted.every((each) => text.includes(each)),
      ];
    };
    const given = { needles: JSON.stringify(needles) };
    expect(parsed({ do: "needles", ...given }, value)).toStrictEqual([expected(value, needles)]);
    expect(parsed({ do: "needlesAnyCase", ...given }, value)).toStrictEqual([
      expected(lower(value), needles.map(lower)),
    ]);
  };

  test("several needles are found where Buffer finds them, in any number and case", () => {
    const letters = fc.constantFrom(..."abAB@`", "é", "\u{1f600}");
    fc.assert(
      fc.property(
        fc.string({ unit: letters, maxLength: 80 }),
        fc.array(fc.string({ unit: letters, minLength: 1, maxLength: 4 }), { maxLength: 20 }),
        check,
      ),
      { numRuns: 300 },
    );
  });

  test("the empty text is everywhere", () => {
    for (const needles of [[""], ["a", ""], ["", "a"], ["b", "", "a"]]) {
      const given = { do: "needles", needles: JSON.stringify(needles) };
      for (const value of ["", "a", "xa"]) {
        const [place, found] = parsed(given, value)[0] as number[];
        const first = needles.findIndex((needle) => value.startsWith(needle));
        expect([place, found]).toStrictEqual([0, first]);
      }
    }
  });

  test("a needle is found at every place and not beyond the end", () => {
    for (let place = 0; place <= 40; place++) {
      check(`${"-".repeat(place)}needle${"-".repeat(40 - place)}`, ["needle", "nope"]);
      const cut = `${"-".repeat(place)}need`;
      const guest = new Guest(probe, { do: "needles", needles: '["needle","d!"]' });
      const after = new TextEncoder().encode("le!!");
      // Whether the next record or something else follows, it does not count.
      expect(guest.run(frameOf([cut]), { after })[0]?.value).toBe("[-1,-1,-1,-1,0,false,false]");
      expect(guest.run(frameOf([cut, "le"]))[0]?.value).toBe("[-1,-1,-1,-1,0,false,false]");
    }
  });

  test("words, parts and trimmed texts are those of JavaScript", () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom(..."ab,; \t\n\r\v\f", "é"), maxLength: 30 }), {
      minLength: 10,
    });
    fc.assert(
      fc.property(texts, fc.constantFrom(",", ", ", "é", "ab", ""), (all, separator) => {
        expect(run({ do: "trim" }, ...all)).toStrictEqual(all.map((text) => text.trim()));
        expect(parsed({ do: "words" }, ...all)).toStrictEqual(
          all.map((text) => text.split(/\s+/).filter(Boolean)),
        );
        expect(parsed({ do: "parts", with: separator }, ...all)).toStrictEqual(
          all.map((text) => (separator === "" ? [text] : text.split(separator))),
        );
      }),
    );
  });
});

describe("writing", () => {
  test("values and keys, with and without escapes", () => {
    const [outcome] = outcomes({ do: "write", with: "é" }, ['a"\n\\é']);
    expect(outcome).toStrictEqual({ verdict: "replaced", value: '"a\\"\\n\\\\é"|-7é', key: '<a"\n\\é>' });
  });

  test("more than the host has room for is written all the same, and in order", () => {
    const texts = Array.from({ length: 20 }, (_, i) => `${i}-`.repeat(i * 40));
    const written = outcomes({ do: "write", with: "" }, texts, 1 << 10);
    expect(written.map(({ value }) => value)).toStrictEqual(texts.map((text) => `"${text}"|-7`));
    expect(written.map(({ key }) => key)).toStrictEqual(texts.map((text) => `<${text}>`));
  });

  test("too much fails the record and no other", () => {
    const [before, tooMuch, after] = outcomes({ do: "repeat", with: "x".repeat(1 << 15) }, [
      "1",
      "513",
      "512",
    ]);
    expect([before?.value?.length, after?.value?.length]).toStrictEqual([1 << 15, 16 << 20]);
    expect(tooMuch).toStrictEqual({
      verdict: "failed",
      error: "the module makes too much of this record, the limit is 16 MiB",
    });
  });
});
