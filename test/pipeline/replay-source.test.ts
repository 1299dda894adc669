import { beforeEach, describe, expect, test } from "vitest";
import { causeHeaders } from "../../src/pipeline/dead-letter.ts";
import { type DeadLetterCause, type Reading, ReplaySource } from "../../src/pipeline/index.ts";
import type { ReplayOptions } from "../../src/pipeline/replay-source.ts";
import { Batch, FrameBuffer, frameOf } from "../../src/record/index.ts";
import { createMemoryStore, type Topic } from "../../src/topic/index.ts";

const never = new AbortController().signal;

const cause: DeadLetterCause = {
  pipeline: "p",
  source: "topic in",
  place: "in@7",
  offset: 7,
  stage: "filter",
  step: "1-a",
  by: "a",
  module: "a@b",
  code: "module.record",
  message: "m",
  attempt: 2,
  time: "2026-11-25T13:00:00.000Z",
  sample: false,
};

let letters: Topic;
beforeEach(async () => {
  letters = await createMemoryStore().open("letters", { create: true });
});

async function append(...given: (Partial<DeadLetterCause> & { readonly value: string })[]): Promise<void> {
  const records = given.map(({ value, ...rest }) => ({
    value,
    key: `key of ${value}`,
    timestamp: 5,
    headers: [{ name: "own", value: Buffer.from("h") }, ...causeHeaders({ ...cause, ...rest })],
  }));
  await letters.append(Batch.of(frameOf(records)));
}

async function opened(
  options: Partial<ReplayOptions> = {},
  position?: { readonly offset: number },
): Promise<ReplaySource> {
  const source = new ReplaySource(letters, { pipeline: "p", ...options });
  await source.open(position);
  return source;
}

async function readAll(source: ReplaySource): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (;;) {
    const reading = await source.read(new FrameBuffer(), never);
    if (reading === undefined) return readings;
    readings.push(reading);
  }
}

/** The values that a replay brings, acknowledged. */
async function replay(options: Partial<ReplayOptions> = {}): Promise<string[]> {
  const source = await opened(options);
  const values: string[] = [];
  for (const reading of await readAll(source)) {
    values.push(...[...Batch.of(reading.frame)].map(({ text }) => text));
    await reading.acknowledge?.();
  }
  await source.close();
  return values;
}

describe("a replay", () => {
  test("brings the records as they were, with the places and attempts of their letters", async () => {
    await append({ value: "a" }, { value: "b", attempt: 5 });
    const source = await opened();
    const [reading] = await readAll(source);
    const { frame } = reading as Reading;
    expect(
      [...Batch.of(frame)].map(({ text, key, timestamp, headers }) => [text, key, timestamp, headers]),
    ).toEqual(
      ["a", "b"].map((value) => [
        value,
        new Uint8Array(Buffer.from(`key of ${value}`)),
        5,
        [{ name: "own", value: new Uint8Array(Buffer.from("h")) }],
      ]),
    );
    expect(source.locate(frame, 1)).toEqual({ topic: "letters", offset: 1 });
    expect([0, 1].map((index) => source.attemptsBefore(frame, index))).toEqual([2, 5]);
  });

  test("brings each letter once, and those that come later the next time", async () => {
    await append({ value: "a" }, { value: "b" });
    await append({ value: "c" });
    expect(await replay()).toEqual(["a", "b", "c"]);
    expect(await replay()).toEqual([]);
    await append({ value: "d" });
    expect(await replay()).toEqual(["d"]);
  });

  test("goes on after what was acknowledged, or what the sink has, whichever is further", async () => {
    await append({ value: "a" });
    await append({ value: "b" });
    await append({ value: "c" });
    const first = await opened();
    const [reading] = await readAll(first);
    await reading?.acknowledge?.();
    await first.close();
    expect(letters.consumerOffset("p")).toBe(1);
    expect((await readAll(await opened({}, { offset: 2 }))).map(({ position }) => position)).toEqual([
      { offset: 3 },
    ]);
    expect(await replay()).toEqual(["b", "c"]);
  });

  test("passes over samples and letters of other pipelines, and counts them", async () => {
    await append({ value: "a" }, { value: "b", sample: true }, { value: "c", pipeline: "q" }, { value: "d" });
    await letters.append(Batch.of(frameOf(["by hand"])));
    const source = await opened();
    const [reading, last] = await readAll(source);
    const { frame } = reading as Reading;
    expect([...Batch.of(frame)].map(({ text }) => text)).toEqual(["a", "d"]);
    expect(source.locate(frame, 1)).toEqual({ topic: "letters", offset: 3 });
    expect(last?.frame.recordCount).toBe(0);
    expect(source.counts).toEqual({ replayed: 2, samples: 1, others: 2 });
    expect(await replay({ pipeline: "q" })).toEqual(["c"]);
    expect(await replay()).toEqual(["a", "d"]);
  });

  test("keeps to a range within stored frames, and never moves back", async () => {
    await append({ value: "a" }, { value: "b" }, { value: "c" }, { value: "d" });
    expect(await replay({ to: 2 })).toEqual(["a", "b"]);
    expect(await replay({ to: 3 })).toEqual(["c"]);
    expect(await replay({ from: 0, to: 2 })).toEqual(["a", "b"]);
    expect(letters.consumerOffset("p")).toBe(3);
    expect(await replay({ from: 1, to: 100 })).toEqual(["b", "c", "d"]);
    expect(await replay()).toEqual([]);
  });

  test("ends where the topic ended when it began, so that what fails again is not met again", async () => {
    await append({ value: "a" });
    const source = await opened();
    await append({ value: "a again" });
    expect(await readAll(source)).toHaveLength(1);
  });

  test("begins at the oldest letter that is kept, and reads nothing once it is told to stop", async () => {
    await append({ value: "a" });
    await append({ value: "b" });
    await letters.trim(1);
    const source = await opened();
    expect(await source.read(new FrameBuffer(), AbortSignal.abort())).toBeUndefined();
    expect(await replay()).toEqual(["b"]);
  });

  test("hands on what aggregates have added up before it moves on", async () => {
    await append({ value: "a" });
    const kept: unknown[] = [];
    const source = await opened({
      keep: async (accumulators) => {
        kept.push(accumulators, letters.consumerOffset("p"));
      },
    });
    const accumulators = [{ step: "1-sum", bytes: Uint8Array.of(1) }];
    const [reading] = await readAll(source);
    await reading?.acknowledge?.(accumulators);
    await source.close();
    expect(kept).toEqual([accumulators, undefined]);
    expect(letters.consumerOffset("p")).toBe(1);
  });
});
