import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type WasmInstance, type WasmMemory, webAssembly } from "../../../src/base/index.ts";
import { Crossing } from "../../../src/engine/abi/fluvio/crossing/crossing.ts";
import { KeptTail } from "../../../src/engine/abi/fluvio/crossing/kept-tail.ts";
import {
  InputTail,
  type InputVersion,
  inputBytes,
  writeInput,
} from "../../../src/engine/abi/fluvio/wire/input.ts";
import { encodeParameterMap, encodeParameters } from "../../../src/engine/abi/fluvio/wire/parameters.ts";
import { RecordEncoder } from "../../../src/engine/abi/fluvio/wire/record.ts";
import { ownExport } from "../../../src/engine/rewrite/index.ts";
import { Batch, FrameBuffer, frameOf, gatheringBytes, type RecordInput } from "../../../src/record/index.ts";
import { openFluvio, openFluvioGuest } from "../../support/fluvio.ts";
import { anyRecords, texts } from "../../support/records.ts";
import { compileWat } from "../../support/wat.ts";
import { run } from "../run.ts";
import { output } from "./reference-codec.ts";

const pageBytes = 65_536;
const now = 1_699_999_999_999;

/** A guest whose `alloc` gives what is at address 0, having grown its memory by as many pages as 4 says, and burns 5 of its fuel. */
const binary = await compileWat(`(module
  (memory (export "memory") 3)
  (global $fuel (export "${ownExport.fuel}") (mut i64) (i64.const 0))
  (func (export "alloc") (param i32) (result i32)
    (drop (memory.grow (i32.load (i32.const 4))))
    (global.set $fuel (i64.sub (global.get $fuel) (i64.const 5)))
    (i32.load (i32.const 0))))`);

class Guest {
  readonly exports: WasmInstance["exports"];
  readonly crossing: Crossing;

  constructor(at: number, grownPages = 0) {
    this.exports = new webAssembly.Instance(new webAssembly.Module(binary), {}).exports;
    this.bytes.fill(0xaa);
    const words = new Uint32Array(this.bytes.buffer);
    words[0] = at;
    words[1] = grownPages;
    this.crossing = new Crossing(this.exports);
  }

  get bytes(): Uint8Array {
    return new Uint8Array((this.exports.memory as WasmMemory).buffer);
  }

  get fuel(): bigint {
    return (this.exports[ownExport.fuel] as { value: bigint }).value;
  }
}

/** Gives a guest the record at `index`, and returns its address. */
function give(guest: Guest, batch: Batch, tail: InputTail, index: number): { at: number; size: number } {
  const encoder = new RecordEncoder();
  encoder.measure(batch, index, index + 1, now);
  const size = inputBytes(encoder, tail, undefined);
  const kept = new KeptTail(tail);
  kept.begin(batch.buffer);
  expect(guest.crossing.begin(batch.buffer, size)).toBe(true);
  const tailAt = kept.write(batch.buffer, encoder.baseTimestamp);
  return { at: guest.crossing.give(batch.buffer, encoder, tailAt, kept.length, size, 1000), size };
}

/** The same input, as it is written without a crossing. */
function written(batch: Batch, tail: InputTail, index: number): Uint8Array {
  const encoder = new RecordEncoder();
  encoder.measure(batch, index, index + 1, now);
  const bytes = new Uint8Array(inputBytes(encoder, tail, undefined));
  writeInput(batch, index, encoder, tail, undefined, bytes, 0);
  return bytes;
}

function tailOf(version: InputVersion, parameters: ReadonlyMap<string, string>): InputTail {
  return new InputTail(
    version,
    version >= 20
      ? encodeParameters(parameters, undefined, "guest")
      : encodeParameterMap(parameters, "guest"),
  );
}

describe("an input with one record", () => {
  test("of any kind is the same as it is without a crossing, and nothing around it is written", () => {
    const world = fc.record({
      shared: fc.boolean(),
      version: fc.constantFrom<InputVersion>(22, 19, 15),
      parameters: fc.dictionary(fc.string({ maxLength: 9 }), fc.string({ maxLength: 40 }), { maxKeys: 3 }),
      offset: fc.constantFrom(-1, 0, 300, 2 ** 40 + 7),
      at: fc.integer({ min: 16, max: 3 * pageBytes - 20_000 }),
    });
    fc.assert(
      fc.property(anyRecords, world, (records, { shared, version, parameters, offset, at }) => {
        const batch = new Batch(new FrameBuffer(1, { shared })).load(frameOf(records, { offset }));
        const tail = tailOf(version, new Map(Object.entries(parameters)));
        const guest = new Guest(at);
        for (let index = 0; index < batch.count; index++) {
          guest.bytes.fill(0xaa, 8);
          const { size } = give(guest, batch, tail, index);
          const bytes = written(batch, tail, index);
          expect(size).toBe(bytes.length);
          expect(Buffer.compare(guest.bytes.subarray(at, at + size), bytes)).toBe(0);
          expect([guest.bytes[at - 1], guest.bytes[at + size]]).toEqual([0xaa, 0xaa]);
        }
        if (batch.count > 0) expect(guest.fuel).toBe(995n);
      }),
      { numRuns: 60 },
    );
  });

  test("of every size around its blocks and its numbers, up to what goes this way", () => {
    const tail = tailOf(22, new Map());
    const sizes = [
      ...Array.from({ length: 150 }, (_, i) => i),
      8170,
      8183,
      8191,
      8192,
      16_383,
      16_385,
      65_300,
    ];
    const batch = Batch.of(frameOf(sizes.map((size) => new Uint8Array(size).fill(size % 251))));
    const guest = new Guest(1001, 0);
    for (const [index] of sizes.entries()) {
      guest.bytes.fill(0xaa, 8);
      const { at, size } = give(guest, batch, tail, index);
      expect(Buffer.compare(guest.bytes.subarray(at, at + size), written(batch, tail, index))).toBe(0);
      expect([guest.bytes[at - 1], guest.bytes[at + size]]).toEqual([0xaa, 0xaa]);
    }
    expect(guest.crossing.begin(batch.buffer, gatheringBytes - 127)).toBe(false);
    expect(guest.crossing.begin(batch.buffer, gatheringBytes - 128)).toBe(true);
  });

  test("has its own time behind it, also where the next one has another", () => {
    const tail = tailOf(22, new Map([["a", "b"]]));
    const kept = new KeptTail(tail);
    for (const buffer of [new FrameBuffer(1), new FrameBuffer(1)]) {
      buffer.used = 13;
      kept.begin(buffer);
      for (const time of [7, 7, 9, -1]) {
        const expected = new Uint8Array(tail.length);
        tail.write(expected, 0, time);
        const at = kept.write(buffer, time);
        expect(buffer.bytes.slice(at, at + kept.length)).toEqual(expected);
        expect(buffer.used).toBe(at + kept.length);
      }
    }
  });

  test("ends where the guest's memory ends, and goes into memory that has grown meanwhile", () => {
    const tail = tailOf(22, new Map());
    const batch = Batch.of(frameOf(["x".repeat(100)]));
    const bytes = written(batch, tail, 0);
    for (const [at, pages] of [
      [3 * pageBytes - bytes.length, 0],
      [3 * pageBytes + 5, 1],
      [4 * pageBytes - bytes.length, 1],
    ] as const) {
      const guest = new Guest(at, pages);
      expect(give(guest, batch, tail, 0)).toEqual({ at, size: bytes.length });
      expect(Buffer.compare(guest.bytes.subarray(at, at + bytes.length), bytes)).toBe(0);
    }
  });

  test.each([0, 3 * pageBytes - 5, 3 * pageBytes, 2 ** 31, 2 ** 32 - 1])(
    "is not written to %i, which is no memory that was allocated",
    (at) => {
      const guest = new Guest(at);
      const before = guest.bytes.slice();
      expect(give(guest, Batch.of(frameOf(["value"])), tailOf(22, new Map()), 0).at).toBe(at);
      expect(Buffer.compare(guest.bytes, before)).toBe(0);
    },
  );
});

describe("bytes of a guest's", () => {
  test("are moved as they are, wherever they lie, and only what is in use is theirs", () => {
    const guest = new Guest(16);
    for (let i = 0; i < guest.bytes.length; i++) guest.bytes[i] = i * 31 + (i >> 8);
    const memory = guest.bytes;
    fc.assert(
      fc.property(
        fc.nat(1024),
        fc.nat(2 * pageBytes),
        fc.nat(300),
        fc.boolean(),
        (length, at, used, shared) => {
          const buffer = new FrameBuffer(1, { shared });
          buffer.used = used;
          buffer.makeRoom(length);
          buffer.bytes.fill(0x55);
          buffer.used += length;
          expect(guest.crossing.take(buffer, memory, at, length, used)).toBe(true);
          expect(
            Buffer.compare(buffer.bytes.subarray(used, used + length), memory.subarray(at, at + length)),
          ).toBe(0);
          expect(buffer.bytes.subarray(0, used).every((byte) => byte === 0x55)).toBe(true);
        },
      ),
    );
  });

  test("go another way where they are many, or at the end of the memory", () => {
    const guest = new Guest(16);
    const buffer = new FrameBuffer(1);
    const { bytes } = guest;
    expect(guest.crossing.take(buffer, bytes, 16, 1025, 0)).toBe(false);
    expect(guest.crossing.take(buffer, bytes, bytes.length - 10 - 63, 10, 0)).toBe(false);
    expect(guest.crossing.take(buffer, bytes, bytes.length - 10 - 64, 10, 0)).toBe(true);
  });
});

describe("an array-map", () => {
  test("gets large and small records alike, and makes as much of them", async () => {
    const transform = await openFluvio("array-map");
    const sizes = [1, 90, 1100, 17_000, 60_000, 65_490, 70_000, 3];
    const values = sizes.map((size) => "v".repeat(size));
    const records: RecordInput[] = values.map((value, i) => ({
      value: JSON.stringify([value, value.length]),
      key: `${i}`,
      timestamp: 1_700_000_000_000 + i,
    }));
    const batch = run(transform, records);
    expect(batch.failures).toEqual([]);
    expect(texts(batch)).toEqual(values.flatMap((value) => [JSON.stringify(value), `${value.length}`]));
  });

  test.each([
    ["alloc", "it panicked", { alloc: "(unreachable)" }],
    ["alloc", "no memory", { alloc: "(i32.const 0)" }],
  ])("whose %s fails says so of the record: %s", async (_exported, _what, parts) => {
    const transform = await openFluvioGuest({ ...parts, transform: "array_map", data: output([]) });
    const batch = run(transform, ["a", "b"]);
    expect(batch.failures.map(({ code, origin }) => [code, origin])).toEqual([
      ["module.trap", 0],
      ["module.trap", 1],
    ]);
  });
});
