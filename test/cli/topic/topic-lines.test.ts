import { expect, test } from "vitest";
import { type Range, topicLines } from "../../../src/cli/topic/topic-lines.ts";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { createMemoryStore, type Topic } from "../../../src/topic/index.ts";

const whole = { offset: 0, end: Number.POSITIVE_INFINITY, count: Number.POSITIVE_INFINITY };

/** A topic with a frame of its own for each list of values. */
async function topicOf(...frames: readonly (readonly string[])[]): Promise<Topic> {
  const topic = await createMemoryStore().open("letters", { create: true });
  for (const values of frames) await append(topic, values);
  return topic;
}

async function append(topic: Topic, values: readonly string[]): Promise<void> {
  await topic.append(Batch.of(frameOf(values)));
}

async function linesOf(topic: Topic, range: Range, onLines = (_lines: string): void => {}): Promise<string> {
  let text = "";
  for await (const lines of topicLines(topic, range, "value", new AbortController().signal)) {
    text += Buffer.from(lines).toString();
    onLines(text);
  }
  return text;
}

test("a range goes over the borders of stored frames", async () => {
  const topic = await topicOf(["a", "b", "c"], ["d"], ["e", "f"]);
  expect(await linesOf(topic, { ...whole, end: 6 })).toBe("a\nb\nc\nd\ne\nf\n");
  expect(await linesOf(topic, { ...whole, offset: 1, end: 6 })).toBe("b\nc\nd\ne\nf\n");
  expect(await linesOf(topic, { ...whole, offset: 2, end: 6, count: 3 })).toBe("c\nd\ne\n");
  expect(await linesOf(topic, { ...whole, offset: 6, end: 6 })).toBe("");
});

test("what is appended behind its end meanwhile is not read", async () => {
  const topic = await topicOf(["a"], ["b"]);
  const appended: Promise<void>[] = [];
  const text = await linesOf(topic, { ...whole, end: 2 }, () => appended.push(append(topic, ["late"])));
  await Promise.all(appended);
  expect(topic.bounds().next).toBe(4);
  expect(text).toBe("a\nb\n");
});

test("without an end it waits for more, until it has as many as it was to read", async () => {
  const topic = await topicOf(["a"]);
  const appended: Promise<void>[] = [];
  const text = await linesOf(topic, { ...whole, count: 3 }, () => appended.push(append(topic, ["more"])));
  await Promise.all(appended);
  expect(text).toBe("a\nmore\nmore\n");
});

test("without an end it waits until it is stopped", async () => {
  const topic = await topicOf(["a"]);
  const stop = new AbortController();
  const lines = topicLines(topic, whole, "value", stop.signal);
  expect(Buffer.from((await lines.next()).value ?? []).toString()).toBe("a\n");
  const next = lines.next();
  stop.abort();
  expect((await next).done).toBe(true);
});
