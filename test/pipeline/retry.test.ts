import { describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import {
  createInlineProcessor,
  type FailedRecord,
  Pipeline,
  type PipelineParts,
  type RetryPolicy,
  type Sink,
} from "../../src/pipeline/index.ts";
import type { RecordFailure } from "../../src/record/index.ts";
import { createMemoryStore } from "../../src/topic/index.ts";
import { type Journal, ScriptedSource, scriptedTransform } from "./scripted.ts";

const never = new AbortController().signal;
const retry: RetryPolicy = { attempts: 4, backoffMs: 100, backoffMsMax: 250, lastResort: "fail" };

/** A sink that refuses a value as often as is said in its name: `r2 a` twice. */
class HealingSink implements Sink {
  readonly writes: string[][] = [];
  readonly taken: string[] = [];
  readonly journal: Journal;
  readonly #refusals = new Map<string, number>();

  constructor(journal: Journal = []) {
    this.journal = journal;
  }

  async open(): Promise<void> {}

  async write(batch: Parameters<Sink["write"]>[0]): Promise<readonly RecordFailure[]> {
    const refused: RecordFailure[] = [];
    this.writes.push(Array.from(batch, ({ text }) => text));
    for (let i = 0; i < batch.count; i++) {
      const { text } = batch.at(i);
      const left = this.#refusals.get(text) ?? Number(/^r(\d+)/.exec(text)?.[1] ?? 0);
      this.#refusals.set(text, left - 1);
      if (left <= 0) this.taken.push(text);
      else
        refused.push({ origin: batch.originOf(i), by: "s", code: "record.line-feed", message: `no ${text}` });
    }
    return refused;
  }

  async flush(): Promise<void> {
    this.journal.push("flush");
  }

  async close(): Promise<void> {}
}

/** A clock that notes delays and waits for none of them. */
function hurried(delays: number[]): Clock {
  return {
    now: () => 0,
    sleep: (ms, signal) => {
      // Delays of a flush end with the arrival of the next batch.
      if (ms === limits.flushDelayMsMax.default) return systemClock.sleep(ms, signal);
      delays.push(ms);
      return Promise.resolve();
    },
  };
}

function partsOf(
  source: ScriptedSource,
  sink: Sink,
  policy: RetryPolicy,
  clock: Clock,
  skipped: FailedRecord[] = [],
): PipelineParts {
  return {
    source: { name: "scripted-source", port: source },
    processor: createInlineProcessor([
      { stage: "filter", name: "1-scripted", transform: scriptedTransform(), onError: "fail" },
    ]),
    sink: { name: "scripted-sink", port: sink, onError: policy },
    onError: "fail",
    clock,
    onSkip: (record) => skipped.push(record),
    random: () => 0.999_999,
  };
}

describe("records that the sink refuses under `retry`", () => {
  test("are handed over again, they alone and before the next batch, with delays that grow", async () => {
    const delays: number[] = [];
    const sink = new HealingSink();
    const source = new ScriptedSource(
      [],
      [{ values: ["a", "r1 b", "drop", "r3 c", "d"] }, { values: ["e"] }],
    );
    const pipeline = new Pipeline(partsOf(source, sink, retry, hurried(delays)));
    await pipeline.run(undefined, never);
    expect(sink.writes).toEqual([["a", "r1 b", "r3 c", "d"], ["r1 b", "r3 c"], ["r3 c"], ["r3 c"], ["e"]]);
    expect(delays).toEqual([100, 200, 250]);
    expect(pipeline.counts).toMatchObject({ read: 6, delivered: 5, filtered: 1, skipped: 0, inFlight: 0 });
    expect(pipeline.stages.at(-1)).toMatchObject({ in: 5, out: 5, failed: 0, retried: 4 });
  });

  test("end the run after the last attempt, and it says how many there were", async () => {
    const sink = new HealingSink();
    const source = new ScriptedSource([], [{ values: ["a"] }, { values: ["b", "r9 c"] }]);
    const pipeline = new Pipeline(partsOf(source, sink, retry, hurried([])));
    await expect(pipeline.run(undefined, never)).rejects.toMatchObject({
      code: "record.line-feed",
      message: "sink scripted-sink failed a record in 4 attempts: no r9 c",
      where: { topic: "scripted", offset: 101 },
    });
    expect(sink.writes).toHaveLength(1 + retry.attempts);
    expect(pipeline.counts).toMatchObject({ read: 3, delivered: 1, inFlight: 2 });
  });

  test("are skipped or kept as dead letters after the last attempt", async () => {
    const skipped: FailedRecord[] = [];
    const values = ["r9 a", "r3 b", "r9 c"];
    const parts = partsOf(
      new ScriptedSource([], [{ values }]),
      new HealingSink(),
      { ...retry, lastResort: "skip" },
      hurried([]),
      skipped,
    );
    const skipping = new Pipeline(parts);
    await skipping.run(undefined, never);
    expect(skipping.counts).toMatchObject({ read: 3, delivered: 1, skipped: 2, inFlight: 0 });
    expect(skipped.map(({ message }) => message)).toEqual(["no r9 a", "no r9 c"]);

    const topic = await createMemoryStore().open("letters", { create: true });
    const source = new ScriptedSource([], [{ values }]);
    const lettering = new Pipeline({
      ...partsOf(source, new HealingSink(), { ...retry, lastResort: "dead-letter" }, hurried([])),
      deadLetters: { topic, pipeline: "p" },
    });
    await lettering.run(undefined, never);
    expect(lettering.counts).toMatchObject({ read: 3, delivered: 1, deadLettered: 2, inFlight: 0 });
    expect(lettering.stages.at(-1)).toMatchObject({ failed: 2, deadLettered: 2 });
    expect(topic.bounds().next).toBe(2);
  });

  test("are given up at once when the pipeline stops: nothing of the batch is acknowledged or settled", async () => {
    const journal: Journal = [];
    const stop = new AbortController();
    const sink = new HealingSink(journal);
    const source = new ScriptedSource(
      journal,
      [{ values: ["a"] }, { values: ["b", "r9 c"] }, { values: ["d"] }],
      "wait",
    );
    const delays: number[] = [];
    const clock: Clock = {
      now: () => 0,
      // A delay that nothing but the stop ends.
      sleep: (ms, signal) => {
        if (ms === limits.flushDelayMsMax.default) return systemClock.sleep(ms, signal);
        delays.push(ms);
        // What came before is delivered by now, however long the waiting takes.
        journal.push("wait");
        queueMicrotask(() => stop.abort());
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      },
    };
    const pipeline = new Pipeline(partsOf(source, sink, { ...retry, lastResort: "skip" }, clock));
    await pipeline.run(undefined, stop.signal);
    expect(delays).toHaveLength(1);
    expect(sink.writes.slice(0, 2)).toEqual([["a"], ["b", "r9 c"]]);
    expect(sink.writes).toHaveLength(2);
    expect(journal.filter((entry) => /^ack|wait/.test(entry))).toEqual(["ack 0", "wait"]);
    const { read, delivered, skipped, inFlight } = pipeline.counts;
    expect({ delivered, skipped, inFlight: inFlight === read - 1 }).toEqual({
      delivered: 1,
      skipped: 0,
      inFlight: true,
    });
  });

  test("that were never given to the sink are a mistake of the sink", async () => {
    const sink = new HealingSink();
    sink.write = async () => [{ origin: 7, by: "s", code: "record.line-feed", message: "no" }];
    const source = new ScriptedSource([], [{ values: ["a"] }]);
    const pipeline = new Pipeline(partsOf(source, sink, { ...retry, lastResort: "skip" }, hurried([])));
    await expect(pipeline.run(undefined, never)).rejects.toMatchObject({ code: "connector.failed" });
    expect(pipeline.counts.inFlight).toBe(1);
  });
});

describe("a window of errors", () => {
  const window = { records: 6, failures: 2 };

  test("stops the pipeline before the batch that passes it, with the first causes", async () => {
    const journal: Journal = [];
    const sink = new HealingSink(journal);
    const source = new ScriptedSource(journal, [
      { values: ["fail 1", "a", "b", "fail 2"] },
      { values: ["c", "d", "fail 3"] },
      { values: ["fail 4", "e"] },
    ]);
    const skipped: FailedRecord[] = [];
    const parts = partsOf(source, sink, retry, hurried([]), skipped);
    const pipeline = new Pipeline({
      ...parts,
      errorWindow: window,
      processor: createInlineProcessor([
        { stage: "filter", name: "1-scripted", transform: scriptedTransform(), onError: "skip" },
      ]),
    });
    await expect(pipeline.run(undefined, never)).rejects.toMatchObject({
      code: "pipeline.too-many-failures",
      problems: [
        { message: "filter scripted.wasm: no fail 1" },
        { message: "filter scripted.wasm: no fail 2" },
        { message: "filter scripted.wasm: no fail 3" },
      ],
    });
    expect(sink.taken).toEqual(["a", "b", "c", "d"]);
    expect(journal).toContain("ack 1 without 2");
    expect(journal.filter((entry) => entry.startsWith("ack 2"))).toEqual([]);
    expect(skipped.map(({ message }) => message)).toEqual(["no fail 1", "no fail 2", "no fail 3"]);
    expect(pipeline.counts).toMatchObject({ read: 9, delivered: 4, skipped: 3, inFlight: 2 });
  });

  test("counts what the sink and the source refuse", async () => {
    const source = new ScriptedSource(
      [],
      [
        {
          values: ["r9 a", "b", "r9 c"],
          rejections: [
            { where: { file: "in" }, code: "record.too-large", message: "long", sample: new Uint8Array() },
          ],
        },
      ],
    );
    const parts = partsOf(source, new HealingSink(), { ...retry, lastResort: "skip" }, hurried([]));
    const pipeline = new Pipeline({ ...parts, onError: "skip", errorWindow: window });
    await expect(pipeline.run(undefined, never)).rejects.toMatchObject({
      code: "pipeline.too-many-failures",
      message: expect.stringMatching(/^3 of the last 6/),
    });
    expect(pipeline.counts).toMatchObject({ read: 4, delivered: 0, skipped: 0, inFlight: 4 });
  });
});
