import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readInitHint } from "../../../src/engine/abi/fluvio/wire/init-output.ts";
import { readLookBackRefusal } from "../../../src/engine/abi/fluvio/wire/look-back-output.ts";
import { readAccumulator, readError, readRecordCount } from "../../../src/engine/abi/fluvio/wire/output.ts";
import { OutputColumns } from "../../../src/engine/abi/fluvio/wire/output-columns.ts";
import { WireReader } from "../../../src/engine/abi/fluvio/wire/reader.ts";
import { varintBytes } from "../../../src/engine/abi/fluvio/wire/varint.ts";
import { MillraceError } from "../../../src/errors.ts";
import { absent, FrameBuffer } from "../../../src/record/index.ts";
import { anyBytes } from "../../support/records.ts";
import { expectFailure } from "../run.ts";
import {
  aggregateOutput,
  data,
  hex,
  i64,
  option,
  output,
  text,
  varint,
  type WireError,
  type WireRecord,
} from "./reference-codec.ts";

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const anyRecord: fc.Arbitrary<WireRecord> = fc.record({
  value: anyBytes,
  key: fc.option(anyBytes, { nil: undefined }),
  // The usual ones are short, and read in a way of their own.
  timestampDelta: fc.oneof(int32, fc.integer({ min: -9000, max: 9000 })),
  offsetDelta: fc.oneof(int32, fc.integer({ min: -70, max: 9000 })),
});
const anyError: fc.Arbitrary<WireError> = fc.record({
  hint: fc.string({ unit: "grapheme", maxLength: 60 }),
  offset: fc.maxSafeInteger(),
  kind: fc.nat(6),
  key: fc.option(anyBytes, { nil: undefined }),
  value: anyBytes,
});

/** A reader of bytes that stand somewhere in a memory. */
function readerOf(part: readonly number[], at = 5): { reader: WireReader; memory: Uint8Array } {
  const memory = Uint8Array.from([...new Array<number>(at).fill(0xee), ...part, 0xee, 0xee]);
  return { reader: new WireReader("guest").begin(memory, at, part.length), memory };
}

function readOutput(part: readonly number[]) {
  const { reader, memory } = readerOf(part);
  const columns = new OutputColumns();
  const span = (at = 0, length = 0): Uint8Array => memory.slice(at, at + length);
  const count = readRecordCount(reader);
  // In two goes, as an array-map's outputs are put together.
  columns.read(reader, count >> 1);
  columns.read(reader, count - (count >> 1));
  const { values, keys, deltas } = columns;
  const records = Array.from({ length: count }, (_, e) => ({
    value: span(values[e * 2], values[e * 2 + 1]),
    key: keys[e * 2 + 1] === absent ? undefined : span(keys[e * 2], keys[e * 2 + 1]),
    offsetDelta: deltas[e],
  }));
  expect(columns.hasKeys).toBe(records.some(({ key }) => key !== undefined));
  const found = readError(reader);
  const error = found && {
    hint: new TextDecoder("utf-8", { ignoreBOM: true }).decode(span(found.hintAt, found.hintLength)),
    offset: found.offset,
  };
  const place = readAccumulator(reader);
  expect(reader.left).toBe(0);
  return { records, error, accumulator: place && span(place.at, place.length) };
}

describe("a varint", () => {
  test("is what Fluvio writes", () => {
    const samples = {
      0: "00",
      "-1": "01",
      1: "02",
      63: "7e",
      64: "8001",
      "-64": "7f",
      "-65": "8101",
      300: "d804",
    };
    for (const [value, bytes] of [
      ...Object.entries(samples),
      ["2147483647", "feffffff0f"],
      ["-2147483648", "ffffffff0f"],
    ]) {
      expect(readerOf([...hex(bytes as string)]).reader.varint()).toBe(Number(value));
      expect(varintBytes(Number(value))).toBe((bytes as string).length / 2);
    }
  });

  test("of any number of 32 bits is read back, and has the size that is counted on", () => {
    fc.assert(
      fc.property(int32, (value) => {
        expect(readerOf(varint(value)).reader.varint()).toBe(value);
        expect(varintBytes(value)).toBe(varint(value).length);
      }),
    );
  });

  test("of more than 32 bits is none, however it goes on", () => {
    for (const bytes of ["ffffffff10", "808080808000", "ffffffffffffffffff01"]) {
      expectFailure(() => readerOf([...hex(bytes)]).reader.varint(), "module.answer", "more than 32 bits");
    }
    for (const value of [2 ** 31, -(2 ** 31) - 1, 2 ** 53]) {
      expectFailure(() => readerOf(varint(value)).reader.varint(), "module.answer", "more than 32 bits");
    }
  });
});

describe("an output, byte by byte", () => {
  test("of a filter that keeps a record, and of one that keeps none", () => {
    const { records } = readOutput([...hex("00000001 16000000000a6170706c6500 00")]);
    expect(records).toEqual([{ value: hex("6170706c65"), key: undefined, offsetDelta: 0 }]);
    expect(readOutput([...hex("00000000 00")])).toEqual({
      records: [],
      error: undefined,
      accumulator: undefined,
    });
  });

  test("of a filter that fails a record", () => {
    const hint = "invalid utf-8 sequence of 1 bytes from index 0";
    const bytes = hex("00000001 14 000000 00 08 61206f6b 00 01 002e");
    const read = readOutput([
      ...bytes,
      ...new TextEncoder().encode(hint),
      ...hex("0000000000000008 00 00 04 fffe"),
    ]);
    expect(read.records.map(({ value }) => new TextDecoder().decode(value))).toEqual(["a ok"]);
    expect(read.error).toEqual({ hint, offset: 8 });
  });

  test("of an array-map that fails a record with a key", () => {
    const hint = "expected ident at line 1 column 2";
    const bytes = hex("00000001 12 000000 00 06 227822 00 01 0021");
    const rest = hex("0000000000000065 02 01 04 6b6b 08 6e6f7065");
    expect(readOutput([...bytes, ...new TextEncoder().encode(hint), ...rest]).error).toEqual({
      hint,
      offset: 101,
    });
  });

  test("of an aggregate", () => {
    const bytes = hex(
      "00000002 10 00 00 00 00 04 4162 00 16 00 00 02 01 02 6b 06 416263 00 00 00000003 416263",
    );
    expect(readOutput([...bytes])).toEqual({
      records: [
        { value: hex("4162"), key: undefined, offsetDelta: 0 },
        { value: hex("416263"), key: hex("6b"), offsetDelta: 1 },
      ],
      error: undefined,
      accumulator: hex("416263"),
    });
  });

  test("of a look-back that refuses a record, and of an init that refuses parameters", () => {
    const refusal = readerOf([...hex("0003 626164 0000000000000007 00 02 78")]);
    expect(readLookBackRefusal(refusal.reader, refusal.memory)).toEqual({ hint: "bad", offset: 7 });
    const init = readerOf([...hex("0011"), ...new TextEncoder().encode("Missing param key")]);
    expect(readInitHint(init.reader, init.memory)).toBe("Missing param key");
  });
});

describe("an output of any kind", () => {
  test("is read back", () => {
    fc.assert(
      fc.property(
        fc.array(anyRecord, { maxLength: 10 }),
        fc.option(anyError, { nil: undefined }),
        fc.option(anyBytes, { nil: undefined }),
        (records, error, accumulator) => {
          const part =
            accumulator === undefined ? output(records, error) : aggregateOutput(records, accumulator, error);
          expect(readOutput(part)).toEqual({
            records: records.map(({ value, key, offsetDelta }) => ({ value, key, offsetDelta })),
            error: error && { hint: error.hint, offset: error.offset },
            accumulator,
          });
        },
      ),
    );
  });

  test("that ends early is told so, wherever it ends", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 4 }), anyError, (records, error) => {
        const part = output(records, error);
        for (let length = 0; length < part.length; length++) {
          expectFailure(
            () => readOutput(part.slice(0, length)),
            "module.answer",
            "guest breaks Fluvio's ABI",
          );
        }
      }),
      { numRuns: 20 },
    );
  });

  test("never makes the reader look outside of it, whatever its bytes are", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), mutated()), (bytes) => {
        try {
          const { records, accumulator } = readOutput([...bytes]);
          const total = records.reduce((sum, { value, key }) => sum + value.length + (key?.length ?? 0), 0);
          expect(total + (accumulator?.length ?? 0)).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toMatchObject({ code: "module.answer" });
        }
      }),
    );
  });

  test("is read in the kernel as it is without it, also when it is broken, and nothing behind it counts", () => {
    const many = fc
      .tuple(fc.array(anyRecord, { minLength: 1, maxLength: 6 }), fc.nat(90))
      .map(([records, more]) =>
        Array.from({ length: 8 + more }, (_, i) => records[i % records.length] as WireRecord),
      );
    const change = fc.option(fc.tuple(fc.nat(), fc.nat(255)), { nil: undefined });
    fc.assert(
      fc.property(many, change, fc.boolean(), fc.nat(30), (records, changed, shared, cut) => {
        const bytes = Uint8Array.from(output(records));
        if (changed !== undefined) bytes[4 + (changed[0] % (bytes.length - 4))] = changed[1];
        const buffer = new FrameBuffer(1, { shared });
        const at = buffer.reserve(bytes.length);
        buffer.bytes.set(bytes, at);
        const read = (inKernel: boolean) => {
          const columns = new OutputColumns();
          const reader = new WireReader("guest").begin(buffer.bytes, at + 4, bytes.length - 4 - cut);
          try {
            columns.read(reader, records.length, inKernel ? buffer : undefined);
          } catch (error) {
            if (!MillraceError.is(error)) throw error;
            return error.message;
          }
          const { values, keys, deltas, hasKeys, count } = columns;
          const spans = [values.slice(0, count * 2), keys.slice(0, count * 2), deltas.slice(0, count)];
          return { spans, hasKeys, count, at: reader.at };
        };
        expect(read(true)).toEqual(read(false));
      }),
      { numRuns: 150 },
    );
  });

  test("is not read by the kernel where a record is none", () => {
    const usual = (mark: number): number[] => [...hex("12 00 00 00"), mark, ...hex("02 6b 02 76 00")];
    const buffer = new FrameBuffer(1);
    const read = (records: readonly (readonly number[])[]) => {
      const bytes = records.flat();
      const at = buffer.reserve(bytes.length);
      buffer.bytes.set(bytes, at);
      const columns = new OutputColumns();
      columns.read(new WireReader("guest").begin(buffer.bytes, at, bytes.length), records.length, buffer);
      return [columns.count, columns.keys.subarray(0, 2), columns.values.subarray(0, 2)].join();
    };
    const nine = Array.from({ length: 9 }, () => usual(1));
    expect(read(nine)).toBe("9,6,1,8,1");
    expectFailure(() => read(nine.with(8, usual(2))), "module.answer", "begins with 2");
    expectFailure(() => read(nine.with(3, usual(0))), "module.answer", "not as long");
  });

  test("of init and look-back is read back", () => {
    fc.assert(
      fc.property(anyError, ({ hint, offset, key, value = new Uint8Array(0) }) => {
        const refusal = readerOf([
          ...text(hint),
          ...i64(offset),
          ...option(key && data(key)),
          ...data(value),
        ]);
        expect(readLookBackRefusal(refusal.reader, refusal.memory)).toEqual({ hint, offset });
        const init = readerOf(text(hint));
        expect(readInitHint(init.reader, init.memory)).toBe(hint);
      }),
    );
  });
});

/** Outputs with one byte that is another. */
function mutated(): fc.Arbitrary<Uint8Array> {
  return fc.tuple(fc.array(anyRecord, { maxLength: 3 }), fc.nat(), fc.nat(255)).map(([records, at, byte]) => {
    const bytes = Uint8Array.from(output(records));
    bytes[at % bytes.length] = byte;
    return bytes;
  });
}
