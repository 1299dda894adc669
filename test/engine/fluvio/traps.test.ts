import { describe, expect, test, vi } from "vitest";
import type { ModuleLogLine } from "../../../src/engine/index.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { openFluvio, openFluvioGuest } from "../../support/fluvio.ts";
import { texts } from "../../support/records.ts";
import { expectFailure, run } from "../run.ts";
import { output } from "./reference-codec.ts";

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);

describe("a record that traps", () => {
  test("is failed alone, with the text of the panic where the module can say it", async () => {
    const batch = run(await openFluvio("panics-wasi"), ["a", "b", "panic", "c"]);
    expect(texts(batch)).toEqual(["a", "b", "c"]);
    expect(batch.failures).toMatchObject([{ origin: 2, by: "panics-wasi", code: "module.trap" }]);
    expect(batch.failures[0]?.message).toMatch(
      /^trapped: thread '<unnamed>'.* panicked at modules\/panics\/src\/lib.rs:7:21:\nthis record is poison \(unreachable\)$/,
    );
    const silent = run(await openFluvio("panics"), ["panic"]);
    expect(silent.failures).toMatchObject([{ origin: 0, message: "trapped: unreachable" }]);
  });

  test.each([0, 1, 499, 500, 511, 998, 999])("is found by halves, as the %ith of 1000", async (poisoned) => {
    const transform = await openFluvio("panics");
    const values = numbers(1000).with(poisoned, "panic");
    const batch = run(transform, values);
    expect(batch.failures.map(({ origin }) => origin)).toEqual([poisoned]);
    expect(texts(batch)).toEqual(values.toSpliced(poisoned, 1));
    expect(transform.counts.calls).toBeLessThan(40);
    expect(transform.counts).toMatchObject({ records: 1000, kept: 999, failed: 1, batches: 1 });
  });

  test("and others that trap or are failed beside it are each found", async () => {
    const values = numbers(64)
      .with(3, "panic")
      .with(4, "error")
      .with(5, "panic")
      .with(40, "error")
      .with(63, "panic");
    const batch = run(await openFluvio("panics"), values);
    expect(batch.failures.map(({ origin, code }) => [origin, code])).toEqual([
      [3, "module.trap"],
      [4, "module.record"],
      [5, "module.trap"],
      [40, "module.record"],
      [63, "module.trap"],
    ]);
    expect(texts(batch)).toEqual(values.filter((value) => value.startsWith("v")));
    expect(run(await openFluvio("panics"), ["panic", "panic", "panic"]).failures.length).toBe(3);
  });

  test("of an array-map is failed beside what is made of the others", async () => {
    const transform = await openFluvioGuest({ transform: "array_map", body: trapOn(33) });
    const batch = run(transform, ["a", "!", "b", "!"]);
    expect(batch.failures.map(({ origin }) => origin)).toEqual([1, 3]);
    // Each of the two once more, in a new instance.
    expect(transform.counts).toMatchObject({ dropped: 2, failed: 2, calls: 6 });
  });

  test("by what its instance has piled up is not failed for that: it goes through a new one", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioGuest(
      {
        transform: "array_map",
        extra: "(global $worked (mut i32) (i32.const 0))",
        body: `(global.set $worked (i32.add (global.get $worked) (i32.const 1)))
          (if (i32.gt_u (global.get $worked) (i32.const 3)) (then (unreachable)))
          ${trapOn(33)}`,
      },
      { lines },
    );
    const batch = run(transform, ["a", "b", "c", "d", "!", "e", "f", "g"]);
    expect(batch.failures.map(({ origin }) => origin)).toEqual([4]);
    expect(transform.counts).toMatchObject({ dropped: 7, failed: 1, renewals: 3 });
    expect(lines.length).toBeGreaterThan(0);
  });
});

/** A body that traps on an input whose first record begins with this byte, and drops all others. */
function trapOn(byte: number): string {
  return `(if (i32.eq (i32.load8_u (i32.add (local.get $at) (i32.const 22))) (i32.const ${byte})) (then (unreachable)))
    (i32.store (i32.const 2048) (i32.const 0)) (i32.store8 (i32.const 2052) (i32.const 0))
    (call $copy (i32.const 2048) (i32.const 5)) (i32.const 0)`;
}

describe("what a module keeps", () => {
  test("goes on from batch to batch, also past a failed record", async () => {
    const transform = await openFluvio("counting-map");
    expect(texts(run(transform, ["a", "b"]))).toEqual(["1 a", "2 b"]);
    expect(texts(run(transform, [{ value: Uint8Array.of(255) }, "c"]))).toEqual(["4 c"]);
  });

  test("is lost by a trap, which the log says once for each record, and not where it is said to be nothing", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvio("counting-map-wasi", { lines });
    expect(texts(run(transform, ["a", "b", "c", "panic", "d", "e"])).map((text) => text.slice(2))).toEqual([
      "a",
      "b",
      "c",
      "d",
      "e",
    ]);
    expect(lines).toMatchObject([
      { module: "counting-map-wasi", level: "warn", text: expect.stringContaining("is lost") as string },
    ]);
    lines.length = 0;
    const stateless = await openFluvio("counting-map-wasi", { lines, stateful: false });
    expect(run(stateless, ["a", "panic"]).failures.length).toBe(1);
    expect(lines).toEqual([]);
  });

  test("ends the pipeline with it where it is said to matter", async () => {
    const transform = await openFluvio("counting-map-wasi", { stateful: true });
    const error = expectFailure(
      () => run(transform, ["a", "panic"]),
      "module.trap",
      "asked to (unreachable)",
    );
    expect(error.hint).toContain("`stateful: true` says that it matters");
    expect(error.where).toEqual({ module: "counting-map-wasi", export: "map" });
  });

  test("and its look-back is repeated up to replayedLookBackBytesMax, and after that it matters again", async () => {
    const { default: bytesMax } = limits.replayedLookBackBytesMax;
    const half = "x".repeat(bytesMax / 8);
    const shown = (transform: Awaited<ReturnType<typeof openFluvio>>, times: number): void => {
      for (let i = 0; i < times; i++) transform.lookBack(Batch.of(frameOf([half])));
    };
    const parts = { transform: "filter", lookBack: "(i32.const 0)", body: trapOn(33), alloc: growingAlloc };
    const within = await openFluvioGuest(parts, { stateful: true });
    shown(within, 7);
    expect(run(within, ["!", "a"]).failures.length).toBe(1);
    const beyond = await openFluvioGuest(parts, { stateful: true });
    shown(beyond, 8);
    expectFailure(() => run(beyond, ["!", "a"]), "module.trap", "unreachable");
  });

  test("is lost with an instance that cannot be started again, which ends the pipeline", async () => {
    vi.useFakeTimers({ now: 1000 });
    try {
      // Its init takes a second of 1970, and no other.
      const transform = await openFluvioGuest({
        imports:
          '(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))',
        init: `(drop (call $clock (i32.const 0) (i64.const 0) (i32.const 64)))
          (select (i32.const 0) (i32.const -1) (i64.eq (i64.load (i32.const 64)) (i64.const 1000000000)))`,
        body: "(unreachable)",
      });
      expect(run(transform, ["a"]).failures.length).toBe(1);
      vi.setSystemTime(2000);
      expectFailure(() => run(transform, ["a"]), "module.init", "guest refused its parameters");
    } finally {
      vi.useRealTimers();
    }
  });

  test("does not make the clock of a new instance stand at another time than that of the batch", async () => {
    const module = await openFluvioGuest(
      {
        imports:
          '(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))',
        data: [...output([{ value: new TextEncoder().encode("on time"), offsetDelta: 0 }])],
        body: `(drop (call $clock (i32.const 0) (i64.const 0) (i32.const 64)))
          (if (i64.ne (i64.load (i32.const 64)) (i64.const 9000000000)) (then (return (i32.const -1))))
          (if (i32.eq (i32.load8_u (i32.add (local.get $at) (i32.const 22))) (i32.const 33)) (then (unreachable)))
          (call $copy (i32.const 2048) (i32.const 19)) (i32.const 1)`,
      },
      { deterministic: true },
    );
    const batch = run(module, [
      { value: "!", timestamp: 9000 },
      { value: "a", timestamp: 9500 },
    ]);
    expect([texts(batch), batch.failures.map(({ origin }) => origin)]).toEqual([["on time"], [0]]);
  });
});

/** Gives the same place again and again, made larger when that is needed. */
const growingAlloc = `
  (block $fits (loop $more
    (br_if $fits (i32.lt_u (i32.add (local.get $bytes) (i32.const 65536)) (i32.mul (memory.size) (i32.const 65536))))
    (br_if $more (i32.ne (memory.grow (i32.const 128)) (i32.const -1)))
    (return (i32.const 0))))
  (i32.const 65536)`;
