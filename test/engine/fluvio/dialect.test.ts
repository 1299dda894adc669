import { describe, expect, test } from "vitest";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { fluvioGuestModule, fluvioWat, openFluvioGuest } from "../../support/fluvio.ts";
import { texts } from "../../support/records.ts";
import { run } from "../run.ts";
import { aggregateOutput, output, type WireRecord } from "./reference-codec.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const made: WireRecord = { value: bytes("v"), offsetDelta: 0 };

/** A module that hands over its value with the version that it was called with, as a letter. */
const tellVersion = `(i32.store8 (i32.const ${2048 + output([made]).length - 3})
  (i32.add (i32.const 64) (local.get $version)))`;
const whole = `(call $copy (i32.const 2048) (i32.const ${output([made]).length})) (i32.const 1)`;

describe("the version that a module is told", () => {
  test("is 22", async () => {
    const transform = await openFluvioGuest({ data: output([made]), body: `${tellVersion} ${whole}` });
    expect(texts(run(transform, ["a"]))).toEqual([String.fromCharCode(64 + 22)]);
  });

  test("is the same for init and look-back", async () => {
    const only = `(select (i32.const 0) (i32.const -1) (i32.eq (local.get $version) (i32.const 22)))`;
    const transform = await openFluvioGuest({ init: only, lookBack: only });
    expect(() => transform.lookBack(Batch.of(frameOf(["a"])))).not.toThrow();
  });

  test.each([
    ["22 for an aggregate that gives its accumulator back then", 22, 22],
    ["19 for one that does not", 19, 19],
    ["22 for one that never does", 1, 22],
  ])("is %s", async (_what, understood, told) => {
    const empty = aggregateOutput([], bytes("Mill"));
    const answered = aggregateOutput([made], bytes("sum"));
    const at = 2048 + empty.length;
    const transform = await openFluvioGuest({
      transform: "aggregate",
      data: [...empty, ...answered],
      // Without records the count at 12 is 0.
      body: `(if (i32.eqz (i32.load (i32.add (local.get $at) (i32.const 12)))) (then
          (if (i32.ne (local.get $version) (i32.const ${understood})) (then (return (i32.const -11))))
          (call $copy (i32.const 2048) (i32.const ${empty.length})) (return (i32.const 0))))
        (i32.store8 (i32.const ${at + output([made]).length - 3}) (i32.add (i32.const 64) (local.get $version)))
        (call $copy (i32.const ${at}) (i32.const ${answered.length})) (i32.const 1)`,
    });
    expect(texts(run(transform, ["a"]))).toEqual([String.fromCharCode(64 + told)]);
    expect(Buffer.from(transform.accumulator() ?? []).toString()).toBe("sum");
  });

  test("is asked for without harm: one that traps, or makes records of nothing, is told 22", async () => {
    for (const body of ["(unreachable)", whole]) {
      const transform = await openFluvioGuest({ transform: "aggregate", data: output([made]), body });
      expect(transform.accumulator()?.length).toBe(0);
    }
  });
});

describe("modules of 2021", () => {
  const twoArguments = (transform: string, body: string, data: Iterable<number>): string =>
    fluvioWat({ transform, body, data }).replace(
      `(func (export "${transform}") (param $at i32) (param $length i32) (param $version i32) (result i32)`,
      `(func (export "${transform}") (param $at i32) (param $length i32) (result i32)`,
    );

  test("take two arguments, and parameters with each input and nothing behind them", async () => {
    // 16 bytes ahead of the records, eight of the record "a", and two of the parameters' count.
    const body = `(if (i32.ne (local.get $length) (i32.const ${16 + 8 + 2})) (then (return (i32.const -11)))) ${whole}`;
    const module = await fluvioGuestModule(twoArguments("map", body, output([made])));
    const transform = await module.abi.open(module, { parameters: new Map() });
    const batch = run(transform, ["a"]);
    expect([texts(batch), batch.failures]).toEqual([["v"], []]);
  });

  test("read records alone, and tell nothing behind theirs, where they are of July", async () => {
    const two = { value: bytes("b"), offsetDelta: 1 };
    const answer = output([two]).slice(0, -1);
    // Four bytes ahead of the records, and eight for each; a count of none is what it is asked with when it is opened.
    const body = `(if (i32.eqz (i32.load (local.get $at))) (then
        (call $copy (local.get $at) (i32.const 4)) (return (i32.const 0))))
      (if (i32.ne (local.get $length) (i32.const ${4 + 8 * 3})) (then (return (i32.const -1))))
      (call $copy (i32.const 2048) (i32.const ${answer.length})) (i32.const 1)`;
    const module = await fluvioGuestModule(twoArguments("filter", body, answer));
    const transform = await module.abi.open(module, { parameters: new Map([["of", "no use"]]) });
    const batch = run(transform, ["a", "b", "c"]);
    expect([texts(batch), batch.failures]).toEqual([["b"], []]);
    const refused = run(transform, ["long"]);
    expect(refused.failures).toMatchObject([
      { code: "module.record", message: expect.stringContaining("(status -1)") },
    ]);
    // What another filter of 2021 says of no records has one byte more.
    const later = await fluvioGuestModule(twoArguments("filter", whole, output([made])));
    expect(texts(run(await later.abi.open(later, { parameters: new Map() }), ["v"]))).toEqual(["v"]);
  });

  test("have the last value for an accumulator, unless they hand one over", async () => {
    for (const [data, sum] of [
      [output([made]), "v"],
      [aggregateOutput([made], bytes("sum")), "sum"],
    ] as const) {
      const body = `(call $copy (i32.const 2048) (i32.const ${data.length})) (i32.const 1)`;
      const module = await fluvioGuestModule(twoArguments("aggregate", body, data));
      const transform = await module.abi.open(module, { parameters: new Map() });
      run(transform, ["a"]);
      expect(Buffer.from(transform.accumulator() ?? []).toString()).toBe(sum);
    }
  });
});

test("_initialize runs before init, once for each instance", async () => {
  const transform = await openFluvioGuest({
    extra: '(func (export "_initialize") (global.set $calls (i32.add (global.get $calls) (i32.const 1))))',
    init: "(i32.sub (global.get $calls) (i32.const 1))",
  });
  expect(transform.kind).toBe("map");
});
