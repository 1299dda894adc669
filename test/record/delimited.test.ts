import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import {
  Batch,
  type DelimitedOptions,
  DelimitedSplitter,
  FrameBuffer,
  openFrame,
} from "../../src/record/index.ts";

interface Split {
  /** Values of all frames; of one that was too large its length and its first bytes. */
  readonly records: string[];
  readonly frameRecords: number[];
}

/** What a splitter makes of chunks, a frame for as many of them as `chunksPerFrame` says. */
function split(
  chunks: readonly Uint8Array[],
  delimiter: string,
  options: DelimitedOptions & { readonly chunksPerFrame?: number } = {},
): Split {
  const splitter = new DelimitedSplitter(utf8(delimiter), options);
  const buffer = new FrameBuffer(64);
  const records: string[] = [];
  const frameRecords: number[] = [];
  const finish = (): void => {
    const { frame, oversize } = splitter.finish({ offset: 7, timestamp: 5 });
    for (const record of Batch.of(openFrame(frame.bytes.slice()))) {
      records.push(Buffer.from(record.value).toString("latin1"));
    }
    records.push(
      ...oversize.map(({ byteCount, sample }) => `${byteCount} too large: ${Buffer.from(sample)}`),
    );
    frameRecords.push(frame.recordCount);
    buffer.reset();
  };
  splitter.start(buffer);
  for (const [index, chunk] of chunks.entries()) {
    for (let taken = splitter.push(chunk); taken < chunk.length; taken = splitter.push(chunk, taken)) {
      finish();
      splitter.start(buffer);
    }
    if ((index + 1) % (options.chunksPerFrame ?? Number.POSITIVE_INFINITY) !== 0) continue;
    finish();
    splitter.start(buffer);
  }
  splitter.end();
  finish();
  expect(splitter.restBytes).toBe(0);
  return { records, frameRecords };
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** What a text is to be split into: a last part without a delimiter counts unless it is empty. */
function partsOf(text: string, delimiter: string): string[] {
  const parts = text.split(Buffer.from(delimiter).toString("latin1"));
  return parts.at(-1) === "" ? parts.slice(0, -1) : parts;
}

/** Texts in which delimiters, and beginnings of delimiters, are frequent. */
const delimiters = ["\n", "\r\n", "aab", "aaa", "abab", "é", "\0", "--long delimiter--"];
const texts = fc
  .array(
    fc.constantFrom(
      ...delimiters.map((each) => Buffer.from(each).toString("latin1")),
      "a",
      "b",
      "ab",
      "x",
      "\r",
      "\xc3",
      "--long",
    ),
    {
      maxLength: 40,
    },
  )
  .map((parts) => parts.join(""));

/** A text cut at any places, also at the same place twice. */
const chunked = texts.chain((text) =>
  fc.array(fc.nat({ max: text.length }), { maxLength: 12 }).map((cuts) => {
    const places = [0, ...cuts.toSorted((left, right) => left - right), text.length];
    return {
      text,
      chunks: places.slice(1).map((to, index) => bytesOf(text.slice(places[index], to))),
    };
  }),
);

describe("any text, however it is cut into chunks and frames, is split at its delimiters", () => {
  test.each(delimiters)("%j", (delimiter) => {
    fc.assert(
      fc.property(
        chunked,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 30 }),
        ({ text, chunks }, chunksPerFrame, batchBytes) => {
          const { records } = split(chunks, delimiter, { chunksPerFrame, batchBytes });
          expect(records).toEqual(partsOf(text, delimiter));
        },
      ),
    );
  });

  test("with records that are too large among them", () => {
    fc.assert(
      fc.property(
        chunked,
        fc.constantFrom(...delimiters),
        fc.integer({ min: 1, max: 3 }),
        ({ text, chunks }, delimiter, chunksPerFrame) => {
          const { records } = split(chunks, delimiter, { recordBytesMax: 3, chunksPerFrame });
          const expected = partsOf(text, delimiter).map((part) =>
            part.length <= 3 ? part : `${part.length} too large`,
          );
          // Within one frame the ones that are too large are told apart from the others, in the same order.
          expect(records.map((record) => record.replace(/: .*/s, "")).toSorted()).toEqual(
            expected.toSorted(),
          );
        },
      ),
    );
  });
});

test("a frame takes no more than it should, and the next one goes on behind it", () => {
  const text = bytesOf("one\ntwo\nthree\nfour\n");
  expect(split([text], "\n", { recordsMax: 3 }).frameRecords).toEqual([3, 1]);
  expect(split([text], "\n", { batchBytes: 8 }).frameRecords).toEqual([2, 2]);
});

test("a record may have recordBytesMax bytes and no more, and neither is held twice as large", () => {
  const edge = limits.recordBytesMax.default;
  const chunks = [Buffer.alloc(edge, "a"), bytesOf("\n"), Buffer.alloc(edge, "b"), bytesOf("b\nc")];
  const { records } = split(chunks, "\n", { chunksPerFrame: 1 });
  expect(records.map((record) => record.slice(0, 30))).toEqual([
    "a".repeat(30),
    `${edge + 1} too large: ${"b".repeat(300)}`.slice(0, 30),
    "c",
  ]);
  expect(records[1]).toBe(`${edge + 1} too large: ${"b".repeat(limits.sampleBytesMax.default)}`);
});

test("a record without an end does not grow in memory", () => {
  const splitter = new DelimitedSplitter(utf8("--"), { recordBytesMax: 1000 });
  const buffer = new FrameBuffer(64);
  splitter.start(buffer);
  const chunk = Buffer.alloc(10_000, "x-");
  for (let i = 0; i < 1000; i++) splitter.push(chunk);
  expect(splitter.restBytes).toBe(10_000_000);
  expect(buffer.bytes.length).toBeLessThan(200_000);
  splitter.push(bytesOf("-after--"));
  const { frame, oversize } = splitter.finish();
  expect(oversize.map(({ byteCount }) => byteCount)).toEqual([9_999_999]);
  expect([...Batch.of(frame)].map((record) => record.text)).toEqual(["after"]);
});

test("what is not terminated can be forgotten, and nothing of it comes again", () => {
  const splitter = new DelimitedSplitter(utf8("--"));
  const buffer = new FrameBuffer(64);
  splitter.start(buffer);
  splitter.push(bytesOf("one--cut off-"));
  expect(splitter.restBytes).toBe(8);
  splitter.forget();
  splitter.push(bytesOf("-two--"));
  splitter.end();
  expect([...Batch.of(splitter.finish().frame)].map((record) => record.text)).toEqual(["one", "-two"]);
});

test("lines are known to hold no line feed, and other records are not", () => {
  const frameWith = (delimiter: string): boolean => {
    const splitter = new DelimitedSplitter(utf8(delimiter));
    splitter.start(new FrameBuffer(64));
    splitter.push(bytesOf("a\nb;c"));
    splitter.end();
    return splitter.finish().frame.singleLine;
  };
  expect([frameWith("\n"), frameWith(";"), frameWith("\n\n")]).toEqual([true, false, false]);
});
