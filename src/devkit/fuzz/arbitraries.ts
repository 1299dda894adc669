import fc from "fast-check";
import { utf8 } from "../../base/index.ts";
import type { RecordInput } from "../../record/index.ts";
import { type Edit, edited, type PlacedEdit } from "./json-edits.ts";

/** Numbers at which programs change their ways. */
const numbers = [
  0,
  -0,
  1,
  -1,
  0.1,
  -1.5,
  127,
  128,
  255,
  256,
  32_767,
  32_768,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e-7,
  1.7976931348623157e308,
  5e-324,
];

/** Texts that programs get wrong. */
const texts = [
  "",
  " ",
  "0",
  "null",
  "true",
  "é",
  "ß",
  "日本語",
  "👩‍👩‍👧‍👦",
  "e\u0301",
  "\u0000",
  "\u202e",
  "\ufeff",
  '"',
  "\\",
  "\n",
  "a,b;c\td",
  "{}",
  "../..",
  "12:60",
  "2024-02-30T25:00:00Z",
];

/** Long enough that work which grows with the square of the length takes more than there is. */
const longTextMax = 30_000;

const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...texts) },
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 24 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "é", "😀", "[", '"', "ab "), fc.integer({ min: 1, max: longTextMax }))
      .map(([unit, length]) => unit.repeat(length)),
  },
);

const anyScalar: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false),
  fc.constantFrom<unknown>(...numbers),
  fc.integer(),
  anyText,
);

const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: anyScalar },
  { weight: 1, arbitrary: fc.constantFrom<unknown>([], {}, [[]], [null], { "": "" }) },
  // Nested deeply.
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: 1, max: 600 })
      .map((depth) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`)),
  },
);

const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Edit>({ kind: "remove" }) },
  { weight: 1, arbitrary: fc.constant<Edit>({ kind: "repeat" }) },
  { weight: 5, arbitrary: anyJson.map((value): Edit => ({ kind: "set", value })) },
);

const anyPlacedEdit: fc.Arbitrary<PlacedEdit> = fc.record({ place: fc.nat(200), edit: anyEdit });

/** Bytes of all kinds: no JSON, no UTF-8, nothing at all. */
const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.constant(new Uint8Array(0)),
  anyText.map(utf8),
  fc.uint8Array({ maxLength: 40 }),
  fc
    .tuple(anyText, fc.constantFrom(0x80, 0xc0, 0xf8, 0xff, 0xed))
    .map(([text, byte]) => new Uint8Array(Buffer.concat([utf8(text), Uint8Array.of(byte)]))),
);

/** Records in the shapes of some samples, with some of their values changed, and a few of no shape at all. */
export function likeSamples(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const shapes = samples.map((sample) => ({ sample, json: jsonOf(sample) }));
  const fromSample = fc
    .record({
      index: fc.nat(Math.max(0, shapes.length - 1)),
      edits: fc.array(anyPlacedEdit, { maxLength: 4 }),
      isIndented: fc.boolean(),
    })
    .map(({ index, edits, isIndented }) => {
      const shape = shapes[index];
      if (shape === undefined) return new Uint8Array(0);
      if (shape.json === undefined || edits.length === 0) return shape.sample;
      return utf8(JSON.stringify(edited(shape.json.value, edits), undefined, isIndented ? 1 : 0) ?? "");
    });
  const cut = fc
    .tuple(fromSample, fc.nat(200), fc.constantFrom(0, 1, 2, 3))
    .map(([bytes, at, length]) => without(bytes, bytes.length === 0 ? 0 : at % bytes.length, length));
  return fc.oneof(
    { weight: 12, arbitrary: fromSample },
    { weight: 2, arbitrary: cut },
    { weight: 2, arbitrary: anyBytes },
  );
}

function jsonOf(sample: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(sample).toString("utf8")) };
  } catch {
    return undefined;
  }
}

/** The bytes without some in the middle, or, where none are to be left out, up to there. */
function without(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (length === 0) return bytes.slice(0, at);
  return new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]));
}

/** Milliseconds from 1970 on, some of them the same. */
const anyTimestamp = fc.oneof(
  fc.constantFrom(0, 1, 1_700_000_000_000),
  fc.nat(2 ** 31 - 1).map((s) => s * 1000),
);

/**
 * What a module is tried with: records in a row.
 * @param isOneTime all records have the same timestamp, for a module that reads the clock
 */
export function anyInput(
  values: fc.Arbitrary<Uint8Array | RecordInput>,
  recordsMax: number,
  isOneTime: boolean,
): fc.Arbitrary<readonly RecordInput[]> {
  const parts = fc.record({
    key: fc.option(anyBytes, { nil: undefined, freq: 3 }),
    timestamp: isOneTime ? fc.constant(undefined) : fc.option(anyTimestamp, { nil: undefined, freq: 2 }),
    header: fc.option(anyBytes, { nil: undefined, freq: 6 }),
  });
  const anyRecord = fc.tuple(values, parts).map(([value, { key, timestamp, header }]): RecordInput => {
    if (!(value instanceof Uint8Array)) return value;
    const headers = header === undefined ? undefined : [{ name: "h", value: header }];
    return { value, key, timestamp, headers };
  });
  return fc.array(anyRecord, { minLength: 1, maxLength: recordsMax, size: "max" });
}

/** What records look like where nobody says so. */
export const usualSamples: readonly Uint8Array[] = [
  '{"id":1,"name":"ada","level":"error","amount":12.5,"ok":true,"tags":["a","b"],"user":{"email":"ada@example.org","age":36}}',
  '{"time":"2024-01-31T12:00:00Z","level":"info","message":"done","count":3}',
  "2024-01-31 12:00:00 INFO done",
  "a,b,c",
].map(utf8);
