import { describe, expect, test } from "vitest";
import { FrameBuffer } from "../../../src/record/index.ts";

const lineFeed = 10;
const carriageReturn = 13;
const other = 0x61;
/** The kernel looks at this many bytes at once, so that everything is tried around its multiples. */
const blockBytes = 16;

const buffer = new FrameBuffer(1);
const { bytes, words, kernel } = buffer;
const column = 32_768;
const untouched = 0xeeeeeeee;

/** Spans of lines and where the first one without a span begins, said as plainly as possible. */
function plainLines(from: number, end: number, recordsMax: number): { spans: number[]; next: number } {
  const spans: number[] = [];
  let at = from;
  while (at < end && spans.length / 2 < recordsMax) {
    let lineEnd = at;
    while (lineEnd < end && bytes[lineEnd] !== lineFeed) lineEnd++;
    const isReturned = lineEnd > at && bytes[lineEnd - 1] === carriageReturn;
    spans.push(at, lineEnd - at - (isReturned ? 1 : 0));
    at = Math.min(lineEnd + 1, end);
  }
  return { spans, next: at };
}

function splitLines(from: number, end: number, recordsMax: number): { spans: number[]; next: number } {
  words.fill(untouched, column / 4, column / 4 + (recordsMax + 2) * 2);
  const count = kernel.splitLines(from, end, column, recordsMax);
  const behind = column / 4 + count * 2;
  const isUntouched = words
    .subarray(behind + 1, column / 4 + (recordsMax + 2) * 2)
    .every((word) => word === untouched);
  expect(isUntouched).toBe(true);
  return { spans: Array.from(words.subarray(column / 4, behind)), next: words[behind] as number };
}

/** Calls for every place and length around the size of a block, with line feeds on both sides of the range. */
function forEachRange(visit: (from: number, end: number) => void): void {
  for (let from = 64; from <= 64 + blockBytes; from++) {
    for (let length = 1; length <= 2 * blockBytes + 2; length++) {
      bytes.fill(lineFeed, 0, 256);
      bytes.fill(other, from, from + length);
      visit(from, from + length);
    }
  }
}

describe("the kernel", () => {
  test("finds the first line feed of a range, and none outside of it", () => {
    const wrong: unknown[] = [];
    forEachRange((from, end) => {
      if (kernel.findLineFeed(from, end) !== end) wrong.push([from, end]);
      for (let at = end - 1; at >= from; at--) {
        bytes[at] = lineFeed;
        if (kernel.findLineFeed(from, end) !== at) wrong.push([from, end, at]);
      }
    });
    expect(wrong).toEqual([]);
    expect(kernel.findLineFeed(64, 64)).toBe(64);
  });

  test("splits a range into lines, wherever line ends stand", () => {
    const wrong: unknown[] = [];
    const compare = (from: number, end: number): void => {
      for (const recordsMax of [1, 2, 40]) {
        const expected = JSON.stringify(plainLines(from, end, recordsMax));
        const found = JSON.stringify(splitLines(from, end, recordsMax));
        if (found !== expected) wrong.push({ from, end, recordsMax, found, expected });
      }
    };
    forEachRange((from, end) => {
      compare(from, end);
      for (let at = from; at < end; at++) {
        bytes[at] = lineFeed;
        compare(from, end);
        if (at > from) bytes[at - 1] = carriageReturn;
        compare(from, end);
        if (at > from) bytes[at - 1] = other;
        bytes[at] = other;
      }
      bytes.fill(lineFeed, from, end);
      compare(from, end);
      bytes.fill(carriageReturn, from, end);
      compare(from, end);
    });
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  test("reads to the end of the memory", () => {
    const end = bytes.length;
    for (let from = end - 2 * blockBytes; from < end; from++) {
      bytes.fill(other, from, end);
      expect(kernel.findLineFeed(from, end)).toBe(end);
      bytes[end - 1] = lineFeed;
      expect(kernel.findLineFeed(from, end)).toBe(end - 1);
      expect(splitLines(from, end, 4)).toEqual({ spans: [from, end - 1 - from], next: end });
    }
  });
});
