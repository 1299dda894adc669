import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { Batch, type Frame, frameOf, headerBytes, openFrame, word } from "../../src/record/index.ts";
import { anyRecords, plainRecords } from "../support/records.ts";

/** The frame in the middle of other bytes, so that a view that leaves it would see them. */
function embedded(frame: Uint8Array): Uint8Array {
  const around = new Uint8Array(frame.length + 128).fill(0xee);
  around.set(frame, 64);
  return around.subarray(64, 64 + frame.length);
}

function withWord(frame: Uint8Array, at: number, value: number): Uint8Array {
  const changed = embedded(frame);
  new DataView(changed.buffer, changed.byteOffset).setUint32(at * 4, value, true);
  return changed;
}

function expectInside(frame: Frame, bytes: Uint8Array): void {
  const end = bytes.byteOffset + bytes.length;
  const { values, keys, timestamps, offsets, headers } = frame;
  for (const view of [frame.bytes, values, keys, timestamps, offsets, headers]) {
    if (view === undefined) continue;
    expect(view.buffer).toBe(bytes.buffer);
    expect(view.byteOffset).toBeGreaterThanOrEqual(bytes.byteOffset);
    expect(view.byteOffset + view.byteLength).toBeLessThanOrEqual(end);
  }
  const batch = Batch.of(frame);
  for (const record of batch) {
    for (const part of [record.value, record.key]) {
      if (part === undefined) continue;
      expect(part.byteOffset + part.length).toBeLessThanOrEqual(frame.bytes.length);
    }
    // Reads the block as deep as it goes.
    expect(record.headers.length).toBeGreaterThanOrEqual(0);
  }
}

/** A frame that was refused, or one whose views stay inside. */
function expectSafe(bytes: Uint8Array): void {
  let frame: Frame;
  try {
    frame = openFrame(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
    expect(error).toHaveProperty("code", "frame.invalid");
    return;
  }
  expectInside(frame, bytes);
}

const headers = [{ name: "h", value: Uint8Array.of(1, 2) }];
const sample = frameOf(
  [
    { value: "one", key: "k", timestamp: 1, headers },
    { value: "two", timestamp: 2, headers },
    { value: "three", key: "" },
  ],
  { offset: 0 },
).bytes;

function refusal(bytes: Uint8Array): string {
  try {
    openFrame(bytes);
  } catch (error) {
    if (MillraceError.is(error) && error.code === "frame.invalid") return error.message;
    throw error;
  }
  return "opened";
}

describe("openFrame", () => {
  test("opens a frame inside of larger memory, and one with more memory behind it", () => {
    const expected = plainRecords(Batch.of(openFrame(sample)));
    const inside = embedded(sample);
    expectInside(openFrame(inside), inside);
    const longer = new Uint8Array(sample.length + 24);
    longer.set(sample);
    const frame = openFrame(longer);
    expect(frame.bytes.length).toBe(sample.length);
    expect(plainRecords(Batch.of(frame))).toEqual(expected);
  });

  test("names the rule that a frame breaks", () => {
    const unaligned = new Uint8Array(sample.length + 4).subarray(4);
    unaligned.set(sample);
    expect(refusal(unaligned)).toContain("multiple of 8");
    expect(refusal(sample.slice(0, headerBytes - 1))).toContain("its header alone takes 64");
    expect(refusal(withWord(sample, word.magic, 0))).toContain('"MRF1"');
    expect(refusal(withWord(sample, word.frameBytes, sample.length + 8))).toContain("are there");
    expect(refusal(withWord(sample, word.frameBytes, sample.length - 1))).toContain("are there");
    expect(refusal(withWord(sample, word.frameBytes, 56))).toContain("are there");
    expect(refusal(withWord(sample, word.bytesAt, 56))).toContain("its bytes outside");
    expect(refusal(withWord(sample, word.bytesLength, sample.length))).toContain("its bytes outside");
    expect(refusal(withWord(sample, word.valuesAt, 0))).toContain("valuesAt 0");
    for (const name of ["valuesAt", "keysAt", "timestampsAt", "offsetsAt", "headersAt"] as const) {
      for (const at of [8, 65, sample.length - 16, sample.length, 2 ** 31, 2 ** 32 - 8]) {
        expect(refusal(withWord(sample, word[name], at))).toContain(name);
      }
    }
  });

  test("refuses spans that leave the frame's bytes, overlap, or go backwards", () => {
    const { values, keys, headers: blocks } = openFrame(sample);
    const first = (column: Uint32Array | undefined): number =>
      ((column as Uint32Array).byteOffset - sample.byteOffset) / 4;
    expect(refusal(withWord(sample, first(values), headerBytes - 1))).toContain("the value of record 0");
    expect(refusal(withWord(sample, first(values) + 1, sample.length))).toContain("the value of record 0");
    expect(refusal(withWord(sample, first(values) + 1, 2 ** 32 - 1))).toContain("the value of record 0");
    expect(refusal(withWord(sample, first(values) + 2, headerBytes))).toContain("the value of record 1");
    expect(refusal(withWord(sample, first(keys) + 4, headerBytes))).toContain("the key of record 2");
    expect(refusal(withWord(sample, first(blocks), 2 ** 32 - 1))).toContain("the header block of record 0");
  });

  test("refuses a header block that is not as long as it says", () => {
    const { headers: spans } = openFrame(sample);
    const at = spans?.[0] as number;
    const changed = (position: number, value: number): Uint8Array => {
      const bytes = embedded(sample);
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + position, value, true);
      return bytes;
    };
    for (const count of [0, 2, 2 ** 32 - 1])
      expect(refusal(changed(0, count))).toContain("broken header block");
    for (const length of [0, 2, 2 ** 32 - 1])
      expect(refusal(changed(4, length))).toContain("broken header block");
    for (const length of [0, 3, 2 ** 32 - 1])
      expect(refusal(changed(8, length))).toContain("broken header block");
  });

  test("refuses absurd counts without looking at what they stand for", () => {
    for (const count of [2 ** 32 - 1, 2 ** 31, 2 ** 29, 0x1fffffff, 0x20000001]) {
      expect(refusal(withWord(sample, word.recordCount, count))).toContain("valuesAt");
    }
  });

  test("frameBytesMax: refuses a frame that claims more before it looks for the bytes", () => {
    const { default: most } = limits.frameBytesMax;
    expect(refusal(withWord(sample, word.frameBytes, most))).toContain("are there");
    expect(refusal(withWord(sample, word.frameBytes, most + 8))).toContain("more than the limit");
  });

  test("does not check shared bytes again for each record that points to them", () => {
    // Half a million records that all point to one block of half a million headers would take hours.
    const records = 500_000;
    const blockBytes = 4 + records * 8;
    const bytes = new Uint8Array(Math.ceil((headerBytes + blockBytes) / 8) * 8 + records * 16);
    const words = new Uint32Array(bytes.buffer);
    words.set(new Uint32Array(sample.buffer, sample.byteOffset, 1));
    const valuesAt = bytes.length - records * 16;
    words[word.frameBytes] = bytes.length;
    words[word.recordCount] = records;
    words[word.valuesAt] = valuesAt;
    words[word.headersAt] = valuesAt + records * 8;
    words[word.bytesAt] = headerBytes;
    words[word.bytesLength] = blockBytes;
    words[headerBytes / 4] = records;
    for (let i = 0; i < records; i++) {
      words[valuesAt / 4 + i * 2] = headerBytes;
      words[(valuesAt + records * 8) / 4 + i * 2] = headerBytes;
      words[(valuesAt + records * 8) / 4 + i * 2 + 1] = blockBytes;
    }
    expect(refusal(bytes)).toContain("the header block of record 1");
  });

  test("refuses a damaged frame, or gives views that stay inside of it", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(anyRecords, flips, (records, changes) => {
        const bytes = embedded(frameOf(records).bytes);
        for (const [at, change] of changes) {
          // Half of them hit the header, where they do most.
          const target = at % 2 === 0 ? (at >> 1) % headerBytes : (at >> 1) % bytes.length;
          bytes[target] = (bytes[target] as number) ^ change;
        }
        expectSafe(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("refuses a header of hostile numbers, or gives views that stay inside of the frame", () => {
    const numbers = fc.oneof(
      fc.constantFrom(0, 1, 7, 8, 63, 64, 72, 2 ** 29, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 8, 2 ** 32 - 1),
      fc.nat({ max: 400 }),
    );
    const changes = fc.array(fc.tuple(fc.integer({ min: 1, max: 15 }), numbers), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(anyRecords, changes, (records, hostile) => {
        const bytes = embedded(frameOf(records).bytes);
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        for (const [at, value] of hostile) view.setUint32(at * 4, value, true);
        expectSafe(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("refuses a frame that was cut short at any byte", () => {
    for (let length = 0; length < sample.length; length++) {
      expect(refusal(embedded(sample.slice(0, length)))).not.toBe("opened");
    }
  });
});
