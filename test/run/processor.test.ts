import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Logger } from "../../src/base/index.ts";
import type { Isolation } from "../../src/config/index.ts";
import { type Module, partsOf } from "../../src/engine/index.ts";
import { limits } from "../../src/limits.ts";
import type { Processor } from "../../src/pipeline/index.ts";
import { type Batch, FrameBuilder, frameOfLines, linesAt, type RecordInput } from "../../src/record/index.ts";
import type { StepToOpen } from "../../src/run/open-steps.ts";
import { referenceFilter, referenceMap } from "../engine/reference-guests.ts";
import { importBuilt } from "../support/built.ts";
import { guestModule, store } from "../support/guests.ts";
import { anyRecords, plainRecords, texts } from "../support/records.ts";

const { openProcessor } = await importBuilt<typeof import("../../src/run/processor.ts")>("run/processor.ts");

const lines: string[] = [];
const log: Logger = {
  debug: (text) => lines.push(`debug ${text}`),
  info: (text) => lines.push(`info ${text}`),
  warn: (text) => lines.push(`warn ${text}`),
};

let opened: Processor[] = [];
afterEach(async () => {
  for (const processor of opened) await processor.close();
  opened = [];
  lines.length = 0;
});

function stepOf(module: Module, changes: Partial<StepToOpen> = {}): StepToOpen {
  const parts = partsOf(module);
  return {
    stage: "shape",
    name: "1-guest",
    onError: "skip",
    module: parts,
    parameters: new Map(),
    accumulator: undefined,
    lookBack: undefined,
    stateful: undefined,
    world: {},
    where: { file: "pipe.yaml", line: 3, column: 5 },
    ...changes,
  };
}

async function open(isolation: Isolation, steps: readonly StepToOpen[]): Promise<Processor> {
  const processor = await openProcessor(isolation, steps, log);
  opened.push(processor);
  return processor;
}

function fill(batch: Batch, records: readonly (RecordInput | string)[]): Batch {
  batch.release();
  const builder = new FrameBuilder(batch.buffer);
  for (const record of records) builder.add(typeof record === "string" ? { value: record } : record);
  return batch.start(builder.finish({ offset: 100 }));
}

/** A filter and a map, with the letters of which the first bytes of values say what happens. */
let pair: readonly StepToOpen[];
beforeAll(async () => {
  pair = [
    stepOf(await guestModule(referenceFilter), { stage: "filter", name: "1-filter" }),
    stepOf(await guestModule(referenceMap()), { name: "2-map" }),
  ];
});

const letters = fc.constantFrom(..."dpbnwyxcthHr!k");

describe.each(["inline", "thread"] as const)("a processor whose isolation is %s", (isolation) => {
  test("tells its steps, and nothing done yet", async () => {
    const { steps } = await open(isolation, pair);
    expect(
      steps.map(({ stage, name, onError, module, looksBack }) => [stage, name, onError, module, looksBack]),
    ).toEqual([
      ["filter", "1-filter", "skip", "guest", false],
      ["shape", "2-map", "skip", "guest", false],
    ]);
    expect(steps.every(({ counts }) => counts.records === 0)).toBe(true);
  });

  test("counts what each step did, and which of the failures are its own", async () => {
    const processor = await open(isolation, pair);
    const batch = fill(processor.newBatch(), ["a", "d", "!1", "b", "p"]);
    const { failedBySteps, accumulators } = await processor.process(batch);
    expect([failedBySteps, accumulators]).toEqual([[1, 0], []]);
    expect(batch.failures).toEqual([
      { origin: 2, by: "guest", code: "module.record", message: expect.stringContaining("!1") },
    ]);
    expect(texts(batch)).toEqual(["a", "[b]", ""]);
    expect(Array.from(batch, ({ offset }) => offset)).toEqual([100, 103, 104]);
    const [first, second] = processor.steps.map(({ counts }) => counts);
    expect(first).toMatchObject({ records: 5, kept: 3, dropped: 1, failed: 1 });
    expect(second).toMatchObject({ records: 3, kept: 1, replaced: 2, failed: 0 });
    expect(first?.guestMs).toBeGreaterThan(0);
  });

  test("stops behind a step that failed a record under `fail`", async () => {
    const [filter, map] = pair as [StepToOpen, StepToOpen];
    const processor = await open(isolation, [{ ...filter, onError: "fail" }, map]);
    const { failedBySteps } = await processor.process(fill(processor.newBatch(), ["!1", "b"]));
    expect(failedBySteps).toEqual([1]);
    expect(processor.steps[1]?.counts.records).toBe(0);
  });

  test("settles batches in the order of the calls, with as many under way as there are", async () => {
    const processor = await open(isolation, pair);
    const batches = Array.from({ length: limits.framesInFlightMax.default }, () => processor.newBatch());
    const settled: number[] = [];
    for (let round = 0; round < 5; round++) {
      settled.length = 0;
      const calls = batches.map((batch, index) =>
        processor.process(fill(batch, [`b${round}`, "d", `k${index}`])).then(() => settled.push(index)),
      );
      await Promise.all(calls);
      expect(settled).toEqual(batches.map((_, index) => index));
      batches.forEach((batch, index) => {
        expect(texts(batch)).toEqual([`[b${round}]`, `k${index}`]);
      });
    }
  });

  test("grows a batch's memory on either side", async () => {
    const processor = await open(isolation, pair);
    const batch = processor.newBatch();
    const capacity = batch.buffer.bytes.length;
    const large = "b".repeat(Math.ceil(capacity * 0.6));
    // What the map makes of it does not fit behind it.
    await processor.process(fill(batch, [large, "k"]));
    expect(texts(batch)).toEqual([`[${large}]`, "k"]);
    expect(batch.buffer.bytes.length).toBeGreaterThan(capacity);
    // The frame alone is larger than what the memory has become.
    const larger = "b".repeat(batch.buffer.bytes.length);
    await processor.process(fill(batch, [larger]));
    expect(texts(batch)).toEqual([`[${larger}]`]);
    await processor.process(fill(batch, ["b"]));
    expect(texts(batch)).toEqual(["[b]"]);
  });

  test("keeps what is known of line feeds", async () => {
    const processor = await open(isolation, pair);
    const batch = processor.newBatch();
    const write = (text: string): Batch => {
      batch.release();
      batch.buffer.reserve(linesAt + text.length);
      batch.buffer.bytes.set(Buffer.from(text), linesAt);
      return batch.start(frameOfLines(batch.buffer, linesAt + text.length).frame);
    };
    await processor.process(write("a\nd\nk\n"));
    expect([batch.singleLine, batch.singleLineEnd > 0, texts(batch)]).toEqual([true, true, ["a", "k"]]);
    await processor.process(write("a\nb\n"));
    expect([batch.singleLine, batch.singleLineEnd > 0]).toEqual([false, true]);
  });

  const trapping = "(if (call $valueLength (local.get $i)) (then (unreachable))) (i32.const 1)";

  test("fails a record that traps, which the log says once, and goes on", async () => {
    const processor = await open(isolation, [stepOf(await guestModule({ record: trapping }))]);
    for (const values of [
      ["", "a", ""],
      ["", "", "a"],
    ]) {
      const batch = fill(processor.newBatch(), values);
      await processor.process(batch);
      expect(texts(batch)).toEqual(["", ""]);
      const origin = values.indexOf("a");
      expect(batch.failures).toEqual([
        { origin, by: "guest", code: "module.trap", message: "trapped: unreachable" },
      ]);
    }
    // Of each batch the record went in once more, alone, before it was failed.
    expect(processor.steps[0]?.counts).toMatchObject({ renewals: 4, failed: 2, kept: 4 });
    expect(lines.filter((line) => line.startsWith("warn"))).toEqual([
      expect.stringContaining("guest: it trapped, and a new instance has taken its place"),
    ]);
  });

  test("ends with the trap of a module that keeps something, which says where, and does nothing more", async () => {
    const trap = { record: trapping, init: `${store("flags", 1)} (i32.const 0)` };
    const processor = await open(isolation, [stepOf(await guestModule(trap))]);
    await processor.process(fill(processor.newBatch(), [""]));
    const call = processor.process(fill(processor.newBatch(), ["", "a"]));
    await expect(call).rejects.toMatchObject({
      code: "module.trap",
      message: "guest trapped at record 1 of its batch: unreachable",
      where: { module: "guest", export: "millrace_map" },
      hint: expect.stringContaining("`stateful: false` on its step"),
      cause: expect.objectContaining({ stack: expect.stringContaining("wasm") }),
    });
  });

  test("does not open with parameters that a module refuses, and says which step it is", async () => {
    const refusing = {
      init: `${store("errorAt", 2048)} ${store("errorBytes", 4)} (i32.const 1)`,
      data: "no!!",
    };
    const step = stepOf(await guestModule(refusing));
    await expect(openProcessor(isolation, [step], log)).rejects.toMatchObject({
      code: "module.init",
      message: "guest refused its parameters: no!!",
      where: { file: "pipe.yaml", line: 3, column: 5 },
    });
  });

  test("hands on what modules log", async () => {
    // One line, "hey", at level warn.
    const logging = {
      data: "\\01\\00\\00\\00\\03\\00\\00\\00hey\\00",
      record: `${store("logAt", 2048)} ${store("logBytes", 12)} (i32.const 1)`,
    };
    const processor = await open(isolation, [stepOf(await guestModule(logging))]);
    await processor.process(fill(processor.newBatch(), ["a"]));
    expect(lines).toEqual(["warn guest: hey"]);
  });
});

test("a thread makes of any records what the thread of the pipeline makes of them", async () => {
  const inline = await open("inline", pair);
  const thread = await open("thread", pair);
  const [here, there] = [inline.newBatch(), thread.newBatch()];
  await fc.assert(
    fc.asyncProperty(
      anyRecords,
      fc.array(letters, { minLength: 30, maxLength: 30 }),
      async (records, first) => {
        const marked = records.map((record, i) => ({
          ...record,
          value: Buffer.concat([Buffer.from(first[i] as string), record.value]),
        }));
        const own = await inline.process(fill(here, marked));
        const other = await thread.process(fill(there, marked));
        expect(other).toEqual(own);
        expect(plainRecords(there)).toEqual(plainRecords(here));
        expect(there.failures).toEqual(here.failures);
      },
    ),
  );
});

test("a thread that has ended is told of, by what waits and by what comes", async () => {
  const processor = await open("thread", pair);
  const batch = processor.newBatch();
  const call = processor.process(fill(batch, ["a"]));
  const outcome = expect(call).rejects.toMatchObject({ code: "module.thread" });
  await processor.close();
  await outcome;
  await expect(processor.process(batch)).rejects.toMatchObject({ code: "module.thread" });
});
