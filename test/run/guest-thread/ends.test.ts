import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Logger } from "../../../src/base/index.ts";
import { partsOf } from "../../../src/engine/index.ts";
import { limits } from "../../../src/limits.ts";
import type { Processor } from "../../../src/pipeline/index.ts";
import { type Batch, FrameBuilder } from "../../../src/record/index.ts";
import type { StepToOpen } from "../../../src/run/open-steps.ts";
import { importBuilt } from "../../support/built.ts";
import { type GuestParts, guestModule, store } from "../../support/guests.ts";
import { texts } from "../../support/records.ts";

const { openProcessor } =
  await importBuilt<typeof import("../../../src/run/processor.ts")>("run/processor.ts");

/** The threads that were started, of which the last one is at work. */
const threads: Worker[] = [];
const lines: string[] = [];
const hear = (text: string): void => {
  lines.push(text);
};
const log: Logger = { debug: hear, info: hear, warn: hear };
let onThread = (): void => {};
const note = (thread: Worker): void => {
  threads.push(thread);
  onThread();
};
const opened: Processor[] = [];

beforeEach(() => {
  process.on("worker", note);
});
afterEach(async () => {
  process.off("worker", note);
  onThread = () => {};
  for (const processor of opened.splice(0)) await processor.close();
  threads.length = 0;
  lines.length = 0;
});

async function open(parts: GuestParts): Promise<Processor> {
  const module = partsOf(await guestModule(parts));
  const step: StepToOpen = {
    stage: "shape",
    name: "1-guest",
    onError: "skip",
    module: { ...module, limits: { ...module.limits, fuelPerRecord: 1e15, deadlineMs: 2000 } },
    parameters: new Map(),
    accumulator: undefined,
    lookBack: undefined,
    stateful: undefined,
    world: {},
    where: { file: "pipe.yaml", line: 3, column: 5 },
  };
  const processor = await openProcessor("thread", [step], log);
  opened.push(processor);
  return processor;
}

async function run(processor: Processor, values: readonly string[]): Promise<Batch> {
  const batch = processor.newBatch();
  const builder = new FrameBuilder(batch.buffer);
  for (const value of values) builder.add({ value });
  batch.start(builder.finish({ offset: 0 }));
  await processor.process(batch);
  return batch;
}

/** Ends the thread that is at work, as nothing in it and nobody on this side has asked for, and waits until it is gone. */
async function endThread(): Promise<void> {
  const thread = threads.at(-1) as Worker;
  const exit = once(thread, "exit");
  void thread.terminate();
  await exit;
}

test("threadEndsMax: a thread that ends by itself is replaced so often in a row, and no more often", async () => {
  const processor = await open({});
  for (let i = 0; i < limits.threadEndsMax.default; i++) await endThread();
  expect(texts(await run(processor, ["a"]))).toEqual(["a"]);
  // With a batch that is done it begins anew.
  for (let i = 0; i < limits.threadEndsMax.default; i++) await endThread();
  expect(texts(await run(processor, ["b"]))).toEqual(["b"]);
  expect(processor.steps[0]?.counts).toMatchObject({
    records: 2,
    renewals: limits.threadEndsMax.default * 2,
  });
  expect(lines[0]).toBe(
    "the thread of the modules has ended (it exited with 1), and another one has taken its place",
  );
  for (let i = 0; i <= limits.threadEndsMax.default; i++) await endThread();
  await expect(run(processor, ["c"])).rejects.toMatchObject({
    code: "module.thread",
    hint: expect.stringContaining("nothing is lost") as string,
  });
});

test("a thread that ends by itself again and again at one record has that record failed", async () => {
  const processor = await open({
    record: "(if (call $valueLength (local.get $i)) (then (loop $again (br $again)))) (i32.const 1)",
  });
  // Another thread is made ready when this one has had something in hand for half of its deadline.
  onThread = () => void threads.at(-2)?.terminate();
  const batch = await run(processor, ["", "x", ""]);
  expect(texts(batch)).toEqual(["", ""]);
  expect(batch.failures).toEqual([
    {
      origin: 1,
      by: "guest",
      code: "module.thread",
      message: "the thread of the module ended while it worked on this record: it exited with 1",
    },
  ]);
});

test("a thread that ends by itself ends the pipeline where it kept what matters", async () => {
  const processor = await open({ init: `${store("flags", 1)} (i32.const 0)` });
  await run(processor, ["a"]);
  await endThread();
  await expect(run(processor, ["b"])).rejects.toMatchObject({
    code: "module.thread",
    message:
      "the thread of the modules has ended (it exited with 1), and what guest kept in its memory is lost with it",
    where: { file: "pipe.yaml", line: 3, column: 5 },
  });
});
