import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import {
  Batch,
  type EncodedLines,
  encodeLines,
  type Frame,
  FrameBuffer,
  frameOf,
  frameOfLines,
  headerBytes,
  type LinesOptions,
  linesAt,
  openFrame,
} from "../../src/record/index.ts";
import { anyBytes, texts } from "../support/records.ts";
import { keepOnly } from "./keep-only.ts";

const lineFeed = 10;
const carriageReturn = 13;

/** Line-shaped bytes of every kind, in a buffer that held other lines before. */
const anyText = fc
  .array(
    fc.oneof(
      anyBytes,
      fc.constantFrom("\n", "\r\n", "\r", "\n\n").map((text) => Buffer.from(text)),
    ),
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

function bufferWith(text: Uint8Array, room = 0): FrameBuffer {
  const buffer = new FrameBuffer(linesAt + text.length + room);
  buffer.bytes.fill(lineFeed);
  buffer.bytes.set(text, linesAt);
  return buffer;
}

function read(text: Uint8Array, options?: LinesOptions): { batch: Batch; next: number; frame: Frame } {
  const buffer = bufferWith(text);
  const { frame, next } = frameOfLines(buffer, linesAt + text.length, options);
  return { batch: new Batch(buffer).start(frame), next: next - linesAt, frame };
}

/** What lines are, said as plainly as possible. */
function linesOf(text: Uint8Array): Uint8Array[] {
  const lines: number[][] = [];
  let line: number[] | undefined;
  for (const byte of text) {
    line ??= [];
    if (byte === lineFeed) {
      if (line.at(-1) === carriageReturn) line.pop();
      lines.push(line);
      line = undefined;
    } else line.push(byte);
  }
  if (line !== undefined) {
    if (line.at(-1) === carriageReturn) line.pop();
    lines.push(line);
  }
  return lines.map((bytes) => Uint8Array.from(bytes));
}

const values = (batch: Batch): Uint8Array[] => Array.from(batch, ({ value }) => value.slice());
const joined = (lines: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")])));
const linesIn = (batch: Batch, { at, bytes }: EncodedLines): Uint8Array => batch.bytes.slice(at, at + bytes);

describe("frameOfLines", () => {
  test("makes a record of each line, whatever the bytes", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { batch, next, frame } = read(text);
        expect(values(batch)).toEqual(linesOf(text));
        expect(next).toBe(text.length);
        expect(values(Batch.of(openFrame(frame.bytes)))).toEqual(linesOf(text));
      }),
    );
  });

  test("tells apart empty lines, line ends and a last line without one", () => {
    const linesOfText = (text: string): string[] => texts(read(Buffer.from(text)).batch);
    expect(linesOfText("")).toEqual([]);
    expect(linesOfText("\n")).toEqual([""]);
    expect(linesOfText("\r\n")).toEqual([""]);
    expect(linesOfText("a\n\nb\r\n\r\nc")).toEqual(["a", "", "b", "", "c"]);
    expect(linesOfText("a\rb\r\r\n\n")).toEqual(["a\rb\r", ""]);
  });

  test("stops after recordsMax lines and says where the next one began; nothing of that one is in the frame", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 4 }), (text, recordsMax) => {
        const found: Uint8Array[] = [];
        for (let from = 0; from < text.length; ) {
          const { batch, next, frame } = read(text.subarray(from), { recordsMax });
          expect(batch.count).toBeLessThanOrEqual(recordsMax);
          const content = headerBytes + Math.ceil(next / 8) * 8;
          expect(frame.bytes.length).toBe(content + batch.count * 8);
          expect(frame.bytes.subarray(linesAt + next, content).every((byte) => byte === 0)).toBe(true);
          found.push(...values(Batch.of(openFrame(frame.bytes))));
          expect(batch.buffer.used).toBe(frame.bytes.length);
          from += next;
        }
        expect(found).toEqual(linesOf(text));
      }),
    );
  });

  test("batchRecordsMax: takes that many lines, and leaves the next one for the next frame", () => {
    const most = limits.batchRecordsMax.default;
    const { batch, next } = read(new Uint8Array(most + 1).fill(lineFeed));
    expect([batch.count, next]).toEqual([most, most]);
    expect(read(new Uint8Array(most).fill(lineFeed)).batch.count).toBe(most);
  });

  test("frameBytesMax: lines and columns together may have that many bytes, and no more", () => {
    const text = new Uint8Array(limits.frameBytesMax.default - headerBytes - 8 + 1);
    expect(read(text.subarray(1)).frame.bytes.length).toBe(limits.frameBytesMax.default);
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "frame.too-large" }));
  });

  test("gives records the base offset and timestamp", () => {
    const { batch } = read(Buffer.from("a\nb"), { offset: 9, timestamp: 1000 });
    expect(Array.from(batch, ({ offset, timestamp }) => [offset, timestamp])).toEqual([
      [9, 1000],
      [10, 1000],
    ]);
  });
});

describe("encodeLines", () => {
  test("takes nothing of the batch's memory, so that a write can be repeated", () => {
    const { batch } = read(Buffer.from("a\nb\n"));
    const { used } = batch.buffer;
    const first = encodeLines(batch);
    expect(encodeLines(batch)).toEqual(first);
    expect(batch.buffer.used).toBe(used);
  });

  test("gives back the lines that were read, each with one line feed", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { batch } = read(text);
        const encoded = encodeLines(batch);
        expect(encoded.refused).toEqual([]);
        expect(linesIn(batch, encoded)).toEqual(joined(linesOf(text)));
      }),
    );
  });

  test("writes the records in play only", () => {
    fc.assert(
      fc.property(anyText, fc.infiniteStream(fc.boolean()), (text, selection) => {
        const kept = linesOf(text).flatMap((_, at) => (selection.next().value === true ? [at] : []));
        const { batch } = read(text);
        keepOnly(batch, kept);
        const encoded = encodeLines(batch);
        expect(linesIn(batch, encoded)).toEqual(joined(linesOf(text).filter((_, at) => kept.includes(at))));
      }),
    );
  });

  test("refuses values with line feeds, and writes the others", () => {
    fc.assert(
      fc.property(fc.array(anyBytes), fc.infiniteStream(fc.boolean()), (all, selection) => {
        const batch = Batch.of(frameOf(all));
        const kept = all.flatMap((_, at) => (selection.next().value === true ? [at] : []));
        keepOnly(batch, kept);
        const encoded = encodeLines(batch);
        const lined = kept.filter((at) => !(all[at] as Uint8Array).includes(lineFeed));
        expect(linesIn(batch, encoded)).toEqual(joined(lined.map((at) => all[at] as Uint8Array)));
        expect(encoded.refused.map(({ origin }) => origin)).toEqual(kept.filter((at) => !lined.includes(at)));
      }),
    );
  });

  test("says which byte of a value is the line feed, and of which record of the frame", () => {
    const batch = keepOnly(Batch.of(frameOf(["a", "b", "cd\ne\n"])), [1, 2]);
    expect(encodeLines(batch).refused).toEqual([
      {
        origin: 2,
        by: "lines",
        code: "record.line-feed",
        message: "the value has a line feed at byte 2, so it cannot be written as one line",
      },
    ]);
  });

  test("looks into bytes that a step made, also when the frame came as lines", () => {
    const { batch } = read(Buffer.from("first\nsecond"));
    keepOnly(batch, [0, 1]);
    const at = batch.buffer.reserve(3);
    batch.bytes.set([0x61, lineFeed, 0x62], at);
    batch.columns.values.set([at, 3], 2);
    const encoded = encodeLines(batch);
    expect(encoded.refused.map(({ origin }) => origin)).toEqual([1]);
    expect(Buffer.from(linesIn(batch, encoded)).toString()).toBe("first\n");
  });

  test("looks into all values once a step has set one across the end of a line", () => {
    const { batch } = read(Buffer.from("first\nsecond\n"));
    keepOnly(batch, [0, 1]);
    batch.columns.values.set([linesAt + 3, 5], 2);
    batch.forgetSingleLine();
    const encoded = encodeLines(batch);
    expect(encoded.refused.map(({ origin }) => origin)).toEqual([1]);
  });

  test("finds line feeds among values that lie far apart", () => {
    const count = 10_000;
    const text = Array.from({ length: count }, (_, at) => `{"n":\n${at}}`);
    const batch = keepOnly(
      Batch.of(frameOf(text)),
      text.map((_, at) => at),
    );
    const madeAt = batch.buffer.reserve(count * 8);
    batch.bytes.fill(0x61, madeAt, madeAt + count * 8);
    for (let i = 0; i < count; i += 2) batch.columns.values.set([madeAt + i * 4, 4], i * 2);
    expect(encodeLines(batch).refused.length).toBe(count / 2);
  });
});
