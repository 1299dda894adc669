import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { Batch, CsvEncoder, type CsvOptions, frameOf } from "../../src/record/index.ts";
import { decodeAll } from "./decoding.ts";

const options: CsvOptions = { delimiter: ",", header: true };
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const decode = (text: string | Uint8Array, changes: Partial<CsvOptions> = {}, more = {}) =>
  decodeAll(
    { kind: "csv", options: { ...options, ...changes } },
    typeof text === "string" ? utf8(text) : text,
    more,
  );
const textOf = (latin1: string): string => Buffer.from(latin1, "latin1").toString();

function encode(values: readonly string[], changes: Partial<CsvOptions> = {}) {
  const encoder = new CsvEncoder({ ...options, ...changes });
  const { bytes, refused, ends } = encoder.encode(Batch.of(frameOf(values)));
  const text = Buffer.from(bytes).toString();
  const header = encoder.preamble === undefined ? "" : Buffer.from(encoder.preamble).toString();
  return { text, header, refused, ends: [...ends!] };
}

describe("rows", () => {
  test.each([
    ["with a header", "a,b\n1,2\n3,4\n", {}, ['{"a":"1","b":"2"}', '{"a":"3","b":"4"}']],
    ["with \\r\\n", "a,b\r\n1,2\r\n", {}, ['{"a":"1","b":"2"}']],
    ["without a last line feed", "a\n1", {}, ['{"a":"1"}']],
    ["without a header", "1,2\n3\n", { header: false }, ['["1","2"]', '["3"]']],
    ["with names from the settings", "1,2\n", { header: false, columns: ["x", "y"] }, ['{"x":"1","y":"2"}']],
    ["with other names than the header's", "a,b\n1,2\n", { columns: ["x", "y"] }, ['{"x":"1","y":"2"}']],
    ["with another delimiter", 'a;b\n1,5;"2;3"\n', { delimiter: ";" }, ['{"a":"1,5","b":"2;3"}']],
    ["with tabs", "a\tb\n1\t2\n", { delimiter: "\t" }, ['{"a":"1","b":"2"}']],
    ["with quotes", 'a,"b ""x"""\n"1 ""2""","3,4"\n', {}, ['{"a":"1 \\"2\\"","b \\"x\\"":"3,4"}']],
    ["with a line feed in quotes", 'a,b\n"1\n2",3\n', {}, ['{"a":"1\\n2","b":"3"}']],
    ["with a quote inside a field that does not begin with one", 'a\n5" pipe\n', {}, ['{"a":"5\\" pipe"}']],
    ["with a byte order mark", "\ufeffa,b\n1,2\n", {}, ['{"a":"1","b":"2"}']],
    ["with a mark before a quote", '\ufeff"a",b\n1,2\n', {}, ['{"a":"1","b":"2"}']],
    ["with empty lines, which are none", "\na,b\n\n1,2\n\n", {}, ['{"a":"1","b":"2"}']],
    [
      "with an empty line, which is a field where there is one column",
      "a\n\n1\n",
      {},
      ['{"a":""}', '{"a":"1"}'],
    ],
    ["with empty fields", "a,b\n,\n", {}, ['{"a":"","b":""}']],
    ["with control characters and backslashes", "a\n\\\t\u0001\n", {}, ['{"a":"\\\\\\t\\u0001"}']],
    ["of a header alone", "a,b\n", {}, []],
    ["of nothing", "", {}, []],
  ])("%s", async (_name, text, changes, expected) => {
    const { values, failures } = await decode(text, changes);
    expect(values.map(textOf)).toEqual(expected);
    expect(failures).toEqual([]);
  });

  test("have the line on which they begin as their place", async () => {
    const { offsets, failures } = await decode('a,b\n1,2\n"x\ny\nz",3\n4,5\n6\n\n7,8\n');
    expect(offsets).toEqual([1, 2, 5, 8]);
    expect(failures).toEqual([
      { code: "csv.invalid", where: "in:7", message: "the row has 1 field, and there are 2 columns" },
    ]);
  });

  test("that are damaged are named, and those behind them are given", async () => {
    const { values, failures } = await decode('a,b\n"1"x,2\n1,2,3\n4,5\n');
    expect(values).toEqual(['{"a":"4","b":"5"}']);
    expect(failures.map(({ where, message }) => `${where} ${message}`)).toEqual([
      "in:2 field 1 of the row goes on behind its closing quote",
      "in:3 the row has 3 fields, and there are 2 columns",
    ]);
  });

  test("in quotes that do not end are named, with what that means", async () => {
    const { values, failures } = await decode('a\n1\n"2\n3\n4\n');
    expect(values).toEqual(['{"a":"1"}']);
    expect(failures).toMatchObject([
      { code: "record.cut", where: "in:3", message: expect.stringContaining("no row behind it can be told") },
    ]);
  });

  test("of a header that names a column twice are refused", async () => {
    const { error } = await decode("a,b,a\n1,2,3\n");
    expect(error).toMatchObject({
      code: "csv.invalid",
      message: 'the header names two columns "a"',
      hint: expect.any(String),
    });
  });

  test("recordBytesMax: a row that is larger is passed over, whatever it holds", async () => {
    const large = "x".repeat(limits.recordBytesMax.default);
    const { values, failures, offsets } = await decode(
      `a,b\n1,2\n"${large}\n",2\n3,4\n`,
      {},
      { sizes: [65_536] },
    );
    expect(values).toEqual(['{"a":"1","b":"2"}', '{"a":"3","b":"4"}']);
    expect(offsets).toEqual([1, 4]);
    expect(failures).toMatchObject([{ code: "record.too-large", where: "in:3" }]);
  });

  test("that are larger as JSON than a record may be are refused", async () => {
    const half = '"'.repeat(limits.recordBytesMax.default / 2);
    const { values, failures } = await decode(`a\nx${half}\n1\n`);
    expect(values).toEqual(['{"a":"1"}']);
    expect(failures).toMatchObject([{ code: "record.too-large", where: "in:2" }]);
  });
});

const anyField = fc.string({
  unit: fc.constantFrom("a", "é", ",", ";", '"', "\n", "\r", " ", "\\", "\u0000"),
  maxLength: 8,
});
const anyTable = fc.uniqueArray(anyField, { minLength: 1, maxLength: 4 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(fc.array(anyField, { minLength: columns.length, maxLength: columns.length }), {
      minLength: 1,
    }),
  }),
);

test("what was encoded is decoded again, however it comes in parts", async () => {
  const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      anyTable,
      fc.constantFrom(",", ";"),
      parts,
      async ({ columns, rows }, delimiter, sizes) => {
        const records = rows.map((row) =>
          JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i]]))),
        );
        // Object keys that are whole numbers would change their places; there are none here.
        const { text, header, refused } = encode(records, { delimiter });
        expect(refused).toEqual([]);
        const { values, failures } = await decode(header + text, { delimiter }, { sizes });
        expect(failures).toEqual([]);
        expect(values.map((value) => JSON.parse(textOf(value)))).toEqual(
          records.map((record) => JSON.parse(record)),
        );
      },
    ),
  );
});

test("any bytes give the same, however they come in parts", async () => {
  const anyText = fc.string({
    unit: fc.constantFrom("a", ",", '"', "\n", "\r", "é", "\ufeff"),
    maxLength: 60,
  });
  const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(anyText, fc.boolean(), parts, async (text, header, sizes) => {
      const whole = await decode(text, { header });
      // Bytes at the end that are no record are counted with the one before them, or not at all.
      expect({ ...(await decode(text, { header }, { sizes })), byteCount: whole.byteCount }).toEqual(whole);
      for (const value of whole.values) JSON.parse(value);
    }),
  );
});

describe("encoding", () => {
  test("writes the header once, texts as they are and other values as JSON", () => {
    const { text, header } = encode(['{"a":"x","b":1.50,"c":null,"d":[1, 2],"e":true}']);
    expect([header, text]).toEqual(["a,b,c,d,e\n", 'x,1.50,,"[1, 2]",true\n']);
  });

  test("keeps the digits of numbers", () => {
    expect(encode(['{"a":12345678901234567890123}']).text).toBe("12345678901234567890123\n");
  });

  test("takes keys in any order, and the last of two that are the same", () => {
    expect(encode(['{"a":1,"b":2}', '{"b":4,"a":3}', '{"a":0,"a":5,"b":6}']).text).toBe("1,2\n3,4\n5,6\n");
  });

  test("refuses what has other columns, and what is no row", () => {
    const values = [
      '{"a":1,"b":2}',
      '{"a":1}',
      '{"a":1,"c":2,"b":3}',
      "[1,2]",
      "no",
      '{"a":1,"b":2}x',
      '{"a":3,"b":4}',
    ];
    const { text, refused, ends } = encode(values);
    expect(text).toBe("1,2\n3,4\n");
    expect(ends).toEqual([4, 8]);
    expect(refused.map(({ origin, code, message }) => `${origin} ${code} ${message.slice(0, 48)}`)).toEqual([
      '1 record.packing the value has nothing for the column "b"',
      '2 record.packing there is no column "c"',
      "3 record.packing the value is no JSON object, and a row needs one",
      "4 record.packing the value is no JSON object, and a row needs one",
      "5 json.invalid not JSON at byte 13 (1:14): expected the end of ",
    ]);
  });

  test("does not take the columns of a first record that is damaged", () => {
    expect(encode(['{"x":1', '{"a":1}'])).toMatchObject({ text: "1\n", header: "a\n" });
  });

  test("writes the columns that the settings name, in their order", () => {
    expect(encode(['{"a":1,"b":2}'], { columns: ["b", "a"] })).toMatchObject({
      header: "b,a\n",
      text: "2,1\n",
    });
  });

  test("writes arrays where there is no header", () => {
    expect(encode(['["a",1]', "[]"], { header: false })).toMatchObject({
      header: "",
      text: "a,1\n",
      refused: [{ origin: 1 }],
    });
  });

  test("quotes a field that is empty and alone, since an empty line is no row", () => {
    expect(encode(['{"a":""}']).text).toBe('""\n');
  });
});
