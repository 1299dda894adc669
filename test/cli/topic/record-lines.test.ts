import fc from "fast-check";
import { expect, test } from "vitest";
import { type PrintedRecord, type RecordFormat, recordLines } from "../../../src/cli/topic/record-lines.ts";
import { Batch, frameOf, type RecordInput } from "../../../src/record/index.ts";

function printed(records: readonly RecordInput[], format: RecordFormat): Buffer {
  return Buffer.concat([...recordLines(Batch.of(frameOf(records, { offset: 7 })), format)]);
}

function jsonOf(record: RecordInput): PrintedRecord {
  return JSON.parse(printed([record], "json").toString());
}

test("values are printed as they are, one per line", () => {
  const bytes = Uint8Array.of(0, 255, 10, 128);
  expect(printed([{ value: "a" }, { value: bytes }, { value: "" }], "value")).toEqual(
    Buffer.concat([Buffer.from("a\n"), bytes, Buffer.from("\n\n")]),
  );
});

test("a key stands before its value, apart by a tab", () => {
  const records = [{ key: "k", value: "a" }, { value: "b" }, { key: "", value: "c" }];
  expect(printed(records, "key-value").toString()).toBe("k\ta\n\tb\n\tc\n");
});

test("a record as JSON has all there is to it", () => {
  const record = {
    value: '{"mag":4.5}',
    key: "us1",
    timestamp: 1_700_000_000_123,
    headers: [
      { name: "a", value: Buffer.from("1") },
      { name: "a", value: Uint8Array.of(0xff) },
    ],
  };
  expect(jsonOf(record)).toEqual({
    offset: 7,
    timestamp: 1_700_000_000_123,
    key: "us1",
    value: '{"mag":4.5}',
    headers: [
      { name: "a", value: "1" },
      { name: "a", value: "/w==", valueEncoding: "base64" },
    ],
  });
  expect(jsonOf({ value: "" })).toEqual({ offset: 7, timestamp: null, key: null, value: "", headers: [] });
  expect(jsonOf({ value: "", key: Uint8Array.of(0x80) })).toMatchObject({
    key: "gA==",
    keyEncoding: "base64",
  });
});

test("every value can be had back from its JSON", () => {
  const someBytes = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.string({ unit: "binary", maxLength: 20 }).map((text) => new Uint8Array(Buffer.from(text))),
    fc.constant(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)),
  );
  fc.assert(
    fc.property(someBytes, (value) => {
      const record = jsonOf({ value });
      expect(new Uint8Array(Buffer.from(record.value, record.valueEncoding ?? "utf8"))).toEqual(value);
    }),
  );
});

test("many records come in chunks, in order", () => {
  const records = Array.from({ length: 5000 }, (_, index) => ({
    value: `record ${index} ${"x".repeat(50)}`,
  }));
  const batch = Batch.of(frameOf(records));
  const chunks = [...recordLines(batch, "value")];
  expect(chunks.length).toBeGreaterThan(3);
  expect(Buffer.concat(chunks).toString()).toBe(records.map(({ value }) => `${value}\n`).join(""));
});
