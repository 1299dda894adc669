import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { buildMs, buildProbe } from "./built.ts";
import { Guest } from "./guest.ts";

let probe: Uint8Array;
beforeAll(async () => {
  probe = await buildProbe("text");
}, buildMs);

const run = (parameters: Record<string, string>, ...records: string[]): unknown[] =>
  new Guest(probe, parameters)
    .run(frameOf(records), { outputBytes: 1 << 16 })
    .map(({ value, error }) => value ?? error);

/** The rows of a text, or the problem with it. */
const read = (text: string, delimiter = ","): unknown => {
  const [found] = run({ do: "csv", delimiter }, text) as string[];
  return found?.startsWith("[") ? (JSON.parse(found) as unknown) : found;
};

/** A reader of CSV in as few words as can be: each field by one pattern, and what does not fit is no CSV. */
function reference(text: string, delimiter: string): string[][] | undefined {
  const plain = `(?!")[^${delimiter}\n]*?`;
  const field = new RegExp(
    `(?:"((?:[^"]|"")*)"|(${plain}))(${delimiter === "|" ? "\\|" : delimiter}|\r?\n|\r?$)`,
    "y",
  );
  const rows: string[][] = [[]];
  for (let at = 0; ; ) {
    field.lastIndex = at;
    const match = field.exec(text);
    if (match === null) return undefined;
    rows.at(-1)?.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    at = field.lastIndex;
    if (match[3] === delimiter) continue;
    if (at >= text.length) return rows;
    rows.push([]);
  }
}

const delimiter = fc.constantFrom(",", ";", "\t", "|");

describe("reading", () => {
  test("agrees with a reader that is made of one regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab,;|\t"" \r\n', "\r\n", "é"), maxLength: 40 });
    fc.assert(
      fc.property(text, delimiter, (each, mark) => {
        const expected = reference(each, mark);
        if (expected === undefined) expect(read(each, mark)).toMatch(/^invalid CSV at byte \d+: /);
        else expect(read(each, mark)).toStrictEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["", [[""]]],
    [",", [["", ""]]],
    ["a,b", [["a", "b"]]],
    ["a,b\n", [["a", "b"]]],
    ["a,b\r\nc", [["a", "b"], ["c"]]],
    ["a\n\nb", [["a"], [""], ["b"]]],
    ['"a,b",c', [["a,b", "c"]]],
    ['"a ""b"" c"', [['a "b" c']]],
    ['"",""', [["", ""]]],
    ['"a\r\nb",c\r', [["a\r\nb", "c"]]],
    ['"x"\r', [["x"]]],
    ['a "b" c, d', [['a "b" c', " d"]]],
    ["a\rb,c", [["a\rb", "c"]]],
  ])("%j", (text, rows) => {
    expect(read(text)).toStrictEqual(rows);
  });

  test.each([
    ['a,"b', "invalid CSV at byte 2: the quote is not closed"],
    ['"', "invalid CSV at byte 0: the quote is not closed"],
    ['"a""', "invalid CSV at byte 0: the quote is not closed"],
    ['"a"b,c', "invalid CSV at byte 3: expected a delimiter or a line break after a closing quote"],
    ['"a"\rb', "invalid CSV at byte 3: expected a delimiter or a line break after a closing quote"],
  ])("%j: %s", (text, problem) => {
    expect(read(text)).toBe(problem);
  });

  test("fields of every length around the width of a step, and what follows the record does not count", () => {
    for (let length = 0; length <= 40; length++) {
      const text = "x".repeat(length);
      expect(read(`${text},"${text}",${text}\n${text}.`)).toStrictEqual([[text, text, text], [`${text}.`]]);
      for (const after of [",y", '"', "\n", '",', "yyyy"]) {
        const guest = new Guest(probe, { do: "csv" });
        const [first] = guest.run(frameOf([text]), { after: new TextEncoder().encode(after.repeat(30)) });
        expect(first?.value).toBe(JSON.stringify([[text]]));
        expect(guest.run(frameOf([`"${text}"`, after.repeat(30)]))[0]?.value).toBe(JSON.stringify([[text]]));
      }
    }
  });
});

describe("writing", () => {
  const cell = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab,;|\t" \r\n', "é"), maxLength: 30 }),
    fc.integer(),
  );
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 });

  test("what is written is read again", () => {
    fc.assert(
      fc.property(rows, delimiter, (all, mark) => {
        const [written] = run({ do: "writeCsv", delimiter: mark }, JSON.stringify(all)) as string[];
        expect(read(written ?? "", mark)).toStrictEqual(all.map((row) => row.map(String)));
        expect(reference(written ?? "", mark)).toStrictEqual(all.map((row) => row.map(String)));
      }),
      { numRuns: 200 },
    );
  });

  test("quotes stand only where they are needed", () => {
    const all = [["a", "b c", "", 'd"e', "f,g", "h\ni", -1], [""], ["x;y"]];
    expect(run({ do: "writeCsv" }, JSON.stringify(all))).toStrictEqual([
      'a,b c,,"d""e","f,g","h\ni",-1\r\n""\r\nx;y',
    ]);
  });
});

test.each(['"', "\n", "", ",,", "é"])("the delimiter %j is refused", (mark) => {
  expect(() => run({ do: "csv", delimiter: mark })).toThrow(
    new Error(
      `a delimiter must be one character of ASCII and neither a quote nor a line break, not \`${mark}\``,
    ),
  );
});
