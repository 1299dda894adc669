import { describe, expect, test } from "vitest";
import { control } from "../../src/engine/abi/packed/layout.ts";
import { type ModuleLogLine, openChain, type Transform } from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import type { Batch } from "../../src/record/index.ts";
import { controlAt, type GuestParts, guestModule, store } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { expectFailure, run } from "./run.ts";

interface Given {
  readonly stateful?: boolean;
  readonly lines?: ModuleLogLine[];
  readonly accumulator?: Uint8Array;
}

async function open(parts: GuestParts, { stateful, lines, accumulator }: Given = {}): Promise<Transform> {
  const log = (line: ModuleLogLine): void => void lines?.push(line);
  const chain = await openChain([{ module: await guestModule(parts), stateful, accumulator }], { log });
  return chain.transforms[0] as Transform;
}

const cell = (name: keyof typeof control): string =>
  `(i32.load (i32.const ${controlAt + control[name] * 4}))`;
const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);
const failedOf = (batch: Batch): (readonly [number, string])[] =>
  batch.failures.map(({ origin, code }) => [origin, code] as const);
/** True for a record that begins with an exclamation mark. */
const isMarked = "(i32.eq (call $firstByte (local.get $i)) (i32.const 33))";
const atMark = (code: string): GuestParts => ({ record: `(if ${isMarked} (then ${code})) (i32.const 1)` });

/** Answers that break the ABI at a record that begins with an exclamation mark, and are told by it. */
const told: Readonly<Record<string, GuestParts>> = {
  "a verdict that there is not": atMark("(return (i32.const 9))"),
  "a value outside of memory": atMark(
    "(call $setValue (local.get $i) (i32.const -8) (i32.const 4)) (return (i32.const 0x13))",
  ),
};

/** Answers that say nothing of the record that they are wrong for: more records than there are, and a log that is none. */
const untold: Readonly<Record<string, GuestParts>> = {
  "more records than there are": {
    extra: "(global $bad (mut i32) (i32.const 0))",
    body: `(local $i i32)
      (global.set $bad (i32.const 0))
      (local.set $i (local.get $first))
      (loop $next
        (if ${isMarked} (then (global.set $bad (i32.const 7))))
        (i32.store8 (i32.add (call $verdictsAt) (local.get $i)) (i32.const 1))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $i) (call $count))))
      (i32.add (call $count) (global.get $bad))`,
  },
  "a log outside of memory": atMark(`${store("logAt", -8)} ${store("logBytes", 64)}`),
};

describe("a record for which a module answers", () => {
  test.each(Object.entries(told))("%s is failed at once, alone", async (_what, parts) => {
    const transform = await open(parts);
    const values = numbers(1000).with(400, "!");
    const batch = run(transform, values);
    expect(failedOf(batch)).toEqual([[400, "module.answer"]]);
    expect(batch.failures[0]?.message).toMatch(/^breaks its ABI: record 400 of the batch has (a|the) v/);
    expect(texts(batch)).toEqual(values.toSpliced(400, 1));
    expect(transform.counts).toMatchObject({ records: 1000, kept: 999, failed: 1, renewals: 2, batches: 1 });
    expect(transform.counts.calls).toBeLessThan(8);
  });

  test.each(Object.entries(untold))("%s is found by halves", async (_what, parts) => {
    for (const at of [0, 1, 499, 500, 999]) {
      const transform = await open(parts);
      const values = numbers(1000).with(at, "!");
      const batch = run(transform, values);
      expect(failedOf(batch)).toEqual([[at, "module.answer"]]);
      expect(batch.failures[0]?.message).toMatch(/^breaks the packed ABI: it/);
      expect(texts(batch)).toEqual(values.toSpliced(at, 1));
      expect(transform.counts).toMatchObject({ records: 1000, kept: 999, failed: 1 });
      expect(transform.counts.calls).toBeLessThan(40);
    }
  });

  test("nonsense is failed beside others that trap, that fail, and that do it too", async () => {
    const transform = await open({
      transform: "filter",
      record: `(if ${isMarked} (then (return (i32.const 9))))
        (if (i32.eq (call $firstByte (local.get $i)) (i32.const 63)) (then (unreachable)))
        (if (i32.eq (call $firstByte (local.get $i)) (i32.const 48)) (then (return (i32.const 5))))
        (i32.const 1)`,
    });
    const values = numbers(300).with(3, "!").with(4, "?").with(5, "0").with(6, "!").with(299, "!");
    const batch = run(transform, values);
    expect(failedOf(batch)).toEqual([
      [3, "module.answer"],
      [4, "module.trap"],
      [5, "module.record"],
      [6, "module.answer"],
      [299, "module.answer"],
    ]);
    expect(texts(batch)).toEqual(values.filter((value) => value.startsWith("v")));
    // The next batch, where nothing is wrong, is whole again.
    expect(texts(run(transform, numbers(5)))).toEqual(numbers(5));
    expect(transform.counts).toMatchObject({ records: 305, kept: 300, failed: 5 });
  });

  test("nonsense costs no more than a record that traps, though all of them do it", async () => {
    const values = Array.from({ length: 100 }, () => "!");
    const costOf = async (parts: GuestParts): Promise<Transform["counts"]> => {
      const transform = await open(parts);
      expect(run(transform, values).failures.length).toBe(100);
      return transform.counts;
    };
    const trap = await costOf(atMark("(unreachable)"));
    for (const parts of Object.values(told)) {
      const { renewals, bytesIn } = await costOf(parts);
      expect([renewals <= trap.renewals, bytesIn < trap.bytesIn]).toEqual([true, true]);
    }
    const misleading = await costOf(atMark(`${store("cursor", -1)} (unreachable)`));
    for (const parts of Object.values(untold)) {
      const { renewals, bytesIn } = await costOf(parts);
      expect([renewals < misleading.renewals, bytesIn < misleading.bytesIn]).toEqual([true, true]);
    }
  });

  test("nonsense is failed by a new instance only, since an old one may be what does it", async () => {
    // From the marked record on, the instance answers nothing but nonsense; of the mark itself it says what is right.
    const transform = await open({
      extra: "(global $spoiled (mut i32) (i32.const 0))",
      record: `(if (global.get $spoiled) (then (return (i32.const 9))))
        (if ${isMarked} (then (global.set $spoiled (i32.const 1)))) (i32.const 1)`,
    });
    const values = numbers(50).with(7, "!").with(20, "!");
    const batch = run(transform, values);
    expect([texts(batch), batch.failures]).toEqual([values, []]);
    expect(transform.counts).toMatchObject({ records: 50, kept: 50, failed: 0, renewals: 2 });
    for (const value of ["!", "a"]) expect(texts(run(transform, [value]))).toEqual([value]);
  });

  test.each(["(i32.const 99)", "(unreachable)"])(
    "nothing, and then %s, is failed, though each new instance begins with nothing",
    async (then) => {
      const transform = await open({
        extra: "(global $calls (mut i32) (i32.const 0))",
        body: `(global.set $calls (i32.add (global.get $calls) (i32.const 1)))
          (if (i32.eq (global.get $calls) (i32.const 1)) (then (return (local.get $first)))) ${then}`,
      });
      expect(failedOf(run(transform, ["a", "b"])).map(([origin]) => origin)).toEqual([0, 1]);
    },
  );
});

describe("what a module keeps", () => {
  const keeping = `${store("flags", 1)} (i32.const 0)`;

  test("is lost with an instance that answered nonsense, which ends the pipeline where it matters", async () => {
    const transform = await open({ ...atMark("(return (i32.const 9))"), init: keeping });
    const error = expectFailure(
      () => run(transform, ["a", "!"]),
      "module.answer",
      "guest breaks its ABI: record 1 of the batch has the verdict 9, which a map cannot give",
    );
    expect(error.hint).toContain("`stateful: false` on its step lets a new instance take its place");
    const lines: ModuleLogLine[] = [];
    const stateless = await open(
      { ...atMark("(return (i32.const 9))"), init: keeping },
      { stateful: false, lines },
    );
    expect(texts(run(stateless, ["a", "!", "b"]))).toEqual(["a", "b"]);
    expect(lines.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^what it answered broke its ABI, and a new instance has taken its place/),
    ]);
  });
});

describe("what an aggregate has added up", () => {
  /** Adds one for each record to the first byte of its accumulator. */
  const counting = (atMark: string): GuestParts => ({
    transform: "aggregate",
    memory: "64",
    init: `(if ${cell("accumulatorBytes")} (then (i32.store8 (i32.const 4096) (i32.load8_u ${cell("accumulatorAt")}))))
      ${store("accumulatorAt", 4096)} ${store("accumulatorBytes", 1)} (i32.const 0)`,
    record: `(if ${isMarked} (then ${atMark}))
      (i32.store8 (i32.const 4096) (i32.add (i32.load8_u (i32.const 4096)) (i32.const 1))) (i32.const 1)`,
  });

  test.each([
    ["a verdict that there is not", "(return (i32.const 9))"],
    ["an accumulator outside of memory", store("accumulatorAt", -1)],
    [
      "an accumulator that is larger than it may be",
      store("accumulatorBytes", limits.accumulatorBytesMax.default + 1),
    ],
  ])("does not have what it did for a record with %s", async (_what, code) => {
    const transform = await open(counting(code), { accumulator: Uint8Array.of(10) });
    const batch = run(transform, ["a", "b", "!", "c", "!", "d", "e"]);
    expect(failedOf(batch)).toEqual([
      [2, "module.answer"],
      [4, "module.answer"],
    ]);
    expect(texts(batch)).toEqual(["a", "b", "c", "d", "e"]);
    expect(transform.accumulator()).toEqual(Uint8Array.of(15));
    run(transform, ["f"]);
    expect(transform.accumulator()).toEqual(Uint8Array.of(16));
    expect(transform.counts).toMatchObject({ records: 8, kept: 6, failed: 2 });
  });
});

describe("an array-map", () => {
  test("costs the record that it says nonsense of, with what it made of the others", async () => {
    const column = (name: keyof typeof control, index: string, size: number): string =>
      `(i32.add ${cell(name)} (i32.mul ${index} (i32.const ${size})))`;
    const transform = await open({
      transform: "array_map",
      body: `(local $i i32) (local $e i32)
        (local.set $i (local.get $first))
        (loop $next
          (i32.store ${column("sourcesAt", "(local.get $e)", 4)} (local.get $i))
          (i32.store8 ${column("changesAt", "(local.get $e)", 1)} (select (i32.const 0) (i32.const 0x10) ${isMarked}))
          (call $setValue (local.get $e) (call $valueAt (local.get $i)) (call $valueLength (local.get $i)))
          (i32.store8 (i32.add (call $verdictsAt) (local.get $i)) (i32.const 4))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (local.set $e (i32.add (local.get $e) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (call $count))))
        (i32.store (i32.const ${controlAt + control.emitted * 4}) (local.get $e))
        (local.get $i)`,
    });
    const values = numbers(20).with(0, "!").with(5, "!").with(6, "!").with(19, "!");
    const batch = run(transform, values);
    expect(failedOf(batch).map(([origin]) => origin)).toEqual([0, 5, 6, 19]);
    expect(batch.failures[1]?.message).toBe(
      "breaks its ABI: record 5 of the batch has an emitted record without a value",
    );
    expect(texts(batch)).toEqual(values.filter((value) => value !== "!"));
    expect(transform.counts).toMatchObject({ records: 20, expanded: 16, emitted: 16, failed: 4 });
  });
});
