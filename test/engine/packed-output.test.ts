import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import type { RecordInput } from "../../src/record/index.ts";
import { type GuestParts, openGuest } from "../support/guests.ts";
import { plainRecords, texts } from "../support/records.ts";
import { referenceMap } from "./reference-guests.ts";
import { run } from "./run.ts";

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
