import fc from "fast-check";
import { Packr } from "msgpackr";
import { describe, expect, test } from "vitest";
import { encoderFor } from "../../src/connector/format/index.ts";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { decodeAll } from "./decoding.ts";

const format = { kind: "msgpack" } as const;
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
const decode = (bytes: Uint8Array, sizes?: readonly number[]) =>
  decodeAll(format, bytes, sizes === undefined ? {} : { sizes });
const packr = new Packr({ useRecords: false, variableMapSize: true });

async function encode(values: readonly string[]) {
  const encoder = await encoderFor(format);
  const { bytes, refused, ends } = encoder.encode(Batch.of(frameOf(values)));
  return { hex: Buffer.from(bytes).toString("hex"), bytes: bytes.slice(), refused, ends: [...ends!] };
}

describe("golden bytes", () => {
  test.each([
    ["positive fixint", "00 7f", ["0", "127"]],
    ["negative fixint", "ff e0", ["-1", "-32"]],
    ["unsigned", "ccff cdffff ceffffffff", ["255", "65535", "4294967295"]],
    ["unsigned of 64 bits", "cfffffffffffffffff", ["18446744073709551615"]],
    ["signed", "d080 d18000 d280000000", ["-128", "-32768", "-2147483648"]],
    [
      "signed of 64 bits",
      "d38000000000000000 d37fffffffffffffff",
      ["-9223372036854775808", "9223372036854775807"],
    ],
    ["floats", "ca3fc00000 cb3ff199999999999a cb8000000000000000", ["1.5", "1.1", "-0"]],
    ["nil and booleans", "c0 c2 c3", ["null", "false", "true"]],
    ["texts", "a161 d90162 da000163 db0000000164 a0", ['"a"', '"b"', '"c"', '"d"', '""']],
    ["texts with what JSON escapes", "a4 22 5c 0a 01", ['"\\"\\\\\\n\\u0001"']],
    ["binary", "c403010203 c50001ff c6000000020000", ['"AQID"', '"/w=="', '"AAA="']],
    ["arrays", "90 920102 dc000101 dd0000000102", ["[]", "[1,2]", "[1]", "[2]"]],
    ["maps", "80 81a16101 de0001a16190 df00000001a16280", ["{}", '{"a":1}', '{"a":[]}', '{"b":{}}']],
    [
      "maps with integers as keys",
      "8301a178ffa179cfffffffffffffffffc0",
      ['{"1":"x","-1":"y","18446744073709551615":null}'],
    ],
    [
      "a key that comes twice, and one that objects dislike",
      "82a16101a16102 81a95f5f70726f746f5f5f01",
      ['{"a":1,"a":2}', '{"__proto__":1}'],
    ],
    [
      "timestamps",
      "d6ff65920080 d7ff1dcd650065920080 c70cff075bcd150000000065920080",
      ['"2024-01-01T00:00:00Z"', '"2024-01-01T00:00:00.125Z"', '"2024-01-01T00:00:00.123456789Z"'],
    ],
    [
      "a timestamp beyond the calendar",
      "c70cff000000007fffffffffffffff",
      ['{"ext":-1,"data":"AAAAAH//////////"}'],
    ],
    [
      "extensions",
      "d405aa d50001 02 c70005 c8000105ff",
      [
        '{"ext":5,"data":"qg=="}',
        '{"ext":0,"data":"AQI="}',
        '{"ext":5,"data":""}',
        '{"ext":5,"data":"/w=="}',
      ],
    ],
    [
      "extensions that msgpackr gives a meaning",
      "d47240 d66900000001 d56500aa",
      ['{"ext":114,"data":"QA=="}', '{"ext":105,"data":"AAAAAQ=="}', '{"ext":101,"data":"AKo="}'],
    ],
  ])("of %s", async (_name, bytes, expected) => {
    const { values, failures, error } = await decode(hex(bytes));
    expect([values, failures, error]).toEqual([expected, [], undefined]);
  });

  test("of what is written", async () => {
    const values = [
      "1",
      '"a"',
      '{"a":[1.5,null,true]}',
      "18446744073709551615",
      "-9223372036854775808",
      '{"__proto__":1}',
    ];
    expect((await encode(values)).hex).toBe(
      "01a16181a16193cb3ff8000000000000c0c3cfffffffffffffffffd3800000000000000081a95f5f70726f746f5f5f01",
    );
  });
});

describe("what JSON has no word for fails its record, and those behind it are given", () => {
  test.each([
    ["NaN", "cb7ff8000000000000", "the value holds NaN, which JSON cannot"],
    ["an infinity", "ca7f800000", "the value holds Infinity, which JSON cannot"],
    ["a key that is a map", "818001", "a key of a map is of the type map, and keys of JSON are texts"],
    ["a key that is nil", "81c001", "a key of a map is of the type nil, and keys of JSON are texts"],
    ["NaN deep inside", "82a16101a16291cb7ff8000000000000", "the value holds NaN, which JSON cannot"],
  ])("%s", async (_name, bytes, message) => {
    const { values, offsets, failures } = await decode(hex(`01 ${bytes} 02`));
    expect([values, offsets]).toEqual([
      ["1", "2"],
      [0, 2],
    ]);
    expect(failures).toEqual([{ code: "msgpack.invalid", where: "in#2", message }]);
  });
});

const anyJson = fc.jsonValue({ maxDepth: 4 });

test("what was encoded is decoded again, however it comes in parts", async () => {
  const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(anyJson), parts, async (values, sizes) => {
      const { bytes, refused, ends } = await encode(values.map((value) => JSON.stringify(value)));
      expect([refused, ends.at(-1) ?? 0]).toEqual([[], bytes.length]);
      const decoded = await decode(bytes, sizes);
      const parsed = decoded.values.map((value) => JSON.parse(Buffer.from(value, "latin1").toString()));
      expect(parsed).toEqual(JSON.parse(JSON.stringify(values)));
      expect([decoded.failures, decoded.byteCount]).toEqual([[], bytes.length]);
    }),
  );
});

test("it reads what another implementation writes", async () => {
  const anything = fc.anything({
    maxDepth: 3,
    withBigInt: false,
    withNullPrototype: false,
    values: [
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
    ],
    key: fc.string().filter((key) => key !== "__proto__"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(anything), async (values) => {
      const { values: found, failures } = await decode(
        new Uint8Array(Buffer.concat(values.map((value) => packr.pack(value)))),
      );
      expect(failures).toEqual([]);
      expect(found.map((value) => JSON.parse(Buffer.from(value, "latin1").toString()))).toEqual(
        JSON.parse(JSON.stringify(values)),
      );
    }),
  );
});

test("any bytes give the same, however they come in parts, and never more than a failure", async () => {
  const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), parts, async (bytes, sizes) => {
      const whole = await decode(bytes);
      const inParts = await decode(bytes, sizes);
      expect({ ...inParts, error: inParts.error?.toJSON() }).toEqual({
        ...whole,
        error: whole.error?.toJSON(),
      });
      for (const value of whole.values) JSON.parse(Buffer.from(value, "latin1").toString());
    }),
  );
});

test("cut anywhere, it gives the records before the cut, and names what breaks off", async () => {
  const { bytes, ends } = await encode(['{"a":[1,"text"]}', "-70000", '"é"']);
  const whole = (await decode(bytes)).values;
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { values, failures } = await decode(bytes.subarray(0, cut));
    const count = ends.filter((end) => end <= cut).length;
    expect(values).toEqual(whole.slice(0, count));
    const isCut = cut > 0 && !ends.includes(cut);
    expect(failures.map(({ code, where }) => [code, where])).toEqual(
      isCut ? [["record.cut", `in#${count + 1}`]] : [],
    );
  }
});

test.each(["c6ffffffff", "dbffffffff", "ddffffffff", "dfffffffff", "c9ffffffff05"])(
  "a length of 4 GiB takes no memory: %s",
  async (bytes) => {
    const { values, failures } = await decode(hex(`01 ${bytes} 00`));
    expect(values).toEqual(["1"]);
    expect(failures).toMatchObject([{ code: "record.cut", where: "in#2" }]);
  },
);

test("the byte that begins no value leaves no way on, and the records before it are given", async () => {
  const { values, error } = await decode(hex("01 02 c1 03"));
  expect(values).toEqual(["1", "2"]);
  expect(error).toMatchObject({
    code: "msgpack.invalid",
    where: { file: "in", record: 3 },
    hint: expect.stringContaining("nothing behind this place can be found"),
  });
});

test("jsonDepthMax: a value may be nested that deep, and no deeper", async () => {
  const most = limits.jsonDepthMax.default;
  const nested = (depth: number): Uint8Array =>
    Uint8Array.from({ length: depth }, (_, i) => (i === depth - 1 ? 0x90 : 0x91));
  expect((await decode(nested(most))).values).toEqual(["[".repeat(most) + "]".repeat(most)]);
  const { values, failures } = await decode(new Uint8Array([...nested(most + 1), ...nested(1_000_000), 7]));
  expect(values).toEqual(["7"]);
  expect(failures.map(({ where }) => where)).toEqual(["in#1", "in#2"]);
});

test("recordBytesMax: a value that is larger is passed over, and the next is found", async () => {
  const text = Buffer.alloc(limits.recordBytesMax.default + 100, "x");
  const bytes = Buffer.concat([hex("01"), packr.pack(text.toString()), hex("02")]);
  const { values, failures } = await decode(new Uint8Array(bytes), [65_536]);
  expect(values).toEqual(["1", "2"]);
  expect(failures).toMatchObject([{ code: "record.too-large", where: "in#2" }]);
});

test("batchBytes: a reading ends when it has become large enough, since a byte may become many", async () => {
  const ones = new Uint8Array(limits.batchBytes.default).fill(0xc0);
  expect((await decode(ones)).values).toHaveLength(ones.length);
});

describe("encoding refuses", () => {
  test.each([
    ["what is no JSON", "{", "json.invalid"],
    ["a whole number beyond 64 bits", "[18446744073709551616]", "record.packing"],
    ["a whole number below 64 bits", "-9223372036854775809", "record.packing"],
    ["a number beyond all floats", "1e999", "record.packing"],
  ])("%s", async (_name, value, code) => {
    const { refused, hex: written } = await encode(["1", value, "2"]);
    expect(refused).toMatchObject([{ origin: 1, by: "msgpack", code }]);
    expect(written).toBe("0102");
  });
});
