import { describe, expect, test } from "vitest";
import { openChain } from "../../src/engine/index.ts";
import type { ErrorCode } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { controlAt, type GuestParts, guestModule, openGuest } from "../support/guests.ts";
import { plainRecords, texts } from "../support/records.ts";
import { referenceFilter, referenceMap } from "./reference-guests.ts";
import { expectFailure, run } from "./run.ts";

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
      "guest has no memory for 264 bytes of answer",
    );
    await expectRefused(reserving(fixed(0, free, free + 4096)), "module.trap", "80 bytes of input");
    await expectRefused(reserving(fixed(free, free + 4096, 0)), "module.trap", "bytes of output");
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
      reserving(fixed(free + 4, free + 8192, free + 16_384)),
      "module.answer",
      "its input region at 65540 is unaligned",
    );
    await expectRefused(reserving(fixed(0, end, 0)), "module.answer", "outside of its memory");
    await expectRefused(reserving(fixed(0, end - 8, 0)), "module.answer", "outside of its memory");
    await expectRefused(reserving(fixed(0, -8, 0)), "module.answer", "its answer region at 4294967288 is");
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
      `its input region at 65536 ${overlap}`,
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
