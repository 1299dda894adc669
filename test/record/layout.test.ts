import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeBatch, encodedBytesMax } from "../../src/record/encode.ts";
import { Batch, frameOf, openFrame, readInt64, word, writeInt64 } from "../../src/record/index.ts";
import { anyTimestamp } from "../support/records.ts";
import { keepOnly } from "./keep-only.ts";

/** Bytes of a drawing: hex, and behind `|` what they mean. */
function drawn(drawing: string): Uint8Array {
  const hex = drawing.replaceAll(/\|.*$/gm, "").replaceAll(/\s/g, "");
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const valueOnly = drawn(`
  4d 52 46 31              | magic "MRF1"
  58 00 00 00              | frameBytes 88
  02 00 00 00              | recordCount 2
  00 00 00 00              | checksum: not computed
  48 00 00 00              | valuesAt 72
  00 00 00 00              | keysAt: none
  00 00 00 00              | timestampsAt: none
  00 00 00 00              | offsetsAt: none
  00 00 00 00              | headersAt: none
  40 00 00 00              | bytesAt 64
  03 00 00 00              | bytesLength 3
  00 00 00 00              | traits: none
  2a 00 00 00 00 00 00 00  | baseOffset 42
  ff ff ff ff ff ff ff ff  | baseTimestamp -1: none
  61 62 63                 | "ab" "c"
  00 00 00 00 00           | up to the next multiple of 8
  40 00 00 00 02 00 00 00  | value 0: at 64, 2 bytes
  42 00 00 00 01 00 00 00  | value 1: at 66, 1 byte
`);

const allColumns = drawn(`
  4d 52 46 31              | magic "MRF1"
  a8 00 00 00              | frameBytes 168
  02 00 00 00              | recordCount 2
  00 00 00 00              | checksum: not computed
  40 00 00 00              | valuesAt 64
  50 00 00 00              | keysAt 80
  60 00 00 00              | timestampsAt 96
  70 00 00 00              | offsetsAt 112
  80 00 00 00              | headersAt 128
  90 00 00 00              | bytesAt 144
  13 00 00 00              | bytesLength 19
  00 00 00 00              | traits: none
  ff ff ff ff ff ff ff ff  | baseOffset -1: none
  e8 03 00 00 00 00 00 00  | baseTimestamp 1000
  90 00 00 00 02 00 00 00  | value 0: at 144, 2 bytes
  92 00 00 00 00 00 00 00  | value 1: empty
  92 00 00 00 01 00 00 00  | key 0: at 146, 1 byte
  00 00 00 00 ff ff ff ff  | key 1: no key
  00 00 00 00 01 00 00 00  | timestamp 0: 2^32
  fe ff ff ff ff ff ff ff  | timestamp 1: -2
  05 00 00 00 00 00 00 00  | offset 0: 5
  07 00 00 00 00 00 00 00  | offset 1: 7
  93 00 00 00 10 00 00 00  | headers 0: at 147, 16 bytes
  a3 00 00 00 00 00 00 00  | headers 1: none
  61 0a                    | value "a\\n"
  6b                       | key "k"
  01 00 00 00              | one header
  02 00 00 00 02 00 00 00  | its name has 2 bytes, its value 2
  c3 a9                    | name "é"
  09 00                    | value 09 00
  00 00 00 00 00           | up to the next multiple of 8
`);

describe("the frame's layout", () => {
  test("a value-only frame has these bytes", () => {
    expect(frameOf(["ab", "c"], { offset: 42 }).bytes).toEqual(valueOnly);
  });

  test("a frame with every column has these bytes", () => {
    const headers = [{ name: "é", value: Uint8Array.of(9, 0) }];
    const frame = frameOf(
      [
        { value: "a\n", key: "k", timestamp: 2 ** 32, headers },
        { value: "dropped", key: "dropped", timestamp: 3 },
        { value: "", timestamp: -2 },
      ],
      { offset: 5, timestamp: 1000 },
    );
    const batch = keepOnly(Batch.of(frame), [0, 2]);
    const target = new Uint8Array(encodedBytesMax(batch, { offsets: true })).fill(0xee);
    const words = new Uint32Array(target.buffer);
    const length = encodeBatch(batch, { bytes: target, words, at: 0 }, { offsets: true });
    expect(target.subarray(0, length)).toEqual(allColumns);
  });

  test("both drawings can be opened", () => {
    expect(Array.from(Batch.of(openFrame(valueOnly)), (record) => [record.text, record.offset])).toEqual([
      ["ab", 42],
      ["c", 43],
    ]);
    const [first, second] = Batch.of(openFrame(allColumns));
    expect(first?.headers).toEqual([{ name: "é", value: Uint8Array.of(9, 0) }]);
    expect([first?.text, first?.timestamp, first?.offset]).toEqual(["a\n", 2 ** 32, 5]);
    expect([second?.text, second?.key, second?.timestamp, second?.offset]).toEqual(["", undefined, -2, 7]);
  });

  test("the checksum is the fourth word", () => {
    const bytes = valueOnly.slice();
    bytes.set([0x78, 0x56, 0x34, 0x12], word.checksum * 4);
    expect(openFrame(bytes).checksum).toBe(0x12345678);
  });
});

describe("64-bit numbers", () => {
  test("are two halves, the low one first", () => {
    const words = new Uint32Array(2);
    for (const [value, low, high] of [
      [0, 0, 0],
      [-1, 0xffffffff, 0xffffffff],
      [2 ** 32 - 1, 0xffffffff, 0],
      [2 ** 32, 0, 1],
      [-(2 ** 32), 0, 0xffffffff],
      [2 ** 53 - 1, 0xffffffff, 0x001fffff],
      [-(2 ** 53) + 1, 1, 0xffe00000],
    ] as const) {
      writeInt64(words, 0, value);
      expect([value, ...words]).toEqual([value, low, high]);
      expect(readInt64(words, 0)).toBe(value);
    }
  });

  test("come back as they were, up to 2^53, and agree with the platform's own", () => {
    const words = new Uint32Array(4);
    const view = new DataView(words.buffer);
    fc.assert(
      fc.property(anyTimestamp, (value) => {
        writeInt64(words, 2, value);
        expect(view.getBigInt64(8, true)).toBe(BigInt(value));
        expect(readInt64(words, 2)).toBe(value);
        expect([words[0], words[1]]).toEqual([0, 0]);
      }),
    );
  });

  test("lose a fraction downwards, also below 0", () => {
    const words = new Uint32Array(2);
    for (const [value, whole] of [
      [1.75, 1],
      [-0.5, -1],
      [-1.5, -2],
      [2 ** 32 - 0.5, 2 ** 32 - 1],
    ] as const) {
      writeInt64(words, 0, value);
      expect(readInt64(words, 0)).toBe(whole);
    }
  });

  test("the largest number stays the largest, although it reads as one more", () => {
    const words = Uint32Array.of(0xffffffff, 0x7fffffff);
    const value = readInt64(words, 0);
    expect(value).toBe(2 ** 63);
    writeInt64(words, 0, value);
    expect(words).toEqual(Uint32Array.of(0xffffffff, 0x7fffffff));
    writeInt64(words, 0, 2 ** 63 - 1024);
    expect(readInt64(words, 0)).toBe(2 ** 63 - 1024);
    writeInt64(words, 0, -(2 ** 63));
    expect(readInt64(words, 0)).toBe(-(2 ** 63));
  });
});
