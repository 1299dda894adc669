import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textOf, utf8 } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import {
  Batch,
  type ElementsFrameOptions,
  type Frame,
  FrameBuffer,
  findJsonElements,
  frameOfJsonElements,
  openFrame,
} from "../../src/record/index.ts";

function framesOf(text: string, options: ElementsFrameOptions = {}): Frame[] {
  const bytes = utf8(text);
  const elements = findJsonElements(bytes, "");
  const frames: Frame[] = [];
  for (let from = 0; from < elements.count; ) {
    const { frame, next } = frameOfJsonElements(new FrameBuffer(), bytes, elements, { ...options, from });
    if (next === from) throw new Error(`element ${from} was not taken`);
    frames.push(openFrame(frame.bytes));
    from = next;
  }
  return frames;
}

function valuesOf(frame: Frame): string[] {
  return [...Batch.of(frame)].map((record) => record.text);
}

describe("frames of elements", () => {
  test("hold each element as it stands in the text", () => {
    const [frame] = framesOf('[ {"a": 1},\n[2, 3] , "x" ]', { timestamp: 5, offset: 7 });
    expect(valuesOf(frame!)).toEqual(['{"a": 1}', "[2, 3]", '"x"']);
    expect(frame).toMatchObject({ baseTimestamp: 5, baseOffset: 7 });
  });

  test("hold nothing of what stands around the elements", () => {
    const [frame] = framesOf("  [1,2]  ");
    expect(textOf(frame!.bytes)).not.toContain("[");
    expect(textOf(frame!.bytes)).not.toContain("]");
  });

  test.each([
    ["[1,2]", true],
    ["[1,\n2\n]", true],
    ['[{"a":\n1},2]', false],
    ["[1,\n[2,\n3]]", false],
  ])("know whether values hold line feeds: %j", (text, isSingleLine) => {
    expect(framesOf(text)[0]!.singleLine).toBe(isSingleLine);
  });

  test("a line feed that an earlier use of the buffer left behind does not count", () => {
    const buffer = new FrameBuffer();
    buffer.reserve(1000);
    buffer.bytes.fill(10);
    buffer.reset();
    const text = utf8("[1,2]");
    expect(frameOfJsonElements(buffer, text, findJsonElements(text, "")).frame.singleLine).toBe(true);
  });

  test("end before they pass bytesMax, and after recordsMax", () => {
    expect(framesOf("[11,22,33,44]", { bytesMax: 5 }).map(valuesOf)).toEqual([
      ["11", "22"],
      ["33", "44"],
    ]);
    expect(framesOf("[11,22,33,44]", { bytesMax: 4 })).toHaveLength(4);
    expect(framesOf("[11,22,33,44]", { recordsMax: 3 }).map(valuesOf)).toEqual([["11", "22", "33"], ["44"]]);
  });

  test("blanks between elements count, so that a frame stays as small as wished", () => {
    expect(framesOf(`[1,${" ".repeat(1000)}2]`, { bytesMax: 100 }).map(valuesOf)).toEqual([["1"], ["2"]]);
  });

  test("an element larger than bytesMax makes a frame of its own", () => {
    const large = `"${"x".repeat(limits.batchBytes.default)}"`;
    expect(framesOf(`[1,${large},2]`).map(valuesOf)).toEqual([["1"], [large], ["2"]]);
  });

  test("stop before an element larger than recordBytesMax", () => {
    const text = utf8('[1,"abc",2]');
    const elements = findJsonElements(text, "");
    const take = (from: number): number =>
      frameOfJsonElements(new FrameBuffer(), text, elements, { from, recordBytesMax: 4 }).next;
    expect([take(0), take(1), take(2)]).toEqual([1, 1, 3]);
  });

  test("an end without elements is an empty frame", () => {
    const text = utf8("[]");
    const { frame, next } = frameOfJsonElements(new FrameBuffer(), text, findJsonElements(text, ""));
    expect([openFrame(frame.bytes).recordCount, next]).toEqual([0, 0]);
  });

  test("of any array hold all its elements in order", () => {
    const options = fc.record({
      bytesMax: fc.integer({ min: 1, max: 200 }),
      recordsMax: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.integer({ min: 0, max: 2 }),
        options,
        (array, indent, bounds) => {
          const values = framesOf(JSON.stringify(array, undefined, indent), bounds).flatMap(valuesOf);
          expect(values.map((value) => JSON.parse(value))).toEqual(JSON.parse(JSON.stringify(array)));
        },
      ),
    );
  });
});
