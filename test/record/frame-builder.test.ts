import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { Batch, FrameBuffer, FrameBuilder, frameOf, headerBytes, openFrame } from "../../src/record/index.ts";
import { anyRecords, anyTimestamp, plainRecords, texts } from "../support/records.ts";

const recordBytesMax = limits.recordBytesMax.default;
const frameBytesMax = limits.frameBytesMax.default;

describe("FrameBuilder", () => {
  test("keeps what it was given, through openFrame", () => {
    fc.assert(
      fc.property(anyRecords, fc.option(anyTimestamp, { nil: undefined }), (records, base) => {
        const frame = frameOf(records, base === undefined ? {} : { timestamp: base });
        const expected = records.map((record) => ({ ...record, timestamp: record.timestamp ?? base }));
        expect(plainRecords(Batch.of(frame))).toEqual(expected);
        const opened = openFrame(frame.bytes);
        expect(opened.bytes).toEqual(frame.bytes);
        expect(plainRecords(Batch.of(opened))).toEqual(expected);
      }),
    );
  });

  test("tells no key from an empty key, whichever comes first", () => {
    for (const keys of [
      [undefined, "", "k"],
      ["", undefined, "k"],
      ["k", undefined, ""],
    ]) {
      const batch = Batch.of(openFrame(frameOf(keys.map((key) => ({ value: "v", key }))).bytes));
      expect(Array.from(batch, ({ key }) => key && new TextDecoder().decode(key))).toEqual(keys);
    }
  });

  test("keeps the order of headers, and headers of one name", () => {
    const headers = ["b", "a", "b"].map((name, at) => ({ name, value: Uint8Array.of(at) }));
    const [record] = Batch.of(frameOf([{ value: "", headers }]));
    expect(record?.headers).toEqual(headers);
  });

  test("leaves out columns that no record needs", () => {
    const plain = frameOf([{ value: "v", headers: [] }]);
    expect([plain.keys, plain.timestamps, plain.offsets, plain.headers]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("grows its columns beyond their first size, each of them", () => {
    const records = Array.from({ length: 1000 }, (_, at) => ({
      value: `value ${at}`,
      key: at === 300 ? `key ${at}` : undefined,
      timestamp: at === 400 ? at : undefined,
      headers: at === 500 ? [{ name: "h", value: Uint8Array.of(1) }] : [],
    }));
    const batch = Batch.of(openFrame(frameOf(records, { timestamp: 7 }).bytes));
    expect(texts(batch)).toEqual(records.map(({ value }) => value));
    expect(Array.from(batch).flatMap(({ key }, at) => (key === undefined ? [] : [at]))).toEqual([300]);
    expect(Array.from(batch).flatMap(({ timestamp }, at) => (timestamp === 7 ? [] : [at]))).toEqual([400]);
    expect(Array.from(batch).flatMap(({ headers }, at) => (headers.length === 0 ? [] : [at]))).toEqual([500]);
  });

  test("numbers records from the base offset", () => {
    const batch = Batch.of(frameOf(["a", "b"], { offset: 2 ** 40 }));
    expect(Array.from(batch, ({ offset }) => offset)).toEqual([2 ** 40, 2 ** 40 + 1]);
    expect(Array.from(Batch.of(frameOf(["a"])), ({ offset }) => offset)).toEqual([undefined]);
  });

  test("makes a frame of no records, also in a buffer that has no room yet", () => {
    const frame = new FrameBuilder(new FrameBuffer(0)).finish();
    expect([frame.recordCount, frame.bytes.length]).toEqual([0, headerBytes]);
    expect(openFrame(frame.bytes).recordCount).toBe(0);
  });

  test("leaves nothing in a frame of what its buffer held before", () => {
    const buffer = new FrameBuffer(256);
    buffer.bytes.fill(0xee);
    const builder = new FrameBuilder(buffer);
    builder.add({ value: "abc", key: "d" });
    const clean = new FrameBuilder();
    clean.add({ value: "abc", key: "d" });
    expect(builder.finish().bytes).toEqual(clean.finish().bytes);
  });
});

describe("limits of a frame that is built", () => {
  const large = new Uint8Array(recordBytesMax + 1);
  const largest = large.subarray(1);

  test("recordBytesMax: a value, a key and a header block may have that many bytes, and no more", () => {
    const [name, overhead] = ["n", 4 + 8 + 1];
    const exact = [
      { value: largest },
      { value: "", key: largest },
      { value: "", headers: [{ name, value: largest.subarray(overhead) }] },
    ];
    for (const record of exact) expect(frameOf([record]).recordCount).toBe(1);
    const more = [
      { value: large },
      { value: "", key: large },
      { value: "", headers: [{ name, value: large.subarray(overhead) }] },
    ];
    for (const record of more) {
      expect(() => frameOf([record])).toThrow(expect.objectContaining({ code: "record.too-large" }));
    }
  });

  test("a record that is refused leaves nothing behind", () => {
    const builder = new FrameBuilder();
    builder.add({ value: "a" });
    expect(() => builder.add({ value: "secret", key: large })).toThrow("a record has a part of");
    expect(() => builder.add({ value: "secret", key: "k", headers: [{ name: "h", value: large }] })).toThrow(
      "a record has a part of",
    );
    builder.add({ value: "b" });
    expect(builder.finish().bytes).toEqual(frameOf(["a", "b"]).bytes);
  });

  test("frameBytesMax: bytes and columns together may have that many bytes, and no more", () => {
    const columns = 4 * 8;
    const rest = frameBytesMax - headerBytes - columns - 3 * recordBytesMax;
    const build = (bytes: number): FrameBuilder => {
      const builder = new FrameBuilder(new FrameBuffer(frameBytesMax + 64));
      for (let i = 0; i < 3; i++) builder.add({ value: largest });
      builder.add({ value: largest.subarray(0, bytes) });
      return builder;
    };
    const frame = build(rest).finish();
    expect(frame.bytes.length).toBe(frameBytesMax);
    expect(openFrame(frame.bytes).recordCount).toBe(4);
    expect(() => build(rest + 1).finish()).toThrow(expect.objectContaining({ code: "frame.too-large" }));
  });
});

test("names of headers are written right, more of them than are kept too", () => {
  const names = Array.from({ length: limits.headerNamesKeptMax.default + 5 }, (_, i) => `näme ${i}`);
  for (let round = 0; round < 2; round++) {
    const records = names.map((name) => ({ value: "", headers: [{ name, value: new Uint8Array(0) }] }));
    expect(Array.from(Batch.of(frameOf(records)), ({ headers }) => headers[0]?.name)).toEqual(names);
  }
});
