import { afterEach, describe, expect, test } from "vitest";
import type { Logger } from "../../src/base/index.ts";
import { control } from "../../src/engine/abi/packed/layout.ts";
import { type GuestLimits, loadModule, partsOf } from "../../src/engine/index.ts";
import type { Processor } from "../../src/pipeline/index.ts";
import { type Batch, FrameBuilder, word } from "../../src/record/index.ts";
import type { StepToOpen } from "../../src/run/open-steps.ts";
import { importBuilt } from "../support/built.ts";
import { controlAt, type GuestParts, guestWat, store } from "../support/guests.ts";
import { texts } from "../support/records.ts";
import { compileWat } from "../support/wat.ts";

const { openProcessor } = await importBuilt<typeof import("../../src/run/processor.ts")>("run/processor.ts");

/** Long enough for a busy machine to do anything else in, since no innocent record may be taken for one that spins. */
const deadlineMs = 500;

const lines: string[] = [];
const log: Logger = {
  debug: (text) => lines.push(`debug ${text}`),
  info: (text) => lines.push(`info ${text}`),
  warn: (text) => lines.push(`warn ${text}`),
};

const opened: Processor[] = [];
afterEach(async () => {
  for (const processor of opened.splice(0)) await processor.close();
  lines.length = 0;
});

/** Nothing but the clock can stop it. */
const trusted = { fuel: false, deadlineMs } as const;

async function stepOf(
  parts: GuestParts,
  changes: Partial<StepToOpen> = {},
  limits: Partial<GuestLimits> = trusted,
): Promise<StepToOpen> {
  const name = changes.name ?? "1-guest";
  const module = await loadModule(await compileWat(guestWat(parts)), `${name}.wasm`, limits);
  const modules = partsOf(module);
  return {
    stage: "shape",
    name,
    onError: "skip",
    module: modules,
    parameters: new Map(),
    accumulator: undefined,
    lookBack: undefined,
    stateful: undefined,
    world: {},
    where: { file: "pipe.yaml", line: 3, column: 5 },
    ...changes,
  };
}

async function open(steps: readonly StepToOpen[]): Promise<Processor> {
  const processor = await openProcessor("thread", steps, log);
  opened.push(processor);
  return processor;
}

function fill(batch: Batch, values: readonly string[]): Batch {
  batch.release();
  const builder = new FrameBuilder(batch.buffer);
  for (const value of values) builder.add({ value });
  return batch.start(builder.finish({ offset: 0 }));
}

async function run(processor: Processor, values: readonly string[]): Promise<Batch> {
  const batch = fill(processor.newBatch(), values);
  await processor.process(batch);
  return batch;
}

const cell = (name: keyof typeof control): string =>
  `(i32.load (i32.const ${controlAt + control[name] * 4}))`;
const forever = "(loop $again (br $again))";
const isFirstByte = (letter: string): string =>
  `(i32.eq (call $firstByte (local.get $i)) (i32.const ${letter.charCodeAt(0)}))`;
/** Never returns from a record that begins with this letter, and drops those that begin with d. */
const spinsAt = (letter: string): GuestParts => ({
  transform: "filter_map",
  record: `(if ${isFirstByte(letter)} (then ${forever})) (select (i32.const 2) (i32.const 1) ${isFirstByte("d")})`,
});
/** Gives back what it has kept: how many records it has seen, as one byte of ten. */
const counter = (extra = ""): GuestParts => ({
  record: `(local $at i32)
    (if ${isFirstByte("s")} (then ${forever}))
    (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
    (local.set $at (call $take (i32.const 1)))
    (i32.store8 (local.get $at) (i32.add (i32.const 48) (global.get $seen)))
    (call $setValue (local.get $i) (local.get $at) (i32.const 1))
    (i32.const 0x13)`,
  extra: `(global $seen (mut i32) (i32.const 0)) ${extra}`,
});
const overdue = (origin: number, by = "1-guest.wasm"): object => ({
  origin,
  by,
  code: "module.deadline",
  message: `took longer than ${deadlineMs} ms; \`deadline\` under \`limits:\` says how long it may take`,
});

describe("a record that a module never returns from", () => {
  test("is failed, and all the others of all batches under way come out once and in order", async () => {
    const processor = await open([await stepOf(spinsAt("s"))]);
    const batches = ["a", "b", "c"].map((name, index) =>
      fill(processor.newBatch(), [`${name}0`, index === 1 ? "s" : `${name}1`, "d", `${name}3`]),
    );
    const order: number[] = [];
    await Promise.all(
      batches.map(async (batch, index) => {
        const { failedBySteps } = await processor.process(batch);
        expect(failedBySteps).toEqual([index === 1 ? 1 : 0]);
        order.push(index);
      }),
    );
    expect(order).toEqual([0, 1, 2]);
    expect(batches.map(texts)).toEqual([
      ["a0", "a1", "a3"],
      ["b0", "b3"],
      ["c0", "c1", "c3"],
    ]);
    expect(batches.map(({ failures }) => failures)).toEqual([[], [overdue(1)], []]);
    // As if there had been one thread: what was done twice is counted once.
    const { counts } = processor.steps[0] ?? {};
    expect(counts).toMatchObject({ batches: 3, records: 12, kept: 8, dropped: 3, failed: 1, renewals: 2 });
    expect(lines).toEqual([
      `warn 1-guest.wasm took longer than its deadline of ${deadlineMs} ms for a batch; its thread was ended, and the ` +
        "records go in again one by one",
    ]);
    expect(texts(await run(processor, ["x", "y"]))).toEqual(["x", "y"]);
  });

  test("is found among records that earlier steps have made, and more of them in other steps", async () => {
    // Makes of each record itself and "s" for those that begin with e, "k" for others.
    const twice: GuestParts = {
      transform: "array_map",
      body: `(local $i i32) (local $n i32) (local $at i32)
        (global.set $taken (i32.const 0))
        (local.set $i (local.get $first))
        (block $done (loop $next
          (br_if $done (i32.ge_u (local.get $i) (call $count)))
          (call $emit (local.get $i) (local.get $n) (call $valueAt (local.get $i)) (call $valueLength (local.get $i)))
          (local.set $at (call $take (i32.const 1)))
          (i32.store8 (local.get $at) (select (i32.const 115) (i32.const 107) ${isFirstByte("e")}))
          (call $emit (local.get $i) (i32.add (local.get $n) (i32.const 1)) (local.get $at) (i32.const 1))
          (local.set $n (i32.add (local.get $n) (i32.const 2)))
          (i32.store8 (i32.add (call $verdictsAt) (local.get $i)) (i32.const 4))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br $next)))
        (i32.store (i32.const ${controlAt + control.emitted * 4}) (local.get $n))
        (local.get $i)`,
      extra: `(func $emit (param $i i32) (param $n i32) (param $at i32) (param $length i32)
        (i32.store (i32.add ${cell("sourcesAt")} (i32.mul (local.get $n) (i32.const 4)))
          (local.get $i))
        (i32.store8 (i32.add ${cell("changesAt")} (local.get $n)) (i32.const 0x10))
        (call $setValue (local.get $n) (local.get $at) (local.get $length)))`,
    };
    const processor = await open([
      await stepOf(twice, { name: "1-twice" }),
      await stepOf(spinsAt("s"), { name: "2-spins" }),
      await stepOf(spinsAt("z"), { name: "3-spins" }),
    ]);
    const batch = await run(processor, ["a", "e", "z", "b"]);
    expect(texts(batch)).toEqual(["a", "k", "e", "k", "b", "k"]);
    expect(batch.failures).toEqual([overdue(1, "2-spins.wasm"), overdue(2, "3-spins.wasm")]);
  });
});

describe("batches that go in again", () => {
  test("are what they were, though the columns they came in were being written to", async () => {
    const later = (letter: string, then: string): string =>
      `(if (i32.and ${isFirstByte(letter)} (i32.ge_u (global.get $seen) (i32.const 3))) (then ${then}))`;
    const extra = "(global $seen (mut i32) (i32.const 0))";
    const sees = "(global.set $seen (i32.add (global.get $seen) (i32.const 1)))";
    const drops: GuestParts = {
      transform: "filter",
      record: `${later("a", "(return (i32.const 2))")} ${sees} (select (i32.const 2) (i32.const 1) ${isFirstByte("d")})`,
      extra,
    };
    const spins: GuestParts = { record: `${later("s", forever)} ${sees} (i32.const 1)`, extra };
    const processor = await open([await stepOf(drops), await stepOf(spins)]);
    const batch = await run(processor, ["d", "a", "s", "b"]);
    expect(texts(batch)).toEqual(["a", "s", "b"]);
    // The first step drops another record now, into the columns that have these three, and then the thread is ended.
    await processor.process(batch);
    expect(texts(batch)).toEqual(["a", "s", "b"]);
    expect([batch.failures, lines.length]).toEqual([[], 1]);
  });

  const slowMs = 1000;
  test("lose no record where it is only all of them together that take too long, and the log says so once", async () => {
    // Each of them waits for a third of the deadline, by the clock, so that a busy machine does not make it much more.
    const slow: GuestParts = {
      imports: `(import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))`,
      extra: `(func $now (result i64)
        (drop (call $clock (i32.const 1) (i64.const 1) (i32.const 4096))) (i64.load (i32.const 4096)))`,
      record: `(local $end i64)
        (if ${isFirstByte("w")} (then
          (local.set $end (i64.add (call $now) (i64.const ${slowMs * 300_000})))
          (loop $again (br_if $again (i64.lt_u (call $now) (local.get $end))))))
        (i32.const 1)`,
    };
    const processor = await open([await stepOf(slow, {}, { fuel: false, deadlineMs: slowMs })]);
    const four = ["w0", "w1", "w2", "w3"];
    expect(texts(await run(processor, four))).toEqual(four);
    expect(texts(await run(processor, four))).toEqual(four);
    // The second one went in record by record from the start.
    expect(processor.steps[0]?.counts).toMatchObject({ records: 8, kept: 8, failed: 0, renewals: 1 });
    expect(lines).toEqual([
      expect.stringContaining("its thread was ended") as string,
      expect.stringContaining("batches take the modules longer than their deadline") as string,
    ]);
    const { calls: before } = processor.steps[0]?.counts ?? { calls: 0 };
    await run(processor, ["a", "b", "c"]);
    await run(processor, ["a", "b", "c"]);
    expect((processor.steps[0]?.counts.calls ?? 0) - before).toBe(3 + 1);
  });
});

describe("what modules keep, when their thread is ended", () => {
  /** Looks back at earlier records by counting them. */
  const looksBack = `(func (export "millrace_look_back") (result i32)
    (global.set $seen (i32.add (global.get $seen)
      (i32.load (i32.add ${cell("lookBackAt")} (i32.const ${word.recordCount * 4})))))
    (i32.const 0))`;
  const stateful = `${store("flags", 1)} (i32.const 0)`;

  test("is shown again where it comes from earlier records, and the log says what else is lost", async () => {
    const processor = await open([await stepOf({ ...counter(looksBack), init: stateful })]);
    for (const values of [["x"], ["y", "z"]]) await processor.lookBack(0, fill(processor.newBatch(), values));
    expect(texts(await run(processor, ["a", "b"]))).toEqual(["4", "5"]);
    expect(texts(await run(processor, ["a", "s", "b"]))).toEqual(["4", "5"]);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/^warn 1-guest.wasm: a new instance .* what else it kept in its memory is lost$/),
    ]);
    expect(texts(await run(processor, ["c"]))).toEqual(["6"]);
  });

  test("ends the pipeline where there is no way to get it back", async () => {
    const processor = await open([await stepOf(counter()), await stepOf({ ...counter(), init: stateful })]);
    expect(texts(await run(processor, ["a", "b"]))).toEqual(["1", "2"]);
    const calls = [run(processor, ["s"]), run(processor, ["c"])];
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({
        code: "module.deadline",
        message:
          `1-guest.wasm took longer than its deadline of ${deadlineMs} ms; its thread was ended, and what 1-guest.wasm kept ` +
          "in its memory is lost with it",
        where: { file: "pipe.yaml", line: 3, column: 5 },
        hint: expect.stringContaining("`stateful: false` on its step") as string,
      });
    }
    await expect(run(processor, ["d"])).rejects.toMatchObject({ code: "module.deadline" });
  });

  test("is nothing before the first batch has come back, and so nothing is lost then", async () => {
    const processor = await open([await stepOf({ ...counter(), init: stateful })]);
    expect(texts(await run(processor, ["a", "s", "b"]))).toEqual(["1", "2"]);
    expect(texts(await run(processor, ["c"]))).toEqual(["3"]);
  });

  test("is in the accumulators of the last batch that came back", async () => {
    // Adds up how many records there were, in one byte.
    const adds: GuestParts = {
      ...counter(),
      transform: "aggregate",
      init: `(global.set $seen (if (result i32) ${cell("accumulatorBytes")}
        (then (i32.load8_u ${cell("accumulatorAt")})) (else (i32.const 0)))) (i32.const 0)`,
    };
    const record = `${adds.record ?? ""}
      (i32.store8 (i32.const 4096) (global.get $seen))
      (i32.store (i32.const ${controlAt + control.accumulatorAt * 4}) (i32.const 4096))
      (i32.store (i32.const ${controlAt + control.accumulatorBytes * 4}) (i32.const 1))`;
    // The verdict comes last.
    const ordered = record.replace("(i32.const 0x13)", "").concat(" (i32.const 0x13)");
    const step = await stepOf({ ...adds, record: ordered });
    const processor = await open([{ ...step, accumulator: new Uint8Array([2]) }]);
    expect(texts(await run(processor, ["a", "b"]))).toEqual(["3", "4"]);
    const batch = fill(processor.newBatch(), ["c", "s", "d"]);
    const { accumulators } = await processor.process(batch);
    expect(texts(batch)).toEqual(["5", "6"]);
    expect(accumulators).toEqual([{ step: "1-guest", bytes: new Uint8Array([6]) }]);
  });
});

describe("a module that takes too long for no record", () => {
  const late = (doing: string): object => ({
    code: "module.deadline",
    message: `1-guest.wasm took longer than ${deadlineMs} ms ${doing}, and its thread was ended`,
    where: { file: "pipe.yaml", line: 3, column: 5 },
  });

  test.each<[string, GuestParts]>([
    ["init", { init: `${forever} (i32.const 0)` }],
    ["its start function", { extra: `(func $s ${forever}) (start $s)` }],
  ])("is not opened when it is in %s", async (_where, parts) => {
    const fine = await stepOf({});
    const spins = await stepOf(parts);
    await expect(open([fine, spins])).rejects.toMatchObject(late("to get ready"));
  });

  test("ends the pipeline when it is where it reserves memory, of which no record is the cause", async () => {
    const processor = await open([await stepOf({ reserve: `${forever} (i32.const 0)` })]);
    await expect(run(processor, ["a"])).rejects.toMatchObject(late("for a call that is for no record"));
  });

  test("ends the pipeline when it is where it looks back", async () => {
    const extra = `(func (export "millrace_look_back") (result i32) ${forever} (i32.const 0))`;
    const processor = await open([await stepOf({ extra })]);
    const shown = processor.lookBack(0, fill(processor.newBatch(), ["a"]));
    await expect(shown).rejects.toMatchObject(late("for a call that is for no record"));
  });
});
