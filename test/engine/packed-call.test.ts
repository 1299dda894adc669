import { describe, expect, test } from "vitest";
import { openChain } from "../../src/engine/index.ts";
import { Batch, FrameBuffer, frameOf, frameOfLines, linesAt } from "../../src/record/index.ts";
import { type GuestParts, guestModule, openGuest, store } from "../support/guests.ts";
import { plainRecords, texts } from "../support/records.ts";
import { referenceFilter, referenceMap } from "./reference-guests.ts";
import { expectFailure, run } from "./run.ts";

function lines(text: string): Batch {
  const buffer = new FrameBuffer();
  buffer.bytes.set(new TextEncoder().encode(text), linesAt);
  return new Batch(buffer).start(frameOfLines(buffer, linesAt + text.length).frame);
}

describe("a filter", () => {
  test("keeps, drops and fails records; survivors and failures are those of the frame", async () => {
    const batch = run(await openGuest(referenceFilter), ["a", "dropped", "!bad", "", "d", "z"]);
    expect(texts(batch)).toEqual(["a", "", "z"]);
    expect([0, 1, 2].map((at) => batch.originOf(at))).toEqual([0, 3, 5]);
    expect(batch.failures).toEqual([{ origin: 2, by: "guest", code: "module.record", message: "!bad" }]);
  });

  test("that keeps all leaves the batch untouched", async () => {
    const transform = await openGuest(referenceFilter);
    const batch = run(transform, ["a", "b"]);
    expect(batch.untouched).toBe(true);
    expect(transform.counts).toMatchObject({ batches: 1, calls: 1, records: 2, kept: 2, bytesOut: 0 });
    expect(transform.counts.bytesIn).toBe(batch.frame.bytes.length);
  });

  test("is not called for a batch without records", async () => {
    const transform = await openGuest({ transform: "filter", body: "(unreachable)" });
    run(transform, []);
    expect(transform.counts).toMatchObject({ batches: 0, calls: 0, records: 0 });
  });

  test("counts nothing of a batch that it could not finish", async () => {
    // Finishes one record for each call, and traps at the third one; what it keeps would be lost.
    const transform = await openGuest({
      transform: "filter",
      init: `${store("flags", 1)} (i32.const 0)`,
      body: `(if (i32.eq (local.get $first) (i32.const 2)) (then (unreachable)))
             (i32.store8 (i32.add (call $verdictsAt) (local.get $first)) (i32.add (i32.const 1) (local.get $first)))
             (i32.add (local.get $first) (i32.const 1))`,
    });
    expectFailure(() => run(transform, ["a", "b", "c"]), "module.trap", "guest trapped: unreachable");
    expect(transform.counts).toMatchObject({ batches: 0, records: 0, kept: 0, dropped: 0 });
    expect(texts(run(transform, ["a", "b"]))).toEqual(["a"]);
    expect(transform.counts).toMatchObject({ batches: 1, records: 2, kept: 1, dropped: 1 });
  });
});

describe("a map", () => {
  test("moves no byte out for what only points into the batch", async () => {
    const transform = await openGuest(referenceMap());
    const batch = run(transform, ["pab", "yk", "next", "w"]);
    expect(texts(batch)).toEqual(["ab", "yk", "w", ""]);
    expect(transform.counts).toMatchObject({ kept: 0, replaced: 4, bytesOut: 0 });
    for (const { value } of batch) expect(value.byteOffset).toBeLessThan(batch.frame.bytes.length);
  });

  test("moves out what the module made, once", async () => {
    const transform = await openGuest(referenceMap());
    const batch = run(transform, ["b1", "kept", "b23", "pcut", "b"]);
    expect(texts(batch)).toEqual(["[b1]", "kept", "[b23]", "cut", "[b]"]);
    expect(transform.counts).toMatchObject({ kept: 1, replaced: 4, bytesOut: 4 + 5 + 3 });
  });

  test("reads keys and its own value of a gathered frame in place, other records' bytes as copies", async () => {
    const { transforms, process } = await openChain([
      { module: await guestModule(referenceFilter) },
      { module: await guestModule(referenceMap()) },
      { module: await guestModule(referenceFilter) },
    ]);
    const batch = Batch.of(
      frameOf([
        { value: "drop" },
        { value: "p own value", key: "key" },
        { value: "w", key: "own key" },
        { value: "n" },
        { value: "other" },
        { value: "pd" },
      ]),
    );
    process(batch);
    expect(texts(batch)).toEqual([" own value", "own key", "other", "other"]);
    expect(transforms.map(({ counts }) => counts.bytesOut)).toEqual([0, "other".length, 0]);
    expect(Array.from(batch, ({ value }) => value.byteOffset < batch.frame.bytes.length)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  test("says what it changes about each record, and leaves the rest as it was", async () => {
    const headers = [{ name: "old", value: Uint8Array.of(1) }];
    const base = { key: "k", timestamp: 10, headers };
    const key = new TextEncoder().encode("k");
    const batch = run(await openGuest(referenceMap()), [
      { value: "x", ...base },
      { value: "t", ...base },
      { value: "h", ...base },
      { value: "H", ...base },
      { value: "r", ...base },
      { value: "!", ...base },
      { value: "kept", ...base },
    ]);
    const old = { key, timestamp: 10, headers };
    expect(plainRecords(batch)).toEqual(
      [
        { text: "x", ...old, key: undefined },
        { text: "t", ...old, timestamp: -5 },
        { text: "h", ...old, headers: [{ name: "h", value: Uint8Array.of(10, 0x4b) }] },
        { text: "H", ...old, headers: [] },
        { text: "r", ...old },
        { text: "kept", ...old },
      ].map(({ text, ...rest }) => ({ value: new TextEncoder().encode(text), ...rest })),
    );
  });

  test("can set what no record of the frame had", async () => {
    const batch = run(await openGuest(referenceMap()), ["k", "y", "t", "h"]);
    expect(
      plainRecords(batch).map(({ key, timestamp, headers }) => [key?.length, timestamp, headers.length]),
    ).toEqual([
      [undefined, undefined, 0],
      [1, undefined, 0],
      [undefined, -5, 0],
      [undefined, undefined, 1],
    ]);
  });

  test("gives a record without a timestamp of its own the frame's when others get one", async () => {
    const batch = Batch.of(frameOf(["k", "t"], { timestamp: 77 }));
    (await openGuest(referenceMap())).process(batch);
    expect(Array.from(batch, ({ timestamp }) => timestamp)).toEqual([77, -5]);
  });
});

describe("lines behind a map", () => {
  const of = async (text: string): Promise<boolean> => {
    const batch = lines(text);
    (await openGuest(referenceMap())).process(batch);
    return batch.singleLine;
  };

  test("are still lines when values were kept, or cut out of themselves", async () => {
    expect(await of("k\npab\nr")).toBe(true);
  });

  test("are taken for lines no more once a module made bytes or pointed elsewhere", async () => {
    expect(await of("k\nb")).toBe(false);
    expect(await of("n\nk")).toBe(false);
  });

  test("are found out when a value reaches over the end of its line", async () => {
    const reaching: GuestParts = {
      record: `(call $setValue (local.get $i) (call $valueAt (local.get $i))
                 (i32.add (call $valueLength (local.get $i)) (i32.const 2))) (i32.const 0x13)`,
    };
    const batch = lines("ab\ncd\nef\ngh");
    (await openGuest({ ...reaching, transform: "map" })).process(batch);
    expect(batch.at(0).text).toBe("ab\nc");
    expect(batch.singleLine).toBe(false);
    expect(batch.singleLineEnd).toBe(0);
  });
});
