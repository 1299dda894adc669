import { beforeEach, describe, expect, test } from "vitest";
import { createTopicSource, type Reading, type Source } from "../../src/pipeline/index.ts";
import { Batch, FrameBuffer, frameOf } from "../../src/record/index.ts";
import { createMemoryStore, type StartOffset, type Topic, type TopicStore } from "../../src/topic/index.ts";
import { codeOf } from "../conformance/topic.ts";

const never = new AbortController().signal;
const beginning: StartOffset = { from: "beginning", skip: 0 };

let store: TopicStore;
let topic: Topic;

beforeEach(async () => {
  store = createMemoryStore();
  topic = await store.open("in", { create: true });
});

async function append(...values: string[]): Promise<void> {
  await topic.append(Batch.of(frameOf(values)));
}

interface SourceOptions {
  readonly start?: StartOffset;
  readonly once?: boolean;
  readonly consumer?: string;
  readonly keepsPosition?: boolean;
}

function sourceOf(options: SourceOptions = {}): Source {
  return createTopicSource(topic, { consumer: "c", start: beginning, once: true, ...options });
}

function valuesOf(reading: Reading | undefined): readonly string[] {
  if (reading === undefined) return [];
  return [...Batch.of(reading.frame)].map(({ offset, text }) => `${offset} ${text}`);
}

/** Reads to the end, acknowledging as many readings as told. */
async function readAll(source: Source, acknowledged = 0): Promise<readonly string[]> {
  const values: string[] = [];
  for (let count = 0; ; count++) {
    const reading = await source.read(new FrameBuffer(), never);
    if (reading === undefined) return values;
    values.push(...valuesOf(reading));
    if (count < acknowledged) await reading.acknowledge?.();
  }
}

describe("where a topic source begins", () => {
  beforeEach(async () => {
    await append("a", "b");
    await append("c", "d");
    await append("e");
  });

  test.each([
    { start: { from: "beginning", skip: 0 }, first: "0 a" },
    { start: { from: "beginning", skip: 3 }, first: "3 d" },
    { start: { from: "beginning", skip: 9 }, first: undefined },
    { start: { from: "end", back: 0 }, first: undefined },
    { start: { from: "end", back: 2 }, first: "3 d" },
    { start: { from: "end", back: 100 }, first: "0 a" },
    { start: { from: "offset", offset: 4 }, first: "4 e" },
    { start: { from: "offset", offset: 5 }, first: undefined },
  ] as const)("at $start", async ({ start, first }) => {
    const source = sourceOf({ start });
    await source.open(undefined);
    expect((await readAll(source))[0]).toBe(first);
    await source.close();
  });

  test("at `start` each time where no position is kept, and keeps none", async () => {
    await topic.commitConsumerOffset("c", 4);
    for (const start of [beginning, { from: "end", back: 5 }] as const) {
      const source = sourceOf({ start, keepsPosition: false });
      await source.open(undefined);
      expect(await readAll(source, 9)).toEqual(["0 a", "1 b", "2 c", "3 d", "4 e"]);
      await source.close();
    }
    const end = sourceOf({ consumer: "other", start: { from: "end", back: 0 }, keepsPosition: false });
    await end.open(undefined);
    await end.close();
    expect([...topic.consumers()]).toEqual([["c", 4]]);
  });

  test("counts from the oldest record that is kept", async () => {
    await topic.trim(2);
    for (const [start, first] of [
      [{ from: "beginning", skip: 1 }, "3 d"],
      [{ from: "end", back: 100 }, "2 c"],
      [{ from: "offset", offset: 0 }, "2 c"],
    ] as const) {
      const source = sourceOf({ start });
      await source.open(undefined);
      expect((await readAll(source))[0]).toBe(first);
    }
  });

  test("is the committed offset once there is one", async () => {
    await topic.commitConsumerOffset("c", 3);
    const source = sourceOf({ start: { from: "offset", offset: 1 } });
    await source.open(undefined);
    expect(await readAll(source)).toEqual(["3 d", "4 e"]);
  });

  test("is the position where a sink keeps one with the records", async () => {
    await topic.commitConsumerOffset("c", 3);
    const source = sourceOf();
    await source.open({ offset: 4 });
    expect(await readAll(source)).toEqual(["4 e"]);
  });

  test("at the end is kept, so that what comes while it is stopped is read", async () => {
    const start: StartOffset = { from: "end", back: 0 };
    const first = sourceOf({ start });
    await first.open(undefined);
    expect(await readAll(first)).toEqual([]);
    await first.close();
    await append("f");
    const second = sourceOf({ start });
    await second.open(undefined);
    expect(await readAll(second)).toEqual(["5 f"]);
  });

  test("is an error beyond the end: the topic is another one", async () => {
    await topic.commitConsumerOffset("c", 6);
    expect(await codeOf(() => sourceOf().open(undefined))).toBe("topic.corrupt");
    expect(await codeOf(() => sourceOf({ consumer: "d" }).open({ offset: 6 }))).toBe("topic.corrupt");
    await sourceOf({ consumer: "d" }).open({ offset: 5 });
  });
});

describe("what a topic source gives", () => {
  test("is what was appended, with the place after it, and nothing rejected", async () => {
    await append("a", "b");
    await append("c");
    const source = sourceOf();
    await source.open(undefined);
    const first = await source.read(new FrameBuffer(), never);
    expect(valuesOf(first)).toEqual(["0 a", "1 b"]);
    expect(first).toMatchObject({ position: { offset: 2 }, rejections: [] });
    expect(source.locate(first!.frame, 1)).toEqual({ topic: "in", offset: 1 });
    const second = await source.read(new FrameBuffer(), never);
    expect(source.locate(second!.frame, 0)).toEqual({ topic: "in", offset: 2 });
    expect(await source.read(new FrameBuffer(), never)).toBeUndefined();
  });

  test("passes over what is trimmed away under it", async () => {
    await append("a");
    await append("b");
    const source = sourceOf();
    await source.open(undefined);
    await topic.trim(1);
    expect(await readAll(source)).toEqual(["1 b"]);
    const late = sourceOf();
    await late.open(undefined);
    await topic.trim(2);
    expect(await readAll(late)).toEqual([]);
  });

  test("ends at the end that there was when it was opened", async () => {
    await append("a");
    const source = sourceOf();
    await source.open(undefined);
    await append("b");
    expect(await readAll(source)).toEqual(["0 a"]);
  });

  test("waits for more, until it is told to stop", async () => {
    await append("a");
    const source = sourceOf({ once: false });
    await source.open(undefined);
    const stop = new AbortController();
    const read = (): Promise<Reading | undefined> => source.read(new FrameBuffer(), stop.signal);
    expect(valuesOf(await read())).toEqual(["0 a"]);
    const waiting = read();
    await append("b");
    expect(valuesOf(await waiting)).toEqual(["1 b"]);
    const stopped = read();
    stop.abort();
    expect(await stopped).toBeUndefined();
    expect(await read()).toBeUndefined();
  });

  test("ends with the store's error when the store is closed under it", async () => {
    const source = sourceOf({ once: false });
    await source.open(undefined);
    const waiting = codeOf(() => source.read(new FrameBuffer(), never));
    await store.close();
    expect(await waiting).toBe("topic.store");
  });
});

describe("what a topic source commits", () => {
  beforeEach(async () => {
    await append("a", "b");
    await append("c");
    await append("d");
  });

  test("is the place after the last reading that was acknowledged", async () => {
    const source = sourceOf();
    await source.open(undefined);
    await readAll(source, 2);
    await source.close();
    expect(topic.consumerOffset("c")).toBe(3);
    const next = sourceOf();
    await next.open(undefined);
    expect(await readAll(next)).toEqual(["3 d"]);
  });

  test("is nothing while nothing is acknowledged", async () => {
    const source = sourceOf();
    await source.open(undefined);
    await readAll(source);
    await source.close();
    expect(topic.consumers()).toEqual(new Map());
  });

  test("is durable when it has been closed, with commits that are as few as the store is slow", async () => {
    const commits: number[] = [];
    const releases: (() => void)[] = [];
    const slow: Topic = Object.assign(Object.create(topic) as Topic, {
      bounds: () => topic.bounds(),
      consumerOffset: () => undefined,
      read: (offset: number, buffer: FrameBuffer) => topic.read(offset, buffer),
      commitConsumerOffset: (_: string, offset: number) => {
        commits.push(offset);
        return new Promise<void>((resolve) => releases.push(resolve));
      },
    });
    const source = createTopicSource(slow, { consumer: "c", start: beginning, once: true });
    await source.open(undefined);
    await readAll(source, 3);
    expect(commits).toEqual([2]);
    let isClosed = false;
    const closing = source.close().then(() => {
      isClosed = true;
    });
    releases[0]?.();
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect([commits, isClosed]).toEqual([[2, 4], false]);
    releases[1]?.();
    await closing;
  });

  test("that fails is told at the next chance", async () => {
    const source = sourceOf({ consumer: "" });
    await source.open(undefined);
    const reading = await source.read(new FrameBuffer(), never);
    await reading?.acknowledge?.();
    await expect(source.close()).rejects.toMatchObject({ code: "topic.name" });
  });
});
