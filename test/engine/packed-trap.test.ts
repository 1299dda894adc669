import { describe, expect, test } from "vitest";
import { type ModuleLogLine, openChain, type Transform } from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { type GuestParts, guestModule, openGuest, store } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { referenceMap } from "./reference-guests.ts";
import { expectFailure, run } from "./run.ts";

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

const trapsAtMark = `(if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then (unreachable)))`;
/** Traps at a record that begins with an exclamation mark. */
const marked: GuestParts = { record: `${trapsAtMark} (i32.const 1)` };
const keeping = `${store("flags", 1)} (i32.const 0)`;

interface Given {
  readonly stateful?: boolean;
  readonly lines?: ModuleLogLine[];
}

async function open(parts: GuestParts, { stateful, lines }: Given = {}): Promise<Transform> {
  const log = (line: ModuleLogLine): void => void lines?.push(line);
  const chain = await openChain([{ module: await guestModule(parts), stateful }], { log });
  return chain.transforms[0] as Transform;
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);

describe("a record that traps", () => {
  test("is failed with the text that the module left for it", async () => {
    const transform = await openGuest({
      record: `${store("errorAt", 4096)} ${store("errorBytes", 7)} (unreachable)`,
      extra: '(data (i32.const 4096) "no luck")',
    });
    expect(run(transform, ["a"]).failures).toEqual([
      { origin: 0, by: "guest", code: "module.trap", message: "trapped: no luck (unreachable)" },
    ]);
  });

  test("makes the next batch go in with care too, and the one after it, where nothing traps, in one piece", async () => {
    const transform = await open(marked);
    run(transform, numbers(1000).with(3, "!"));
    const callsOf = (values: readonly string[]): number => {
      const before = transform.counts.calls;
      expect(texts(run(transform, values))).toEqual(values);
      return transform.counts.calls - before;
    };
    expect([callsOf(numbers(1000)), callsOf(numbers(1000))]).toEqual([3, 1]);
  });

  test.each([0, 1, 499, 999])("is the %ith of 1000: what was finished is not done again", async (at) => {
    const transform = await open(marked);
    const values = numbers(1000).with(at, "!");
    const batch = run(transform, values);
    expect(texts(batch)).toEqual(values.toSpliced(at, 1));
    expect(batch.failures).toMatchObject([{ origin: at, code: "module.trap" }]);
    expect(transform.counts).toMatchObject({
      records: 1000,
      kept: 999,
      failed: 1,
      batches: 1,
      // Once in the batch, once alone.
      renewals: 2,
    });
    // What is behind it goes in with care: 256 records, 512, and what is left.
    expect(transform.counts.calls).toBeLessThanOrEqual(5);
  });

  test("and nothing but such: each costs two instances", async () => {
    const transform = await open(marked);
    const batch = run(
      transform,
      Array.from({ length: 200 }, () => "!"),
    );
    expect([batch.count, batch.failures.length]).toEqual([0, 200]);
    // The last one was alone as it was.
    expect(transform.counts).toMatchObject({ failed: 200, calls: 399, renewals: 399 });
    expect(texts(run(transform, ["a"]))).toEqual(["a"]);
  });

  test("leaves the frame as it was, whatever the module did to its copy", async () => {
    const scribbling = "(memory.fill (call $inputAt) (i32.const 1) (call $inputBytes)) (unreachable)";
    const batch = Batch.of(frameOf(["a", "!", "b"]));
    const before = batch.frame.bytes.slice();
    (
      await open({ record: `(if (i32.eq (local.get $i) (i32.const 1)) (then ${scribbling})) (i32.const 1)` })
    ).process(batch);
    expect(batch.frame.bytes).toEqual(before);
    expect(texts(batch)).toEqual(["a", "b"]);
  });

  test("only because of what an old instance has piled up is not failed", async () => {
    // Each instance does five records and no more.
    const transform = await open({
      record: `(global.set $done (i32.add (global.get $done) (i32.const 1)))
        (if (i32.gt_u (global.get $done) (i32.const 5)) (then (unreachable))) (i32.const 1)`,
      extra: "(global $done (mut i32) (i32.const 0))",
    });
    for (const values of [numbers(17), ...numbers(12).map((value) => [value]), numbers(40)]) {
      const batch = run(transform, values);
      expect([texts(batch), batch.failures]).toEqual([values, []]);
    }
  });

  test("of which the cursor tells nonsense, hurts nobody else", async () => {
    const transform = await open({ record: `${store("cursor", -1)} ${marked.record}` });
    const batch = run(transform, ["a", "!", "b", "c"]);
    expect([texts(batch), batch.failures.map(({ origin }) => origin)]).toEqual([["a", "b", "c"], [1]]);
  });

  test("runs out of fuel alone when the others have used it up", async () => {
    const module = await guestModule(marked);
    const chain = await openChain([{ module, fuelPerRecord: 2 }]);
    const batch = run(chain.transforms[0] as Transform, ["a", "b"]);
    expect(batch.failures.map(({ code, origin }) => [code, origin])).toEqual([
      ["module.fuel", 0],
      ["module.fuel", 1],
    ]);
  });
});

describe("after a trap", () => {
  test("one line of the log says that instances are replaced", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await open(marked, { lines });
    run(transform, ["!", "a", "!"]);
    run(transform, ["!"]);
    expect(lines).toEqual([
      {
        module: "guest",
        level: "warn",
        text: expect.stringContaining("a new instance has taken its place") as string,
      },
    ]);
  });

  test("a new instance is initialised with the same parameters", async () => {
    const transform = await openGuest(
      {
        record: `${trapsAtMark} (call $setValue (local.get $i) (i32.const 2048) (i32.const 1)) (i32.const 19)`,
        // The last byte of the block is that of the value.
        init: `(i32.store8 (i32.const 2048) (i32.load8_u (i32.sub (i32.add (call $inputAt) (call $inputBytes)) (i32.const 1))))
          (i32.const 0)`,
      },
      { name: "x" },
    );
    expect(texts(run(transform, ["a", "!", "b"]))).toEqual(["x", "x"]);
  });

  test("what a module keeps is lost, which ends the pipeline where it says so", async () => {
    const transform = await open({ ...marked, init: keeping });
    const error = expectFailure(
      () => run(transform, ["a", "b", "!"]),
      "module.trap",
      "guest trapped at record 2 of its batch: unreachable",
    );
    expect(error.where).toEqual({ module: "guest", export: "millrace_map" });
    expect(error.cause).toBeInstanceOf(Error);
    expect([error.category, error.hint]).toEqual([
      "run",
      expect.stringContaining("`stateful: false` on its step"),
    ]);
    expect(transform.counts.renewals).toBe(0);
  });

  test("`stateful` of the step goes before what the module says", async () => {
    expect(texts(run(await open({ ...marked, init: keeping }, { stateful: false }), ["!", "a"]))).toEqual([
      "a",
    ]);
    const kept = await open(marked, { stateful: true });
    expectFailure(() => run(kept, ["!", "a"]), "module.trap", "trapped at record 0");
  });
});

describe("a module that looks back", () => {
  /** Says how many records it was shown, and counts those that it has seen since. */
  const looking: GuestParts = {
    record: `(global.set $seen (i32.add (global.get $seen) (i32.const 1))) ${trapsAtMark}
      (i32.store8 (i32.add (i32.const 2048) (local.get $i)) (i32.add (i32.const 48) (global.get $seen)))
      (call $setValue (local.get $i) (i32.add (i32.const 2048) (local.get $i)) (i32.const 1)) (i32.const 19)`,
    extra: `(global $seen (mut i32) (i32.const 0))
      (func (export "millrace_look_back") (result i32)
        (global.set $seen (i32.add (global.get $seen)
          (i32.load (i32.add (i32.load (i32.const 1100)) (i32.const 8))))) (i32.const 0))`,
  };

  test("is shown the same records again, with a warning", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await open({ ...looking, init: keeping }, { lines });
    transform.lookBack(Batch.of(frameOf(["x", "y"])));
    transform.lookBack(Batch.of(frameOf(["z"])));
    expect(texts(run(transform, ["a", "b"]))).toEqual(["4", "5"]);
    expect(texts(run(transform, ["a", "!", "b"]))).toEqual(["6", "4"]);
    expect(lines).toMatchObject([{ level: "warn", text: expect.stringContaining("is lost") as string }]);
  });

  test("ends the pipeline when that was more than replayedLookBackBytesMax", async () => {
    const quarter = limits.replayedLookBackBytesMax.default / 4;
    // Beside the header of the frame and the span of the record.
    const frame = frameOf([{ value: new Uint8Array(quarter - 64 - 8) }]);
    expect(frame.bytes.length).toBe(quarter);
    const batch = Batch.of(frame);
    const exactly = await open(looking);
    const over = await open(looking);
    for (let i = 0; i < 4; i++) for (const transform of [exactly, over]) transform.lookBack(batch);
    expect(texts(run(exactly, ["!", "a"]))).toEqual(["5"]);
    over.lookBack(Batch.of(frameOf([""])));
    expectFailure(() => run(over, ["!", "a"]), "module.trap", "trapped at record 0");
  });
});
