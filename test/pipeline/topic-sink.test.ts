import { expect, test } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import {
  createInlineProcessor,
  createTopicSink,
  createTopicSource,
  Pipeline,
} from "../../src/pipeline/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { createMemoryStore } from "../../src/topic/index.ts";
import { codeOf, readAll } from "../conformance/topic.ts";

test("a topic sink stores records with their source's position under the pipeline's name", async () => {
  const topic = await createMemoryStore().open("out", { create: true });
  const sink = createTopicSink(topic, "quakes");
  await sink.open();
  expect(await sink.write(Batch.of(frameOf(["a", "b"])), { source: { at: 1 } })).toEqual([]);
  expect(await sink.write(Batch.of(frameOf(["c"])), { source: undefined })).toEqual([]);
  expect(await sink.write(Batch.of(frameOf([])), { source: { at: 2 } })).toEqual([]);
  await sink.flush();
  await sink.close();
  expect(readAll(topic).map(([, value]) => value)).toEqual(["a", "b", "c"]);
  expect(topic.sourcePosition("quakes")).toEqual({ at: 2 });
  expect(topic.bounds().next).toBe(3);
});

test("a topic sink gives on what the topic rejects", async () => {
  const store = createMemoryStore();
  const sink = createTopicSink(await store.open("out", { create: true }), "p");
  await store.close();
  expect(await codeOf(() => sink.write(Batch.of(frameOf(["a"])), { source: undefined }))).toBe("topic.store");
});

test("from topic to topic records arrive once, also when the source's own commit was lost", async () => {
  const store = createMemoryStore();
  const from = await store.open("from", { create: true });
  const to = await store.open("to", { create: true });
  const never = new AbortController().signal;
  for (let run = 0; run < 3; run++) {
    await from.append(Batch.of(frameOf([`${run} a`, `${run} b`])));
    await from.append(Batch.of(frameOf([`${run} c`])));
    const start = { from: "beginning", skip: 0 } as const;
    const source = createTopicSource(from, { consumer: "copy", start, once: true });
    const pipeline = new Pipeline({
      source: { name: "topic from", port: source },
      processor: createInlineProcessor([]),
      sink: { name: "topic to", port: createTopicSink(to, "copy") },
      onError: "fail",
      clock: systemClock,
      onSkip: () => {},
    });
    await pipeline.run(to.sourcePosition("copy"), never);
    expect(pipeline.counts).toMatchObject({ read: 3, delivered: 3 });
    expect(from.consumerOffset("copy")).toBe((run + 1) * 3);
    await from.commitConsumerOffset("copy", 0);
  }
  expect(readAll(to)).toEqual(readAll(from));
});
