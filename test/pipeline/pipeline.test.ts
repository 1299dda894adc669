import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import {
  createInlineProcessor,
  type FailedRecord,
  Pipeline,
  type PipelineCounts,
  type PipelineParts,
  type Sink,
} from "../../src/pipeline/index.ts";
import { type Journal, ScriptedSink, ScriptedSource, scriptedTransform } from "./scripted.ts";

const never = new AbortController().signal;

function partsOf(
  source: ScriptedSource,
  sink: ScriptedSink,
  onError: "fail" | "skip" = "fail",
  skipped: FailedRecord[] = [],
): PipelineParts {
  return {
    source: { name: "scripted-source", port: source },
    processor: createInlineProcessor([
      { stage: "filter", name: "1-scripted", transform: scriptedTransform(), onError },
    ]),
    sink: { name: "scripted-sink", port: sink },
    onError,
    clock: systemClock,
    onSkip: (record) => skipped.push(record),
  };
}

function addsUp({ read, delivered, filtered, deadLettered, skipped, inFlight }: PipelineCounts): boolean {
  return read === delivered + filtered + deadLettered + skipped + inFlight && inFlight >= 0;
}

/** A sink that tells when it was flushed. */
function watched(sink: ScriptedSink, onFlush: () => void): Sink {
  return {
    open: () => sink.open(),
    write: (batch) => sink.write(batch),
    close: () => sink.close(),
    async flush() {
      await sink.flush();
      onFlush();
    },
  };
}

/** A promise and its resolver, for tests that hold a part where they want it. */
function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe("a pipeline", () => {
  test("delivers what its steps keep, in order, and acknowledges only after a flush", async () => {
    const journal: Journal = [];
    const sink = new ScriptedSink(journal);
    const pipeline = new Pipeline(
      partsOf(new ScriptedSource(journal, [{ values: ["a", "drop", "b"] }, { values: ["c"] }]), sink),
    );
    await pipeline.run(undefined, never);
    expect(sink.taken).toEqual(["a", "b", "c"]);
    expect(pipeline.counts).toEqual({
      read: 4,
      delivered: 3,
      filtered: 1,
      deadLettered: 0,
      skipped: 0,
      inFlight: 0,
    });
    expect(journal.slice(0, 2)).toEqual(["sink open", "source open"]);
    expect(journal.slice(-2)).toEqual(["source close", "sink close"]);
    for (const index of [0, 1]) {
      const written = journal.indexOf(`write ${index}`);
      const acknowledged = journal.indexOf(`ack ${index}`);
      expect(journal.slice(written, acknowledged)).toContain("flush");
    }
  });

  test("opens its source at the position it is given", async () => {
    const source = new ScriptedSource([], []);
    await new Pipeline(partsOf(source, new ScriptedSink([]))).run({ index: 7 }, never);
    expect(source.openedAt).toEqual({ index: 7 });
  });

  test("reads no further ahead of a slow sink than its buffers, and its counts add up meanwhile", async () => {
    const journal: Journal = [];
    const { opened, open } = gate();
    const reachedWrite = gate();
    const readings = Array.from({ length: 20 }, (_, i) => ({ values: [`${i}`, "drop"] }));
    const source = new ScriptedSource(journal, readings);
    const sink = new ScriptedSink(journal, async (write) => {
      if (write > 0) return;
      reachedWrite.open();
      await opened;
    });
    const pipeline = new Pipeline(partsOf(source, sink));
    const run = pipeline.run(undefined, never);
    await reachedWrite.opened;
    // Everything that can go on without the sink has gone on once the queue of immediate work is empty.
    await new Promise((resolve) => setImmediate(resolve));
    expect(source.reads).toBe(limits.framesInFlightMax.default);
    expect(addsUp(pipeline.counts)).toBe(true);
    expect(pipeline.counts.inFlight).toBe(limits.framesInFlightMax.default * 2);
    open();
    await run;
    expect(sink.taken).toEqual(readings.map(({ values }) => values[0]));
    expect(pipeline.counts).toEqual({
      read: 40,
      delivered: 20,
      filtered: 20,
      deadLettered: 0,
      skipped: 0,
      inFlight: 0,
    });
  });

  test.each([1, 2, 7])(
    "framesInFlight: %d batches are between source and sink, and no more",
    async (most) => {
      const journal: Journal = [];
      const { opened, open } = gate();
      const reachedWrite = gate();
      const readings = Array.from({ length: 20 }, (_, i) => ({ values: [`${i}`] }));
      const source = new ScriptedSource(journal, readings);
      const sink = new ScriptedSink(journal, async (write) => {
        if (write > 0) return;
        reachedWrite.open();
        await opened;
      });
      const run = new Pipeline({ ...partsOf(source, sink), framesInFlight: most }).run(undefined, never);
      await reachedWrite.opened;
      await new Promise((resolve) => setImmediate(resolve));
      expect(source.reads).toBe(most);
      open();
      await run;
      expect(sink.taken).toEqual(readings.map(({ values }) => values[0]));
    },
  );

  test("drains what was read when it is told to stop", async () => {
    const journal: Journal = [];
    const stop = new AbortController();
    const source = new ScriptedSource(journal, [{ values: ["a"] }, { values: ["b"] }], "wait");
    const sink = new ScriptedSink(journal, async (write) => {
      if (write === 0) stop.abort();
    });
    const pipeline = new Pipeline(partsOf(source, sink));
    await pipeline.run(undefined, stop.signal);
    expect(sink.taken).toEqual(source.reads === 1 ? ["a"] : ["a", "b"]);
    expect(pipeline.counts.inFlight).toBe(0);
    expect(journal.filter((entry) => entry.startsWith("ack"))).toHaveLength(source.reads);
  });

  test("that was told to stop before it runs reads nothing and closes both ends", async () => {
    const journal: Journal = [];
    const source = new ScriptedSource(journal, [{ values: ["a"] }]);
    await new Pipeline(partsOf(source, new ScriptedSink(journal))).run(undefined, AbortSignal.abort());
    expect(source.reads).toBe(0);
    expect(journal).toEqual(["sink open", "source open", "source close", "sink close"]);
  });

  test("ends with the record's place under `fail`; batches before are delivered, its own is not", async () => {
    const journal: Journal = [];
    const sink = new ScriptedSink(journal);
    const source = new ScriptedSource(journal, [
      { values: ["a"] },
      { values: ["b", "fail 1", "fail 2"] },
      { values: ["c"] },
    ]);
    const pipeline = new Pipeline(partsOf(source, sink));
    await expect(pipeline.run(undefined, never)).rejects.toMatchObject({
      code: "module.record",
      where: { topic: "scripted", offset: 101 },
      message: expect.stringContaining("no fail 1"),
    });
    expect(sink.taken).toEqual(["a"]);
    expect(journal).toContain("ack 0");
    expect(journal).not.toContain("ack 1");
    expect(pipeline.counts).toEqual({
      read: 4,
      delivered: 1,
      filtered: 0,
      deadLettered: 0,
      skipped: 0,
      inFlight: 3,
    });
    expect(journal.slice(-2)).toEqual(["source close", "sink close"]);
  });

  test("leaves failed records out under `skip`, counts them and tells of each", async () => {
    const skipped: FailedRecord[] = [];
    const journal: Journal = [];
    const sink = new ScriptedSink([], undefined, (value) => value === "refuse");
    const rejection = {
      where: { file: "in.txt", line: 3 },
      code: "record.too-large",
      message: "too long",
      sample: new Uint8Array(),
    } as const;
    const source = new ScriptedSource(journal, [
      { values: ["a", "fail", "refuse", "drop"], rejections: [rejection] },
    ]);
    const pipeline = new Pipeline(partsOf(source, sink, "skip", skipped));
    await pipeline.run(undefined, never);
    expect(sink.taken).toEqual(["a"]);
    expect(pipeline.counts).toEqual({
      read: 5,
      delivered: 1,
      filtered: 1,
      deadLettered: 0,
      skipped: 3,
      inFlight: 0,
    });
    expect(skipped.map(({ stage, where }) => ({ stage, where }))).toEqual([
      { stage: "source", where: { file: "in.txt", line: 3 } },
      { stage: "filter", where: { topic: "scripted", offset: 1 } },
      { stage: "sink", where: { topic: "scripted", offset: 2 } },
    ]);
    expect(journal).toContain("ack 0 without 1 and 2");
  });

  test.each([
    [
      "a rejection of the source",
      {
        values: ["a"],
        rejections: [
          { where: { file: "in" }, code: "record.too-large", message: "long", sample: new Uint8Array() },
        ] as const,
      },
    ],
    ["a record that the sink refuses", { values: ["refuse"] }],
  ])("ends at %s under `fail`", async (_, reading) => {
    const journal: Journal = [];
    const sink = new ScriptedSink(journal, undefined, (value) => value === "refuse");
    await expect(
      new Pipeline(partsOf(new ScriptedSource(journal, [reading]), sink)).run(undefined, never),
    ).rejects.toThrow();
    expect(journal).not.toContain("ack 0");
  });

  test("delivers the batches before one of which the sink refuses a record", async () => {
    const journal: Journal = [];
    const source = new ScriptedSource(journal, [{ values: ["a"] }, { values: ["refuse"] }]);
    const sink = new ScriptedSink(journal, undefined, (value) => value === "refuse");
    const pipeline = new Pipeline(partsOf(source, sink));
    await expect(pipeline.run(undefined, never)).rejects.toMatchObject({ code: "record.line-feed" });
    expect(journal.slice(journal.indexOf("write 1"))).toEqual([
      "write 1",
      "flush",
      "ack 0",
      "source close",
      "sink close",
    ]);
    expect(pipeline.counts).toEqual({
      read: 2,
      delivered: 1,
      filtered: 0,
      deadLettered: 0,
      skipped: 0,
      inFlight: 1,
    });
  });

  test("ends with the sink's error, reads no more, and closes both ends", async () => {
    const journal: Journal = [];
    const source = new ScriptedSource(
      journal,
      [{ values: ["a"] }, { values: ["b"] }, { values: ["c"] }],
      "wait",
    );
    const sink = new ScriptedSink(journal, async (write) => {
      if (write === 1) throw new Error("disk full");
    });
    const pipeline = new Pipeline(partsOf(source, sink));
    await expect(pipeline.run(undefined, never)).rejects.toThrow("disk full");
    expect(sink.taken).toEqual(["a"]);
    expect(addsUp(pipeline.counts)).toBe(true);
    expect(journal).not.toContain("ack 1");
    expect(journal.slice(-2)).toEqual(["source close", "sink close"]);
  });

  test("delivers what was read before the source's error, then ends with it", async () => {
    const sink = new ScriptedSink([]);
    const pipeline = new Pipeline(
      partsOf(new ScriptedSource([], [{ values: ["a"] }], new Error("gone")), sink),
    );
    await expect(pipeline.run(undefined, never)).rejects.toThrow("gone");
    expect(sink.taken).toEqual(["a"]);
    expect(pipeline.counts.inFlight).toBe(0);
  });

  test("ends with a trap, after delivering the batches before", async () => {
    const sink = new ScriptedSink([]);
    const pipeline = new Pipeline(
      partsOf(new ScriptedSource([], [{ values: ["a"] }, { values: ["trap"] }]), sink),
    );
    await expect(pipeline.run(undefined, never)).rejects.toThrow("trapped");
    expect(sink.taken).toEqual(["a"]);
  });

  test("flushes after flushDelayMsMax while it waits for more, and not before", async () => {
    const journal: Journal = [];
    const stop = new AbortController();
    const slept = gate();
    const acknowledged = gate();
    const source = new ScriptedSource(journal, [{ values: ["a"] }, { values: ["b"] }], "wait");
    const sink = new ScriptedSink(journal);
    const waits: number[] = [];
    const clock = {
      now: () => 0,
      async sleep(ms: number, signal: AbortSignal) {
        waits.push(ms);
        const ended = new Promise<void>((resolve) =>
          signal.addEventListener("abort", () => resolve(), { once: true }),
        );
        await Promise.race([slept.opened, ended]);
      },
    };
    const port = watched(sink, acknowledged.open);
    const pipeline = new Pipeline({ ...partsOf(source, sink), clock, sink: { name: "sink", port } });
    const run = pipeline.run(undefined, stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sink.taken).toEqual(["a", "b"]);
    expect(journal).not.toContain("flush");
    expect(pipeline.counts).toMatchObject({ read: 2, delivered: 0, inFlight: 2 });
    slept.open();
    await acknowledged.opened;
    await new Promise((resolve) => setImmediate(resolve));
    expect(pipeline.counts).toMatchObject({ delivered: 2, inFlight: 0 });
    expect(new Set(waits)).toEqual(new Set([limits.flushDelayMsMax.default]));
    stop.abort();
    await run;
  });

  test("flushes at the latest after unflushedBytesMax while the sink is kept busy", async () => {
    const journal: Journal = [];
    const value = "x".repeat(1024 * 1024);
    const batches = Math.ceil(limits.unflushedBytesMax.default / value.length) * 2;
    const source = new ScriptedSource(
      journal,
      Array.from({ length: batches }, () => ({ values: [value] })),
    );
    await new Pipeline(partsOf(source, new ScriptedSink(journal))).run(undefined, never);
    let unflushed = 0;
    for (const entry of journal) {
      if (entry.startsWith("write")) unflushed += value.length;
      if (entry === "flush") unflushed = 0;
      expect(unflushed).toBeLessThanOrEqual(limits.unflushedBytesMax.default);
    }
  });
});
