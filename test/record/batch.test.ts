import { describe, expect, test } from "vitest";
import {
  Batch,
  encodeBatch,
  encodedBytesMax,
  FrameBuffer,
  FrameBuilder,
  frameOf,
  frameOfLines,
  linesAt,
  openFrame,
  type RecordView,
} from "../../src/record/index.ts";
import { texts } from "../support/records.ts";
import { keepOnly } from "./keep-only.ts";

const expired = expect.objectContaining({ code: "record.view-expired" });

function expectExpired(view: RecordView): void {
  expect(() => view.value).toThrow(expired);
  expect(() => view.text).toThrow(expired);
  expect(() => view.key).toThrow(expired);
  expect(() => view.timestamp).toThrow(expired);
  expect(() => view.offset).toThrow(expired);
  expect(() => view.headers).toThrow(expired);
}

describe("Batch", () => {
  test("of a frame lives on its own: the frame's memory may be used for something else", () => {
    const frame = frameOf([{ value: "a", key: "k" }, { value: "b" }]);
    const batch = Batch.of(frame);
    frame.bytes.fill(0xee);
    expect(texts(batch)).toEqual(["a", "b"]);
    expect(Array.from(batch, ({ key }) => key)).toEqual([Uint8Array.of(0x6b), undefined]);
    expect(batch.untouched).toBe(true);
  });

  test("takes on one frame after another, and views of the one before expire", () => {
    const batch = Batch.of(frameOf(["a"]));
    const view = batch.at(0);
    expect(texts(batch.load(frameOf(["b", "c"])))).toEqual(["b", "c"]);
    expectExpired(view);
    expect(batch.untouched).toBe(true);
  });

  test("gives a text with its byte order mark", () => {
    expect(Batch.of(frameOf(["\uFEFFa"])).at(0).text).toBe("\uFEFFa");
  });

  test("is untouched until a step has changed what is in play", () => {
    const batch = Batch.of(frameOf(["a", "b"]));
    expect([batch.untouched, batch.count]).toEqual([true, 2]);
    keepOnly(batch, [1]);
    expect([batch.untouched, batch.count, batch.originOf(0)]).toEqual([false, 1, 1]);
  });

  test("takes on one frame after another in the same memory", () => {
    const batch = new Batch(new FrameBuffer(64));
    const build = (records: readonly string[]): void => {
      const builder = new FrameBuilder(batch.buffer);
      for (const value of records) builder.add({ value });
      batch.start(builder.finish({ offset: records.length }));
    };
    build(["a", "b", "c"]);
    keepOnly(batch, [0, 2]);
    batch.fail({ origin: 1, by: "test", code: "module.record", message: "bad" });
    expect(Array.from(batch, ({ offset }) => offset)).toEqual([3, 5]);
    batch.release();
    expect(batch.count).toBe(0);
    build(["longer", "values", "this", "time"]);
    expect(texts(batch)).toEqual(["longer", "values", "this", "time"]);
    expect(batch.failures).toEqual([]);
    expect(batch.at(3).offset).toBe(7);
  });

  test("keeps its views while its buffer grows", () => {
    const batch = Batch.of(frameOf(["a"]));
    const view = batch.at(0);
    batch.buffer.reserve(1_000_000);
    expect(view.text).toBe("a");
  });
});

describe("whether values are known to hold no line feed", () => {
  const lines = (): Batch => {
    const buffer = new FrameBuffer();
    buffer.bytes.set(new TextEncoder().encode("a\nb\nc"), linesAt);
    return new Batch(buffer).start(frameOfLines(buffer, linesAt + 5).frame);
  };
  const encoded = (batch: Batch): Batch => {
    const bytes = new Uint8Array(encodedBytesMax(batch, { offsets: true }));
    const length = encodeBatch(
      batch,
      { bytes, words: new Uint32Array(bytes.buffer), at: 0 },
      { offsets: true },
    );
    return Batch.of(openFrame(bytes.subarray(0, length)));
  };

  test("is told by the frame, however it came into the batch", () => {
    expect(lines().singleLine).toBe(true);
    expect(Batch.of(lines().frame).singleLine).toBe(true);
    expect(encoded(lines()).singleLine).toBe(true);
    expect(encoded(keepOnly(lines(), [0, 2])).singleLine).toBe(true);
    expect(Batch.of(frameOf(["a"])).singleLine).toBe(false);
    const buffer = new FrameBuffer();
    new FrameBuilder(buffer).add({ value: "a" });
    expect(new Batch(buffer).start(new FrameBuilder(buffer).finish()).singleLine).toBe(false);
  });

  test("is so after records were taken out, and not after bytes were added", () => {
    const batch = keepOnly(lines(), [0, 2]);
    expect(batch.singleLine).toBe(true);
    batch.buffer.reserve(1);
    expect(batch.singleLine).toBe(false);
    // Values of the frame itself are still known.
    expect(batch.singleLineEnd).toBe(batch.frame.bytes.length);
    expect(encoded(batch).singleLine).toBe(false);
  });

  test("begins anew with each frame", () => {
    const batch = lines();
    batch.forgetSingleLine();
    expect([batch.singleLine, batch.singleLineEnd]).toEqual([false, 0]);
    batch.start(batch.frame);
    expect(batch.singleLine).toBe(true);
  });
});

describe("a view of a record", () => {
  test("expires when its batch is released", () => {
    const batch = Batch.of(frameOf(["a"]));
    const view = batch.at(0);
    batch.release();
    expectExpired(view);
  });

  test("expires when its batch takes on another frame", () => {
    const batch = Batch.of(frameOf(["a"]));
    const view = batch.at(0);
    batch.start(batch.frame);
    expectExpired(view);
    expect(batch.at(0).text).toBe("a");
  });

  test("expires when a step changes what is in play", () => {
    const batch = Batch.of(frameOf(["a", "b"]));
    const view = batch.at(0);
    keepOnly(batch, [1]);
    expectExpired(view);
    expect(batch.at(0).text).toBe("b");
  });

  test("expires when the batch's buffer is given up", () => {
    const batch = Batch.of(frameOf(["a"]));
    const view = batch.at(0);
    batch.buffer.reset();
    expectExpired(view);
  });

  test("does not exist where there is no record", () => {
    const batch = Batch.of(frameOf(["a", "b"]));
    expectExpired(batch.at(2));
    keepOnly(batch, [0]);
    expectExpired(batch.at(1));
    batch.release();
    expectExpired(batch.at(0));
  });
});
