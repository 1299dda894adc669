import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import {
  Batch,
  bytesOfRecords,
  encodeBatch,
  encodedBytesMax,
  type Frame,
  FrameBuffer,
  frameOf,
  frameOfLines,
  headerBytes,
  linesAt,
  openFrame,
  type RecordInput,
  word,
} from "../../src/record/index.ts";
import { anyRecords, anyTimestamp, plainRecords, texts } from "../support/records.ts";
import { keepOnly } from "./keep-only.ts";

/** What no byte of a record that stays in play is; targets hold it before anything is written. */
const mark = 0xee;

/** Encodes into memory that has other content, away from its start. */
function encode(batch: Batch, offsets = true): Uint8Array {
  const at = 24;
  const room = encodedBytesMax(batch, { offsets });
  const bytes = new Uint8Array(at + Math.ceil(room / 8) * 8).fill(mark);
  const length = encodeBatch(batch, { bytes, words: new Uint32Array(bytes.buffer), at }, { offsets });
  expect(length).toBeLessThanOrEqual(room);
  expect(bytes.subarray(0, at).every((byte) => byte === mark)).toBe(true);
  expect(bytes.subarray(at + length).every((byte) => byte === mark)).toBe(true);
  return bytes.slice(at, at + length);
}

/** All of a frame but its header and its columns: the bytes of records, and what stands between them. */
function contentOf(frame: Frame): Uint8Array {
  const content = new Uint8Array(frame.bytes);
  const { values, keys, timestamps, offsets, headers, bytes } = frame;
  for (const part of [bytes.subarray(0, headerBytes), values, keys, timestamps, offsets, headers]) {
    if (part === undefined) continue;
    const from = part.byteOffset - bytes.byteOffset;
    content.fill(0, from, from + part.byteLength);
  }
  return content;
}

function lines(text: string): Frame {
  const buffer = new FrameBuffer(linesAt + text.length);
  buffer.bytes.set(new TextEncoder().encode(text), linesAt);
  return frameOfLines(buffer, linesAt + text.length).frame;
}

/** For each record, whether it stays in play. */
const anySelection = fc.infiniteStream(fc.boolean());

function selected<Item>(items: readonly Item[], selection: Iterator<boolean>): number[] {
  return items.flatMap((_, at) => (selection.next().value === true ? [at] : []));
}

describe("encodeBatch", () => {
  test("leaves the bytes of records behind that are done with, and not their places", () => {
    const batch = Batch.of(
      frameOf(["dropped", "done with", "a", "b"].map((value) => ({ value, key: `key of ${value}` }))),
    );
    keepOnly(batch, [1, 2, 3]);
    const options = { offsets: true, from: 1 };
    const bytes = new Uint8Array(encodedBytesMax(batch, options));
    expect(bytes.length).toBeLessThan(encodedBytesMax(batch, { offsets: true }));
    const length = encodeBatch(batch, { bytes, words: new Uint32Array(bytes.buffer), at: 0 }, options);
    const sent = Batch.of(openFrame(bytes.subarray(0, length)));
    expect(Array.from(sent, (record) => record.text)).toEqual(["", "a", "b"]);
    expect(plainRecords(sent).slice(1)).toEqual(plainRecords(batch).slice(1));
    expect(new TextDecoder().decode(bytes)).not.toContain("done with");
    expect(bytesOfRecords(batch, 1, 3)).toBe("abkey of akey of b".length);
  });

  test("moves a part of a batch, of an untouched one too, into a frame that ends with it", () => {
    fc.assert(
      fc.property(anyRecords, fc.boolean(), fc.nat(), fc.nat(), (records, isTouched, one, other) => {
        const batch = Batch.of(frameOf(records, { timestamp: 5, offset: 100 }));
        if (isTouched) keepOnly(batch, [...records.keys()].slice(1));
        const [from, end] = [one, other].map((at) => at % (batch.count + 1)).sort((a, b) => a - b) as [
          number,
          number,
        ];
        fc.pre(batch.count > 0);
        const options = { offsets: true, from, end };
        const bytes = new Uint8Array(encodedBytesMax(batch, options));
        const length = encodeBatch(batch, { bytes, words: new Uint32Array(bytes.buffer), at: 0 }, options);
        const sent = Batch.of(openFrame(bytes.subarray(0, length)));
        expect(sent.count).toBe(end);
        expect(plainRecords(sent).slice(from)).toEqual(plainRecords(batch).slice(from, end));
        const offsets = Array.from(batch, ({ offset }) => offset);
        expect(Array.from(sent, ({ offset }) => offset).slice(from)).toEqual(offsets.slice(from, end));
      }),
    );
  });

  test("moves an untouched batch as it is", () => {
    fc.assert(
      fc.property(anyRecords, (records) => {
        const frame = frameOf(records);
        expect(encode(Batch.of(frame))).toEqual(frame.bytes);
      }),
    );
  });

  test("makes a frame of the records in play, equal to one that was built of just those", () => {
    fc.assert(
      fc.property(anyRecords, anySelection, anyTimestamp, (records, selection, timestamp) => {
        const kept = selected(records, selection);
        const batch = keepOnly(Batch.of(frameOf(records, { timestamp, offset: 100 })), kept);
        const frame = openFrame(encode(batch));
        const built = frameOf(
          kept.flatMap((at) => records[at] ?? []),
          { timestamp },
        );
        const again = Batch.of(frame);
        expect(plainRecords(again)).toEqual(plainRecords(Batch.of(built)));
        expect(Array.from(again, ({ offset }) => offset)).toEqual(kept.map((at) => 100 + at));
      }),
    );
  });

  test("takes records out of one that was encoded before, offsets and all", () => {
    fc.assert(
      fc.property(anyRecords, anySelection, (records, selection) => {
        const once = selected(records, selection);
        const twice = selected(once, selection);
        const first = keepOnly(Batch.of(frameOf(records, { offset: 7 })), once);
        const second = keepOnly(Batch.of(openFrame(encode(first))), twice);
        const last = Batch.of(openFrame(encode(second)));
        const expected = twice.map((at) => once[at] as number);
        expect(Array.from(last, ({ offset }) => offset)).toEqual(expected.map((at) => 7 + at));
        expect(plainRecords(last)).toEqual(expected.map((at) => records[at]));
      }),
    );
  });

  test("leaves offsets out on request, and where there are none", () => {
    const kept = (frame: Frame): Batch => keepOnly(Batch.of(frame), [1]);
    expect(openFrame(encode(kept(frameOf(["a", "b"], { offset: 1 })), false)).offsets).toBeUndefined();
    expect(openFrame(encode(kept(frameOf(["a", "b"])))).offsets).toBeUndefined();
  });

  test("takes along no byte of a dropped record, and none that the target held before", () => {
    const part = (byte: number): fc.Arbitrary<Uint8Array> =>
      fc.nat({ max: 12 }).map((length) => new Uint8Array(length).fill(byte));
    const recordOf = (byte: number): fc.Arbitrary<RecordInput> =>
      fc.record({
        value: part(byte),
        key: fc.option(part(byte), { nil: undefined }),
        headers: fc.array(fc.record({ name: fc.constant("n"), value: part(byte) }), { maxLength: 2 }),
      });
    // Records without keys and headers stand close together, which is where gaps are moved along.
    const bareOf = (byte: number): fc.Arbitrary<RecordInput> => fc.record({ value: part(byte) });
    for (const of of [recordOf, bareOf]) {
      const records = fc.array(
        fc.boolean().chain((isKept) => fc.tuple(fc.constant(isKept), of(isKept ? 0x61 : mark))),
        { maxLength: 20 },
      );
      fc.assert(
        fc.property(records, (pairs) => {
          const frame = frameOf(pairs.map(([, record]) => record));
          const kept = pairs.flatMap(([isKept], at) => (isKept ? [at] : []));
          if (kept.length === pairs.length) return;
          const batch = keepOnly(Batch.of(frame), kept);
          expect(contentOf(openFrame(encode(batch)))).not.toContain(mark);
        }),
      );
    }
  });

  test("takes along no byte of a dropped line", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat({ max: 10 })), { minLength: 1 }), (pairs) => {
        const text = pairs.map(([isKept, length]) => (isKept ? "k" : "#").repeat(length)).join("\n");
        const batch = Batch.of(lines(text));
        const kept = pairs.slice(0, batch.count).flatMap(([isKept], at) => (isKept ? [at] : []));
        keepOnly(batch, kept);
        expect(contentOf(openFrame(encode(batch)))).not.toContain("#".charCodeAt(0));
      }),
    );
  });

  test("takes along what stands between neighbours, so that they move together", () => {
    const batch = keepOnly(Batch.of(lines("aa\r\nbb\ncc\ndd")), [0, 1, 3]);
    const frame = openFrame(encode(batch));
    expect(texts(Batch.of(frame))).toEqual(["aa", "bb", "dd"]);
    const content = new TextDecoder().decode(contentOf(frame).subarray(headerBytes + 3 * 8));
    expect(content.replaceAll("\0", "")).toBe("aa\r\nbbdd");
  });

  test("takes along nothing that a step took out of a value", () => {
    for (const [from, length] of [
      [0, 1],
      [1, 1],
      [1, 2],
    ] as const) {
      const batch = keepOnly(Batch.of(lines("xyz\nxyz\nxyz")), [0, 1, 2]);
      const { values } = batch.columns;
      for (let i = 0; i < 3; i++) {
        values[i * 2] = (values[i * 2] as number) + from;
        values[i * 2 + 1] = length;
      }
      const content = new TextDecoder().decode(contentOf(openFrame(encode(batch))));
      expect(content.replaceAll("\0", "")).toBe("xyz".slice(from, from + length).repeat(3));
    }
  });

  test("takes along no key and no headers that a step took away", () => {
    const key = Uint8Array.of(mark, mark);
    const headers = [{ name: "", value: key }];
    for (const [gone, records] of [
      ["keys", [1, 2, 3].map(() => ({ value: "v", key }))],
      ["headers", [1, 2, 3].map(() => ({ value: "v", headers }))],
    ] as const) {
      const batch = keepOnly(Batch.of(frameOf(records)), [0, 1, 2]);
      const columns = batch.columns[gone] as Uint32Array;
      for (let i = 0; i < 3; i++) columns.set([0, gone === "keys" ? 0xffffffff : 0], i * 2);
      const frame = openFrame(encode(batch));
      expect(texts(Batch.of(frame))).toEqual(["v", "v", "v"]);
      expect(contentOf(frame)).not.toContain(mark);
    }
  });

  test("copies values that share bytes, one for each record", () => {
    const batch = keepOnly(Batch.of(frameOf(["abc", "def"])), [0, 1]);
    batch.columns.values.set([headerBytes, 6, headerBytes + 1, 4]);
    expect(texts(Batch.of(openFrame(encode(batch))))).toEqual(["abcdef", "bcde"]);
  });

  test("says that values hold no line feed only while that is known", () => {
    const kept = (batch: Batch): Frame => openFrame(encode(keepOnly(batch, [0])));
    expect(kept(Batch.of(lines("a\nb"))).singleLine).toBe(true);
    expect(kept(Batch.of(frameOf(["a", "b"]))).singleLine).toBe(false);
    const changed = Batch.of(lines("a\nb"));
    changed.buffer.reserve(1);
    expect(kept(changed).singleLine).toBe(false);
    const blurred = Batch.of(lines("a\nb"));
    blurred.forgetSingleLine();
    expect(kept(blurred).singleLine).toBe(false);
  });

  test("does not take over a checksum that was computed for other bytes", () => {
    const bytes = frameOf(["a", "b"]).bytes.slice();
    new Uint32Array(bytes.buffer)[word.checksum] = 1;
    expect(openFrame(encode(keepOnly(Batch.of(openFrame(bytes)), [0]))).checksum).toBe(0);
  });

  test("makes a frame of no records", () => {
    const bytes = encode(keepOnly(Batch.of(frameOf([{ value: "a", key: "b" }])), []));
    expect([openFrame(bytes).recordCount, bytes.length]).toEqual([0, headerBytes]);
  });

  test("frameBytesMax: refuses to write a frame that nobody could open", () => {
    const part = new Uint8Array(limits.recordBytesMax.default);
    const columnBytes = 5 * 8;
    const rest = limits.frameBytesMax.default - headerBytes - columnBytes - 4 * part.length;
    const batch = keepOnly(Batch.of(frameOf([part, part, part, "", "x"])), [0, 1, 2, 3, 4]);
    const { values } = batch.columns;
    const set = (length: number): void => values.set([headerBytes, length], 4 * 2);
    values.set([headerBytes, part.length], 3 * 2);
    // Four parts alone fill a frame, so the third is cut to leave just enough for the columns.
    values[2 * 2 + 1] = part.length + rest - 8;
    set(8);
    const bytes = new Uint8Array(limits.frameBytesMax.default + 64);
    const target = { bytes, words: new Uint32Array(bytes.buffer), at: 0 };
    expect(encodeBatch(batch, target, { offsets: false })).toBe(limits.frameBytesMax.default);
    set(9);
    expect(() => encodeBatch(batch, target, { offsets: false })).toThrow(
      expect.objectContaining({ code: "frame.too-large" }),
    );
  });
});
