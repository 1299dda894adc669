import { describe, expect, test } from "vitest";
import { openChain, type Transform } from "../../src/engine/index.ts";
import { type ErrorCode, MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import {
  Batch,
  FrameBuffer,
  frameOf,
  frameOfLines,
  linesAt,
  type RecordInput,
} from "../../src/record/index.ts";
import { controlAt, type GuestParts, guestModule, openGuest, store } from "../support/guests.ts";
import { plainRecords, texts } from "../support/records.ts";
import { referenceFilter, referenceMap } from "./reference-guests.ts";

function run(transform: Transform, values: Iterable<RecordInput | string>): Batch {
  const batch = Batch.of(frameOf(values));
  transform.process(batch);
  return batch;
}

function failureOf(action: () => unknown): MillraceError {
  try {
    action();
  } catch (error) {
    if (MillraceError.is(error)) return error;
    throw error;
  }
  return expect.unreachable("this should have failed");
}

function expectFailure(action: () => unknown, code: ErrorCode, message: string): MillraceError {
  const error = failureOf(action);
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)]);
  return error;
}

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
    // Finishes one record for each call, and traps at the third one.
    const transform = await openGuest({
      transform: "filter",
      body: `(if (i32.eq (local.get $first) (i32.const 2)) (then (unreachable)))
             (i32.store8 (i32.add (call $verdictsAt) (local.get $first)) (i32.add (i32.const 1) (local.get $first)))
             (i32.add (local.get $first) (i32.const 1))`,
    });
    expectFailure(
      () => run(transform, ["a", "b", "c"]),
      "module.trap",
      "guest trapped at record 2 of its batch",
    );
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

describe("a module that fills its output region", () => {
  test("returns early, and is called again for the rest", async () => {
    const transform = await openGuest(referenceMap(8));
    const batch = run(transform, ["b1", "b2", "keep", "b3", "!bad", "b4", "p."]);
    expect(texts(batch)).toEqual(["[b1]", "[b2]", "keep", "[b3]", "[b4]", "."]);
    expect(batch.failures.map(({ origin }) => origin)).toEqual([4]);
    expect(transform.counts).toMatchObject({
      calls: 2,
      batches: 1,
      records: 7,
      kept: 1,
      replaced: 5,
      failed: 1,
    });
    expect(transform.counts.bytesOut).toBe(16);
  });

  test("sets keys, timestamps and headers in the second call for the first time", async () => {
    const batch = run(await openGuest(referenceMap(8)), ["b1", "b2", "c3", "t", "h"]);
    expect(
      plainRecords(batch).map(({ key, timestamp, headers }) => [key?.length, timestamp, headers.length]),
    ).toEqual([
      [undefined, undefined, 0],
      [undefined, undefined, 0],
      [1, undefined, 0],
      [undefined, -5, 0],
      [undefined, undefined, 1],
    ]);
  });

  /** Makes a value of as many MiB as the first byte says; a bulk fill, so that most of it is quick. */
  const megabytes = (memory = "1"): GuestParts => ({
    memory,
    record: `
      (local $made i32) (local $bytes i32)
      (local.set $bytes (i32.shl (call $firstByte (local.get $i)) (i32.const 20)))
      (if (i32.eqz (local.get $bytes)) (then (return (i32.const 1))))
      (local.set $made (call $take (local.get $bytes)))
      (if (i32.eqz (local.get $made)) (then (return (i32.const -1))))
      (call $setValue (local.get $i) (local.get $made) (local.get $bytes))
      (i32.const 0x13)`,
  });
  const sizes = (...megabytesEach: readonly number[]): RecordInput[] =>
    megabytesEach.map((size) => ({ value: Uint8Array.of(size) }));
  const MiB = 1024 * 1024;

  test("gets a larger one when it could not finish a single record", async () => {
    const transform = await openGuest(megabytes());
    const batch = run(transform, sizes(1, 5, 0, 9));
    expect(Array.from(batch, ({ value }) => value.length)).toEqual([MiB, 5 * MiB, 1, 9 * MiB]);
    expect(batch.failures).toEqual([]);
    const { calls } = transform.counts;
    expect(Array.from(run(transform, sizes(9)), ({ value }) => value.length)).toEqual([9 * MiB]);
    expect(transform.counts.calls).toBe(calls + 1);
  });

  test("leaves the batch untouched when it keeps all in the end", async () => {
    const transform = await openGuest({
      body: `(if (i32.lt_u (call $outputBytes) (i32.const ${4 * MiB})) (then (return (local.get $first))))
        (memory.fill (call $verdictsAt) (i32.const 1) (call $count))
        (call $count)`,
    });
    expect(run(transform, ["a", "b"]).untouched).toBe(true);
    expect(transform.counts).toMatchObject({ calls: 2, kept: 2 });
  });

  test("leaves whole what its first answer kept when only a later one changes something", async () => {
    const kept = {
      value: Uint8Array.of(0),
      key: Uint8Array.of(1),
      timestamp: 9,
      headers: [{ name: "h", value: Uint8Array.of(2) }],
    };
    const batch = run(await openGuest(megabytes()), [kept, ...sizes(5), kept]);
    expect(plainRecords(batch).map((record, at) => (at === 1 ? record.value.length : record))).toEqual([
      kept,
      5 * MiB,
      kept,
    ]);
    expect(plainRecords(batch)[1]).toMatchObject({ key: undefined, timestamp: undefined, headers: [] });
  });

  test("outputBytesMax: the largest region is that large, and what does not fit fails alone", async () => {
    const most = limits.outputBytesMax.default / MiB;
    const transform = await openGuest(megabytes());
    const exact = run(transform, sizes(most));
    expect(exact.at(0).value.length).toBe(limits.outputBytesMax.default);
    const batch = run(transform, sizes(1, most + 1, 2));
    expect(Array.from(batch, ({ value }) => value.length)).toEqual([MiB, 2 * MiB]);
    expect(batch.failures).toEqual([
      {
        origin: 1,
        by: "guest",
        code: "module.record",
        message: `its output does not fit into ${limits.outputBytesMax.default} bytes`,
      },
    ]);
    expect(transform.counts).toMatchObject({ batches: 2, records: 4, replaced: 3, failed: 1 });
  });

  test("fails what does not fit when its memory is at its maximum, and goes on", async () => {
    // Room for an input and an answer region and 2 MiB of output, but not for 4 MiB more.
    const transform = await openGuest({
      ...megabytes("100 100"),
      reserve: `(if (i32.gt_u (local.get $bytes) (i32.const 0x200000)) (then (return (i32.const 0))))
                (i32.add (i32.const 65536) (i32.mul (local.get $region) (i32.const 0x200000)))`,
    });
    const batch = run(transform, sizes(1, 3, 2, 3));
    expect(Array.from(batch, ({ value }) => value.length)).toEqual([MiB, 2 * MiB]);
    expect(batch.failures.map(({ origin, message }) => [origin, message])).toEqual([
      [1, "its output does not fit into 2097152 bytes"],
      [3, "its output does not fit into 2097152 bytes"],
    ]);
  });

  test("never finishes anything, and fails each record in turn", async () => {
    const transform = await openGuest({ transform: "filter", body: "(local.get $first)" });
    const batch = run(transform, ["a", "b", "c"]);
    expect(batch.count).toBe(0);
    expect(batch.failures.map(({ origin }) => origin)).toEqual([0, 1, 2]);
    expect(transform.counts).toMatchObject({ records: 3, failed: 3 });
  });
});

describe("guest memory", () => {
  test("may grow during a call, also in between records", async () => {
    const transform = await openGuest({
      record: `(local $made i32)
        (drop (memory.grow (i32.const 1)))
        (local.set $made (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 1)))
        (i32.store8 (local.get $made) (i32.add (i32.const 97) (local.get $i)))
        (call $setValue (local.get $i) (local.get $made) (i32.const 1))
        (i32.const 0x13)`,
    });
    for (let round = 0; round < 3; round++)
      expect(texts(run(transform, ["1", "2", "3"]))).toEqual(["a", "b", "c"]);
  });

  test("may be scribbled over: what is kept comes from the host's frame", async () => {
    const scribble = `(memory.fill (call $inputAt) (i32.const 0xee) (call $inputBytes))`;
    const kept = await openGuest({
      transform: "filter",
      body: `(local $n i32)
        (local.set $n (call $count))
        (memory.fill (call $verdictsAt) (i32.const 1) (local.get $n))
        ${scribble}
        (i32.store8 (call $verdictsAt) (i32.const 2))
        (local.get $n)`,
    });
    const values = [{ value: "a", key: "k" }, { value: "bcd" }, { value: "", key: "" }];
    const batch = run(kept, values);
    expect(plainRecords(batch)).toEqual(plainRecords(Batch.of(frameOf(values))).slice(1));
    // In a gathered frame the guest's own spans are what it would have to lie about.
    const aliasing = await guestModule({
      body: `(local $n i32) (local $at i32)
        (local.set $n (call $count))
        (local.set $at (call $valueAt (i32.const 0)))
        (memory.fill (call $verdictsAt) (i32.const 0x13) (local.get $n))
        (call $setValue (i32.const 0) (local.get $at) (i32.const 2))
        (call $setValue (i32.const 1) (local.get $at) (i32.const 0))
        ${scribble}
        (local.get $n)`,
    });
    const chain = await openChain([{ module: await guestModule(referenceFilter) }, { module: aliasing }]);
    const gathered = Batch.of(frameOf(["drop", "abc", "gone"]));
    chain.process(gathered);
    expect(texts(gathered)).toEqual(["ab", ""]);
    expect(chain.transforms[1]?.counts.bytesOut).toBe(0);
  });

  test("keeps its regions for batches that fit into them", async () => {
    const transform = await openGuest({
      transform: "filter",
      record: "(i32.const 1)",
      reserve: `(global.set $asked (i32.add (global.get $asked) (i32.const 1)))
        (if (i32.gt_u (global.get $asked) (i32.const 3)) (then (unreachable)))
        (i32.add (i32.const 65536) (i32.mul (local.get $region) (i32.const 0x400000)))`,
      memory: "300",
      extra: "(global $asked (mut i32) (i32.const 0))",
    });
    for (let round = 0; round < 20; round++) expect(run(transform, ["a".repeat(round), "b"]).count).toBe(2);
    expect(transform.counts.batches).toBe(20);
  });

  test("has another input region when a batch needs more", async () => {
    const transform = await openGuest(referenceMap());
    for (const length of [10, 100_000, 3_000_000, 10]) {
      expect(texts(run(transform, [`b${"x".repeat(length)}`]))).toEqual([`[b${"x".repeat(length)}]`]);
    }
  });

  test("holds a batch of many short records", async () => {
    const count = limits.batchRecordsMax.default;
    const values = Array.from({ length: count }, (_, at) => (at % 3 === 0 ? "d" : "k"));
    const transform = await openGuest(referenceFilter);
    const batch = run(transform, values);
    expect(transform.counts).toMatchObject({ calls: 1, records: count, dropped: Math.ceil(count / 3) });
    expect(batch.originOf(batch.count - 1)).toBe(values.lastIndexOf("k"));
  });
});

describe("regions that a module reserves", () => {
  const reserving = (body: string, memory = "100"): GuestParts => ({ reserve: body, memory });
  const fixed = (input: number, answer: number, output: number): string =>
    `(select (i32.const ${input}) (select (i32.const ${answer}) (i32.const ${output})
       (i32.eq (local.get $region) (i32.const 1))) (i32.eqz (local.get $region)))`;
  const free = 65_536;
  const end = 100 * 65_536;

  async function expectRefused(parts: GuestParts, code: ErrorCode, message: string): Promise<void> {
    const transform = await openGuest(parts);
    expectFailure(() => run(transform, ["a"]), code, message);
  }

  test("must not be 0, which means that there is no memory", async () => {
    await expectRefused(
      reserving("(i32.const 0)"),
      "module.trap",
      "guest has no memory for 80 bytes of input",
    );
    const onlyInput = reserving(fixed(free, 0, 0));
    await expectRefused(onlyInput, "module.trap", "bytes of answer");
  });

  test("are asked for again in the size that is needed, when twice that is not there", async () => {
    const exactly = reserving(
      `(if (i32.gt_u (local.get $bytes) (i32.const ${3 * 1024 * 1024})) (then (return (i32.const 0))))
       ${fixed(free, free + 0x300000, free + 0x310000)}`,
      "112",
    );
    const transform = await openGuest(exactly);
    const value = "v".repeat(2 * 1024 * 1024);
    expect(texts(run(transform, [value]))).toEqual([value]);
  });

  test("must be aligned, and inside of memory", async () => {
    await expectRefused(
      reserving(fixed(free + 4, 0, 0)),
      "module.answer",
      "its input region at 65540 is unaligned",
    );
    await expectRefused(reserving(fixed(end, 0, 0)), "module.answer", "outside of its memory");
    await expectRefused(reserving(fixed(end - 8, 0, 0)), "module.answer", "outside of its memory");
    await expectRefused(reserving(fixed(-8, 0, 0)), "module.answer", "its input region at 4294967288 is");
    await expectRefused(reserving(fixed(free, end - 8, 0)), "module.answer", "its answer region at");
    await expectRefused(
      reserving(fixed(free, free + 4096, end - 4096)),
      "module.answer",
      "its output region at",
    );
  });

  test("must not overlap each other or the control block", async () => {
    const overlap = "overlaps another region or its control block";
    await expectRefused(
      reserving(fixed(free, free, free + 4096)),
      "module.answer",
      `its answer region at 65536 ${overlap}`,
    );
    await expectRefused(
      reserving(fixed(free + 8192, free, free + 8)),
      "module.answer",
      `its output region at 65544 ${overlap}`,
    );
    await expectRefused(
      reserving(fixed(controlAt, free, free)),
      "module.answer",
      `its input region at 1024 ${overlap}`,
    );
    await expectRefused(
      reserving(fixed(controlAt - 8, free, free)),
      "module.answer",
      `its input region at 1016 ${overlap}`,
    );
  });

  test("may be refused by a trap", async () => {
    const transform = await openGuest(reserving("(unreachable)"));
    const error = expectFailure(() => run(transform, ["a"]), "module.trap", "guest trapped: unreachable");
    expect(error.where).toEqual({ module: "guest", export: "millrace_reserve" });
  });
});

describe("timings", () => {
  test("add up to what passed between the first and the last look at the clock", async () => {
    let ms = 0;
    const now = (): number => ms++;
    const { transforms, process } = await openChain([{ module: await guestModule(referenceMap(8)) }], {
      now,
    });
    process(Batch.of(frameOf(["b1", "b2", "b3"])));
    const { copyInMs, guestMs, gatherMs } = transforms[0]?.counts ?? { copyInMs: 0, guestMs: 0, gatherMs: 0 };
    expect(copyInMs + guestMs + gatherMs).toBe(ms - 1);
    expect([copyInMs, guestMs]).toEqual([1, 2]);
  });

  test("are 0 without a clock", async () => {
    const transform = await openGuest(referenceMap());
    run(transform, ["b"]);
    expect(transform.counts).toMatchObject({ copyInMs: 0, guestMs: 0, gatherMs: 0 });
  });
});

describe("a trap", () => {
  test("names the record that the module had in hand, and keeps the cause", async () => {
    const transform = await openGuest({
      record:
        "(if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then (unreachable))) (i32.const 1)",
    });
    const error = expectFailure(
      () => run(transform, ["a", "b", "!"]),
      "module.trap",
      "guest trapped at record 2 of its batch: unreachable",
    );
    expect(error.where).toEqual({ module: "guest", export: "millrace_map" });
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.category).toBe("run");
  });

  test("leaves the frame as it was", async () => {
    const transform = await openGuest({
      body: `(memory.fill (call $inputAt) (i32.const 1) (call $inputBytes)) (unreachable)`,
    });
    const batch = Batch.of(frameOf(["a", "b"]));
    const before = batch.frame.bytes.slice();
    expectFailure(() => transform.process(batch), "module.trap", "trapped");
    expect(batch.frame.bytes).toEqual(before);
    expect(texts(batch)).toEqual(["a", "b"]);
  });
});

test("the cursor may be nonsense and hurts nobody", async () => {
  const transform = await openGuest({ record: `${store("cursor", -1)} (unreachable)` });
  expectFailure(() => run(transform, ["a"]), "module.trap", "at record 4294967295 of its batch");
});
