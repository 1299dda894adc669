import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyInput, InputTail, inputBytes, writeInput } from "../../../src/engine/abi/fluvio/wire/input.ts";
import { OneRecord } from "../../../src/engine/abi/fluvio/wire/one-record.ts";
import { encodeParameterMap, encodeParameters } from "../../../src/engine/abi/fluvio/wire/parameters.ts";
import { RecordEncoder } from "../../../src/engine/abi/fluvio/wire/record.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, type FrameBase, FrameBuffer, frameOf, type RecordInput } from "../../../src/record/index.ts";
import { keepOnly } from "../../record/keep-only.ts";
import { anyRecords, plainRecords } from "../../support/records.ts";
import { expectFailure } from "../run.ts";
import { hex, ReferenceReader, toHex } from "./reference-codec.ts";

const noParameters = encodeParameters(new Map(), undefined, "guest");
const now = 1_699_999_999_999;

/** All inputs that it takes to send a batch. */
function inputsOf(
  batch: Batch,
  tail = new InputTail(22, noParameters),
  accumulator?: Uint8Array,
): Uint8Array[] {
  const encoder = new RecordEncoder();
  const inputs: Uint8Array[] = [];
  for (let first = 0; first < batch.count; first = encoder.end) {
    encoder.measure(batch, first, batch.count, now);
    const input = new Uint8Array(inputBytes(encoder, tail, accumulator) + 3).fill(0xaa);
    writeInput(batch, first, encoder, tail, accumulator, input, 2);
    // It writes all of its place, and nothing around it.
    expect([input[0], input[1], input.at(-1)]).toEqual([0xaa, 0xaa, 0xaa]);
    inputs.push(input.slice(2, -1));
  }
  return inputs;
}

function inputOf(
  records: readonly (RecordInput | string)[],
  base: FrameBase = {},
  version: 22 | 19 | 15 = 22,
): string {
  const parameters = version === 22 ? noParameters : encodeParameterMap(new Map(), "guest");
  return toHex(inputsOf(Batch.of(frameOf(records, base)), new InputTail(version, parameters))[0] ?? []);
}

/** Each record of a batch is written as it is when it goes alone. */
function expectAsAlone(batch: Batch): void {
  const one = new OneRecord();
  let first = 0;
  for (const input of inputsOf(batch)) {
    const read = new ReferenceReader(input).input(22);
    const alone = new Uint8Array(input.length);
    let end = 16;
    for (const [i, { offsetDelta }] of read.records.entries()) {
      const size = one.measure(batch, first + i, read.baseTimestamp as number, offsetDelta);
      const next = one.write(batch.bytes, alone, end);
      expect(next - end).toBe(size);
      end = next;
    }
    expect(Buffer.compare(input.subarray(16, end), alone.subarray(16, end))).toBe(0);
    first += read.records.length;
  }
  expect(first).toBe(batch.count);
}

describe("the input, byte by byte", () => {
  const apple: RecordInput = { value: "apple", timestamp: 1_700_000_000_000 };
  const cat: RecordInput = { value: "cat zz", key: "k", timestamp: 1_700_000_000_005 };
  const records = "00000002 16000000000a6170706c6500 1c000a0201026b0c636174207a7a00";
  const head = `0000000000000064 0000001f ${records}`;

  test("of version 22", () => {
    expect(inputOf([apple, cat], { offset: 100 })).toBe(
      toHex(hex(`${head} 0000 00 00000000 0000018bcfe56800`)),
    );
  });

  test("of versions that have less behind the records", () => {
    expect(inputOf([apple, cat], { offset: 100 }, 19)).toBe(toHex(hex(`${head} 0000 00000000`)));
    expect(inputOf([apple, cat], { offset: 100 }, 15)).toBe(toHex(hex(`${head} 0000`)));
  });

  test("of an aggregate has the accumulator behind it, also without records", () => {
    const [input = []] = inputsOf(
      Batch.of(frameOf([apple, cat], { offset: 100 })),
      new InputTail(22, noParameters),
      hex("41"),
    );
    expect(toHex(input)).toBe(toHex(hex(`${head} 0000 00 00000000 0000018bcfe56800 00000001 41`)));
    expect(toHex(emptyInput(new InputTail(22, noParameters), 1, hex("4d4d")))).toBe(
      toHex(hex("0000000000000000 00000004 00000000 0000 00 00000000 0000000000000001 00000002 4d4d")),
    );
  });

  test("of a value and an offset delta, as Fluvio's own test has it", () => {
    expect(inputOf(["", "dog"])).toContain("120000020006646f6700");
  });

  test("of records from before 1970 and of offsets beyond 32 bits", () => {
    const [input] = inputsOf(Batch.of(frameOf([{ value: "a", timestamp: -5000 }], { offset: 2 ** 40 + 7 })));
    expect(new ReferenceReader(input as Uint8Array).input(22)).toMatchObject({
      baseOffset: 2 ** 40 + 7,
      baseTimestamp: -5000,
    });
  });
});

describe("parameters, byte by byte", () => {
  const key = new Map([["key", "cat"]]);

  test("are in the order of their names, and end with the look-back", () => {
    expect(toHex(encodeParameters(key, undefined, "guest"))).toBe(
      toHex(hex("0001 0003 6b6579 0003 636174 00")),
    );
    expect(toHex(encodeParameters(key, { last: 3, ageMs: 1_800_000 }, "guest"))).toBe(
      toHex(hex("0001 0003 6b6579 0003 636174 01 0000000000000003 01 0000000000000708 00000000")),
    );
    expect(toHex(encodeParameters(new Map(), { last: 7 }, "guest"))).toBe(
      toHex(hex("0000 01 0000000000000007 00")),
    );
    expect(toHex(encodeParameters(new Map(), { ageMs: 1500.5 }, "guest"))).toBe(
      toHex(hex("0000 01 0000000000000000 01 0000000000000001 1dd50620")),
    );
    const unsorted = new Map([
      ["b", ""],
      ["a", ""],
      ["aa", ""],
    ]);
    expect(
      new ReferenceReader(encodeParameterMap(unsorted, "guest")).parameters().map(([name]) => name),
    ).toEqual(["a", "aa", "b"]);
  });

  test("that no module could read are refused: a text over fluvioStringBytesMax, or all of them over the limit", () => {
    const { default: bytesMax } = limits.fluvioStringBytesMax;
    expect(encodeParameterMap(new Map([["k", "v".repeat(bytesMax)]]), "guest").length).toBe(
      2 + 3 + 2 + bytesMax,
    );
    expectFailure(
      () => encodeParameterMap(new Map([["k", "v".repeat(bytesMax + 1)]]), "guest"),
      "module.init",
      `the parameter k of guest has a text of ${bytesMax + 1} bytes`,
    );
    expectFailure(
      () => encodeParameterMap(new Map([["é".repeat(bytesMax), ""]]), "guest"),
      "module.init",
      `has a text of ${bytesMax * 2} bytes`,
    );
    const many = new Map(Array.from({ length: 40 }, (_, i) => [`${i}`, "v".repeat(bytesMax)]));
    expectFailure(() => encodeParameterMap(many, "guest"), "module.init", "the parameters of guest take");
  });

  test("of any kind are read back", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })),
        fc.option(
          fc.record({
            last: fc.option(fc.nat(), { nil: undefined }),
            ageMs: fc.option(fc.nat(), { nil: undefined }),
          }),
          {
            nil: undefined,
          },
        ),
        (given, lookBack) => {
          const map = new Map(Object.entries(given));
          const reader = new ReferenceReader(encodeParameters(map, lookBack, "guest"));
          expect(new Map(reader.parameters())).toEqual(map);
          const ageMs = lookBack?.ageMs;
          const age =
            ageMs === undefined
              ? undefined
              : { seconds: Math.floor(ageMs / 1000), nanos: (ageMs % 1000) * 1e6 };
          expect(reader.lookBack()).toEqual(lookBack && { last: lookBack.last ?? 0, age });
        },
      ),
    );
  });
});

describe("records", () => {
  test("of any kind are read back, in as many inputs as their times take", () => {
    fc.assert(
      fc.property(anyRecords, fc.nat(), (records, offset) => {
        const batch = Batch.of(frameOf(records, { offset }));
        const read = inputsOf(batch).flatMap((bytes) => {
          const input = new ReferenceReader(bytes).input(22);
          return input.records.map((record) => ({
            ...record,
            offset: input.baseOffset + record.offsetDelta,
            timestamp: (input.baseTimestamp as number) + record.timestampDelta,
          }));
        });
        expect(read.map(({ value, key }) => ({ value, key }))).toEqual(
          plainRecords(batch).map(({ value, key }) => ({ value, key })),
        );
        expect(read.map((each) => each.offset)).toEqual(records.map((_, i) => offset + i));
        const known = records
          .map(({ timestamp }) => timestamp)
          .filter((timestamp) => timestamp !== undefined);
        expect(read.map(({ timestamp }) => timestamp)).toEqual(expect.arrayContaining(known));
      }),
    );
  });

  test("of any kind are the same together as one by one, in memory of any kind and wherever their columns are", () => {
    const places = fc.record({
      shared: fc.boolean(),
      // Columns of records that are left of a batch are not in its memory.
      kept: fc.option(fc.nat(3), { nil: undefined }),
      times: fc.constantFrom(1, 2),
      base: fc.record({ offset: fc.constantFrom(-1, 0, 2 ** 40), timestamp: fc.constantFrom(-1, 7) }),
    });
    fc.assert(
      fc.property(anyRecords, places, (some, { shared, kept, times, base }) => {
        const records = Array.from({ length: times }, () => some).flat();
        const batch = new Batch(new FrameBuffer(1, { shared })).load(frameOf(records, base));
        if (kept !== undefined) {
          keepOnly(
            batch,
            records.map((_, i) => i).filter((i) => i % 4 !== kept),
          );
        }
        expectAsAlone(batch);
      }),
      { numRuns: 60 },
    );
  });

  test("without key and time are the same together as one by one where their numbers become longer", () => {
    const sizes = [0, 1, 8160, 8161, ...Array.from({ length: 40 }, (_, i) => 8165 + i), 16_383, 16_384];
    const edges = [...Array.from({ length: 20 }, (_, i) => 50 + i), ...sizes];
    // Each of them at offset deltas below and above 64.
    expectAsAlone(
      Batch.of(
        frameOf(
          [...edges, ...edges].map((size) => "v".repeat(size)),
          { offset: 5 },
        ),
      ),
    );
    // And at those around 8192, where they are consecutive and where they are not.
    const many = Array.from({ length: 8300 }, (_, i) => "v".repeat(50 + (i % 20)));
    expectAsAlone(Batch.of(frameOf(many, { offset: 5 })));
    const some = many.map((_, i) => i).filter((i) => i % 3 !== 0);
    expectAsAlone(keepOnly(Batch.of(frameOf(many, { offset: 5 })), some));
  });

  test("of more than are looked at in one go are all there, with the offsets of what is left", () => {
    const records = Array.from({ length: 1400 }, (_, i) => ({
      value: `v${i}`,
      key: i % 3 === 0 ? "k" : undefined,
    }));
    const all = Batch.of(frameOf(records, { offset: 9 }));
    const odd = keepOnly(
      Batch.of(frameOf(records, { offset: 9 })),
      records.map((_, i) => i).filter((i) => i % 2 === 1),
    );
    for (const [batch, origins] of [
      [all, records.map((_, i) => i)],
      [odd, records.map((_, i) => i).filter((i) => i % 2 === 1)],
    ] as const) {
      const [input] = inputsOf(batch).map((bytes) => new ReferenceReader(bytes).input(22));
      expect(
        input?.records.map(({ value, key, offsetDelta }) => [
          Buffer.from(value).toString(),
          key?.length,
          offsetDelta,
        ]),
      ).toEqual(
        origins.map((origin) => [
          `v${origin}`,
          origin % 3 === 0 ? 1 : undefined,
          origin - (origins[0] as number),
        ]),
      );
    }
  });

  test("that are large go straight from where they are, between small ones, with their keys", () => {
    const sizes = [10, 32_700, 32_760, 65_000, 65_536, 70_000, 3, 200_000, 0, 33_000];
    const records = sizes.map((size, i) => ({
      value: new Uint8Array(size).fill(i + 1),
      key: i % 2 === 0 ? undefined : new Uint8Array(sizes[(i * 3) % sizes.length] as number).fill(i + 65),
    }));
    const [input] = inputsOf(Batch.of(frameOf(records)));
    const read = new ReferenceReader(input as Uint8Array).input(22).records;
    expect(read.map(({ value, key }) => [value.length, key?.length])).toEqual(
      records.map(({ value, key }) => [value.length, key?.length]),
    );
    for (const [i, { value, key }] of read.entries()) {
      expect(Buffer.compare(value, records[i]?.value as Uint8Array)).toBe(0);
      expect(Buffer.compare(key ?? new Uint8Array(0), records[i]?.key ?? new Uint8Array(0))).toBe(0);
    }
  });

  test("without a time of their own have the machine's, and those too far from the first go in another input", () => {
    const [plain] = inputsOf(Batch.of(frameOf(["a"])));
    expect(new ReferenceReader(plain as Uint8Array).input(22).baseTimestamp).toBe(now);
    const far = 2 ** 31;
    const inputs = inputsOf(
      Batch.of(
        frameOf([
          { value: "a", timestamp: far },
          { value: "b", timestamp: far + far - 1 },
          { value: "c", timestamp: far - far },
          { value: "d", timestamp: far + far },
          { value: "e" },
        ]),
      ),
    ).map((bytes) => new ReferenceReader(bytes).input(22));
    expect(inputs.map(({ baseTimestamp, records }) => [baseTimestamp, records.length])).toEqual([
      [far, 3],
      [far * 2, 2],
    ]);
    expect(inputs[0]?.records.map((record) => record.timestampDelta)).toEqual([0, far - 1, -far]);
    expect(inputs[1]?.records.map((record) => record.timestampDelta)).toEqual([0, 0]);
  });

  test("that do not fit in frameBytesMax together go in several inputs", () => {
    const batch = Batch.of(frameOf([new Uint8Array(limits.recordBytesMax.default)]));
    const next = batch.expansion(undefined, 0, 9);
    for (let i = 0; i < 9; i++) {
      (next.origins as Uint32Array)[i] = 0;
      next.values.set(batch.columns.values, i * 2);
    }
    batch.adopt(next, 9);
    const encoder = new RecordEncoder();
    const ends: number[] = [];
    for (let first = 0; first < 9; first = encoder.end) {
      encoder.measure(batch, first, 9, now);
      ends.push(encoder.end);
      expect(encoder.byteCount).toBeLessThanOrEqual(limits.frameBytesMax.default);
    }
    expect(ends).toEqual([3, 6, 9]);
  });

  test("that are left of a batch keep their offsets, and parts of one record are told apart by their index", () => {
    const batch = Batch.of(frameOf(["a", "b", "c", "d"], { offset: 50 }));
    keepOnly(batch, [1, 3]);
    const [input] = inputsOf(batch).map((bytes) => new ReferenceReader(bytes).input(22));
    expect([input?.baseOffset, input?.records.map((record) => record.offsetDelta)]).toEqual([51, [0, 2]]);
    const expanded = Batch.of(frameOf(["a", "b"], { offset: 50 }));
    const next = expanded.expansion(undefined, 0, 3);
    for (const [i, origin] of [0, 0, 1].entries()) (next.origins as Uint32Array)[i] = origin;
    expanded.adopt(next, 3);
    const [parts] = inputsOf(expanded).map((bytes) => new ReferenceReader(bytes).input(22));
    expect([parts?.baseOffset, parts?.records.map((record) => record.offsetDelta)]).toEqual([50, [0, 1, 2]]);
    const [nowhere] = inputsOf(Batch.of(frameOf(["a", "b"]))).map((bytes) =>
      new ReferenceReader(bytes).input(22),
    );
    expect([nowhere?.baseOffset, nowhere?.records.map((record) => record.offsetDelta)]).toEqual([0, [0, 1]]);
  });
});
