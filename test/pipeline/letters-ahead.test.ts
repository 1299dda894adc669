import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import {
  createInlineProcessor,
  createTopicSink,
  Pipeline,
  type Sink,
  type Source,
} from "../../src/pipeline/index.ts";
import { Batch, FrameBuffer } from "../../src/record/index.ts";
import { createMemoryStore, type SourcePosition, type Topic } from "../../src/topic/index.ts";
import { readAll } from "../conformance/topic.ts";
import { type Journal, ScriptedSink, ScriptedSource, scriptedTransform } from "./scripted.ts";

/*
 * Towards a sink that refuses nothing, letters are stored while the batch before is being written. What is guaranteed
 * stays: letters before their batch, in order, and once where the source has places.
 */

interface Topics {
  readonly out: Topic;
  readonly letters: Topic;
}

async function openTopics(): Promise<Topics> {
  const store = createMemoryStore();
  return {
    out: await store.open("out", { create: true }),
    letters: await store.open("letters", { create: true }),
  };
}

function pipelineOf(source: Source, sink: Sink, letters: Topic): Pipeline {
  const processor = createInlineProcessor([
    { stage: "filter", name: "1-scripted", transform: scriptedTransform(), onError: "dead-letter" },
  ]);
  return new Pipeline({
    source: { name: "scripted-source", port: source },
    processor: { ...processor, newBatch: () => new Batch(new FrameBuffer(4096)) },
    sink: { name: "sink", port: sink },
    onError: "dead-letter",
    clock: systemClock,
    onSkip: () => {},
    deadLetters: { topic: letters, pipeline: "p" },
  });
}

function valuesIn(topic: Topic): unknown[] {
  return readAll(topic).map(([, value]) => value);
}

test("letters are stored while the batch before is being written, in the order of the records", async () => {
  const { out, letters } = await openTopics();
  let letterIsStored = (): void => {};
  const isStored = new Promise<void>((resolve) => {
    letterIsStored = resolve;
  });
  const append = letters.append.bind(letters);
  letters.append = async (batch, source) => {
    const appended = await append(batch, source);
    if (letters.bounds().next === 2) letterIsStored();
    return appended;
  };
  const sink = createTopicSink(out, "p");
  const late: Sink = {
    ...sink,
    async write(batch, position) {
      // Comes only where letters do not wait for this batch.
      await isStored;
      return sink.write(batch, position);
    },
  };
  const source = new ScriptedSource([], [{ values: ["a", "fail 1"] }, { values: ["fail 2", "b"] }]);
  await pipelineOf(source, late, letters).run(undefined, new AbortController().signal);
  expect(valuesIn(letters)).toEqual(["fail 1", "fail 2"]);
  expect(valuesIn(out)).toEqual(["a", "b"]);
});

test("letters wait for the batch before where the sink may refuse some of it", async () => {
  const { letters } = await openTopics();
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await setImmediate();
  };
  const sink = new ScriptedSink([], turns, (value) => value === "refuse");
  const source = new ScriptedSource([], [{ values: ["refuse", "a"] }, { values: ["fail"] }]);
  await pipelineOf(source, sink, letters).run(undefined, new AbortController().signal);
  expect(valuesIn(letters)).toEqual(["refuse", "fail"]);
});

test("lettersAheadMax: letters of more records wait until their batch is written, and those behind wait too", async () => {
  const { default: most } = limits.lettersAheadMax;
  for (const count of [most, most + 1]) {
    const { out, letters } = await openTopics();
    const sink = createTopicSink(out, "p");
    const lettersAtWrites: number[] = [];
    const slow: Sink = {
      ...sink,
      async write(batch, position) {
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        lettersAtWrites.push(letters.bounds().next);
        return sink.write(batch, position);
      },
    };
    const many = Array.from({ length: count }, (_, i) => `fail ${i}`);
    const source = new ScriptedSource([], [{ values: ["a"] }, { values: many }, { values: ["fail last"] }]);
    await pipelineOf(source, slow, letters).run(undefined, new AbortController().signal);
    expect(lettersAtWrites).toEqual(
      count === most ? [most + 1, most + 1, most + 1] : [0, most + 1, most + 2],
    );
    expect(valuesIn(letters)).toEqual([...many, "fail last"]);
  }
});

test("letters that cannot be stored end the run; the batches before arrive, their own does not", async () => {
  const { out, letters } = await openTopics();
  letters.append = async () => {
    throw new Error("disk full");
  };
  const journal: Journal = [];
  const source = new ScriptedSource(journal, [
    { values: ["a"] },
    { values: ["b", "fail"] },
    { values: ["c"] },
  ]);
  const pipeline = pipelineOf(source, createTopicSink(out, "p"), letters);
  await expect(pipeline.run(undefined, new AbortController().signal)).rejects.toThrow("disk full");
  expect(valuesIn(out)).toEqual(["a"]);
  expect(journal).toContain("ack 0");
  expect(journal).not.toContain("ack 1");
  const { read, ...rest } = pipeline.counts;
  expect(rest).toEqual({ delivered: 1, filtered: 0, deadLettered: 0, skipped: 0, inFlight: read - 1 });
});

test("a letter stored ahead of a batch that did not arrive is told and counted by the run that brings it", async () => {
  const { out, letters } = await openTopics();
  const sink = createTopicSink(out, "p");
  const readings = [{ values: ["a"] }, { values: ["fail"] }];
  const broken: Sink = {
    ...sink,
    async write() {
      while (letters.bounds().next === 0) await setImmediate();
      throw new Error("broken");
    },
  };
  const first = pipelineOf(new ScriptedSource([], readings), broken, letters);
  await expect(first.run(undefined, new AbortController().signal)).rejects.toThrow("broken");
  expect(valuesIn(letters)).toEqual(["fail"]);
  expect(first.stages.map(({ deadLettered }) => deadLettered)).toEqual([0, 0, 0]);
  expect(first.counts.deadLettered).toBe(0);
  const second = pipelineOf(new ScriptedSource([], readings), sink, letters);
  await second.run(undefined, new AbortController().signal);
  expect(valuesIn(letters)).toEqual(["fail"]);
  expect(second.counts).toMatchObject({ delivered: 1, deadLettered: 1, inFlight: 0 });
});

/** Gives prepared readings from the place on where an earlier run ended. */
class PlacedSource extends ScriptedSource {
  constructor(readings: readonly (readonly string[])[], nextReading: number) {
    super(
      [],
      readings.map((values) => ({ values })),
    );
    this.reads = nextReading;
  }
}

/** Topics whose appends take some turns, and of which from some moment on none is done any more. */
class Crash {
  readonly #turns: readonly number[];
  #left: number;
  #begun = 0;
  #crashed = (): void => {};
  readonly happened = new Promise<"crashed">((resolve) => {
    this.#crashed = () => resolve("crashed");
  });

  constructor(turns: readonly number[], appendsBefore: number) {
    this.#turns = turns;
    this.#left = appendsBefore;
  }

  of(topic: Topic, beforeAppend: (batch: Batch) => void = () => {}): Topic {
    return Object.assign(Object.create(topic) as Topic, {
      bounds: () => topic.bounds(),
      consumerOffset: (consumer: string) => topic.consumerOffset(consumer),
      sourcePosition: (pipeline: string) => topic.sourcePosition(pipeline),
      append: async (batch: Batch, source?: SourcePosition) => {
        const turns = this.#turns[this.#begun++ % this.#turns.length] as number;
        for (let turn = 0; turn < turns; turn++) await setImmediate();
        if (this.#left-- <= 0) {
          this.#crashed();
          return new Promise<never>(() => {});
        }
        beforeAppend(batch);
        return topic.append(batch, source);
      },
    });
  }
}

test("whenever the process is killed, letters are there before their batch, in order, and once", async () => {
  const anyReading = fc.array(fc.constantFrom("a", "b", "drop", "fail 1", "fail 2"), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyReading, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat({ max: 8 }), { maxLength: 3 }),
      fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 7 }),
      async (readings, crashes, turns) => {
        const { out, letters } = await openTopics();
        const fails = (upTo: number): string[] =>
          readings.slice(0, upTo).flatMap((values) => values.filter((value) => value.startsWith("fail")));
        for (const appendsBefore of [...crashes, Number.POSITIVE_INFINITY]) {
          const crash = new Crash(turns, appendsBefore);
          const position = out.sourcePosition("p");
          let written = position === undefined ? 0 : (position.index as number) + 1;
          const source = new PlacedSource(readings, written);
          const sink = createTopicSink(
            crash.of(out, () => {
              written++;
              // More may be there: those of the batches behind it.
              expect(valuesIn(letters).length).toBeGreaterThanOrEqual(fails(written).length);
            }),
            "p",
          );
          const run = pipelineOf(source, sink, crash.of(letters)).run(position, new AbortController().signal);
          await Promise.race([run, crash.happened]);
        }
        expect(valuesIn(letters)).toEqual(fails(readings.length));
        const arrived = readings.flat().filter((value) => /^[ab]$/.test(value));
        expect(valuesIn(out)).toEqual(arrived);
      },
    ),
    // Each life has several buffers of its own.
    { numRuns: 40 },
  );
});
