import { describe, expect, test } from "vitest";
import type { ModuleLogLine } from "../../../src/engine/index.ts";
import type { Batch } from "../../../src/record/index.ts";
import { dataAt, type FluvioGuestParts, handOver, openFluvioGuest } from "../../support/fluvio.ts";
import { texts } from "../../support/records.ts";
import { expectFailure, run } from "../run.ts";
import { aggregateOutput, output } from "./reference-codec.ts";

const numbers = (count: number): string[] => Array.from({ length: count }, (_, i) => `v${i}`);
const failedOf = (batch: Batch): (readonly [number, string])[] =>
  batch.failures.map(({ origin, code }) => [origin, code] as const);

/** True for an input whose first record begins with an exclamation mark, where each has a value of one byte and no key. */
const isMarked = "(i32.eq (i32.load8_u (i32.add (local.get $at) (i32.const 22))) (i32.const 33))";
const one = output([{ value: Uint8Array.of(120), offsetDelta: 0, key: undefined }]);
const nothing = output([]);

/** An array-map, whose records go in one by one, that makes an "x" of each, or does something else at a mark. */
const atMark = (code: string, other = one): FluvioGuestParts => ({
  transform: "array_map",
  data: other,
  body: `(if ${isMarked} (then ${code})) ${handOver(other.length)} (i32.const 1)`,
});

describe("a record for which a module hands over", () => {
  /** A filter that hands over what is outside of its memory where an input has four marks in a row, and else drops all. */
  const filter: FluvioGuestParts = {
    transform: "filter",
    data: nothing,
    body: `(local $i i32)
      (local.set $i (i32.add (local.get $at) (i32.const 16)))
      (loop $next
        (if (i32.eq (i32.load (local.get $i)) (i32.const 0x21212121)) (then ${handOver(1 << 30)} (return (i32.const 0))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $next (i32.lt_u (i32.add (local.get $i) (i32.const 4)) (i32.add (local.get $at) (local.get $length)))))
      ${handOver(nothing.length)} (i32.const 0)`,
  };

  test.each([0, 1, 499, 500, 999])("nonsense is found by halves, as the %ith of 1000", async (at) => {
    const transform = await openFluvioGuest(filter);
    const batch = run(transform, numbers(1000).with(at, "!!!!"));
    expect(failedOf(batch)).toEqual([[at, "module.answer"]]);
    expect(batch.failures[0]?.message).toMatch(/^breaks Fluvio's ABI: its output of 1073741824 bytes at/);
    expect(transform.counts).toMatchObject({ records: 1000, kept: 0, dropped: 999, failed: 1, batches: 1 });
    expect(transform.counts.calls).toBeLessThan(40);
  });

  test("nonsense costs no more than a record that traps, though all of them do it", async () => {
    const values = Array.from({ length: 200 }, () => "!!!!");
    const costs: object[] = [];
    for (const code of [handOver(1 << 30), "(unreachable)"]) {
      const body = (filter.body ?? "").replace(handOver(1 << 30), code);
      const transform = await openFluvioGuest({ ...filter, body });
      expect(run(transform, values).failures.length).toBe(200);
      const { calls, renewals, bytesIn } = transform.counts;
      costs.push({ calls, renewals, bytesIn });
    }
    expect(costs[0]).toEqual(costs[1]);
  });

  test("nonsense is failed by a new instance only, since an old one may be what does it", async () => {
    const transform = await openFluvioGuest({
      transform: "array_map",
      data: one,
      body: `(if (global.get $calls) (then (return (i32.const 1))))
        (if ${isMarked} (then (global.set $calls (i32.const 1)))) ${handOver(one.length)} (i32.const 1)`,
    });
    const batch = run(transform, ["a", "!", "b", "!", "c"]);
    expect([texts(batch), batch.failures]).toEqual([["x", "x", "x", "x", "x"], []]);
    expect(transform.counts).toMatchObject({ records: 5, expanded: 5, failed: 0, renewals: 2 });
  });

  test.each([
    ["nothing at all", "(return (i32.const 1))"],
    ["a place outside of memory", `(call $copy (i32.const -4) (i32.const 64)) (return (i32.const 1))`],
    ["half of an output", `${handOver(one.length - 3)} (return (i32.const 1))`],
    ["an output without its end", `${handOver(one.length - 1)} (return (i32.const 1))`],
  ])("%s is failed beside what is made of the others", async (_what, code) => {
    const transform = await openFluvioGuest(atMark(code));
    const batch = run(transform, ["a", "!", "b", "!", "c"]);
    expect(failedOf(batch)).toEqual([
      [1, "module.answer"],
      [3, "module.answer"],
    ]);
    expect([texts(batch), batch.buffer.used <= batch.frame.bytes.length + 3 * one.length]).toEqual([
      ["x", "x", "x"],
      true,
    ]);
    expect(transform.counts).toMatchObject({ records: 5, expanded: 3, emitted: 3, failed: 2 });
  });
});

test("what was refused takes no room behind its batch", async () => {
  const transform = await openFluvioGuest({ transform: "map", data: one.slice(0, -1) });
  const batch = run(transform, ["a", "b", "c"]);
  expect(failedOf(batch).length).toBe(3);
  expect(batch.buffer.used).toBe(batch.frame.bytes.length);
});

describe("what a module keeps", () => {
  const parts = atMark("(return (i32.const 1))");

  test("is lost with an instance that handed nonsense over, which the log says", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvioGuest(parts, { lines });
    run(transform, ["a", "!"]);
    expect(lines.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /^what it answered broke its ABI, and a new instance has taken its place, initialised;/,
      ),
    ]);
  });

  test("ends the pipeline with it where it is said to matter", async () => {
    const transform = await openFluvioGuest(parts, { stateful: true });
    const error = expectFailure(
      () => run(transform, ["a", "!"]),
      "module.answer",
      "it handed no output over",
    );
    expect(error.hint).toContain("`stateful: true` says that it matters");
  });
});

test("what an aggregate has added up does not have what it did for a record with a broken accumulator", async () => {
  const made = [{ value: Uint8Array.of(120), offsetDelta: 0, key: undefined }];
  const whole = aggregateOutput(made, Uint8Array.of(7, 7));
  // The accumulator is said to be longer than the output.
  const broken = [...output(made), 0, 0, 1, 0];
  const transform = await openFluvioGuest(
    {
      transform: "aggregate",
      data: [...whole, ...broken],
      body: `(if ${isMarked} (then ${handOver(broken.length, dataAt + whole.length)} (return (i32.const 1))))
        ${handOver(whole.length)} (i32.const 1)`,
    },
    { accumulator: Uint8Array.of(1) },
  );
  const first = run(transform, ["!"]);
  expect(failedOf(first)).toEqual([[0, "module.answer"]]);
  expect(transform.accumulator()).toEqual(Uint8Array.of(1));
  expect(texts(run(transform, ["a"]))).toEqual(["x"]);
  expect(transform.accumulator()).toEqual(Uint8Array.of(7, 7));
  expect(failedOf(run(transform, ["!"]))).toEqual([[0, "module.answer"]]);
  expect(transform.accumulator()).toEqual(Uint8Array.of(7, 7));
  expect(transform.counts).toMatchObject({ records: 3, replaced: 1, failed: 2 });
});
