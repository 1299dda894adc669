import fc from "fast-check";
import { expect, test } from "vitest";
import { lookBackBatches } from "../../src/pipeline/index.ts";
import { Batch, frameOf, type RecordInput } from "../../src/record/index.ts";
import { createMemoryStore, type Topic } from "../../src/topic/index.ts";

const now = 1_000_000;

/** A topic of the batches, whose records without a time were appended just now. */
async function topicOf(batches: readonly (readonly RecordInput[])[]): Promise<Topic> {
  const topic = await createMemoryStore({ now: () => now, sleep: async () => {} }).open("orders", {
    create: true,
  });
  for (const records of batches) await topic.append(Batch.of(frameOf(records)));
  return topic;
}

/** What a step would be shown, as `offset value`. */
function shown(topic: Topic, range: { last?: number; ageMs?: number; before?: number }): string[] {
  const before = range.before ?? topic.bounds().next;
  const found: string[] = [];
  for (const batch of lookBackBatches(topic, { ...range, before, now }, new Batch())) {
    for (const record of batch) found.push(`${record.offset} ${record.text}`);
  }
  return found;
}

const aged = (value: string, ageMs: number): RecordInput => ({ value, timestamp: now - ageMs });

test("the last records come oldest first, over what was appended together", async () => {
  const topic = await topicOf([
    [{ value: "a" }, { value: "b" }, { value: "c" }],
    [{ value: "d" }],
    [{ value: "e" }, { value: "f" }],
  ]);
  expect(shown(topic, { last: 4 })).toEqual(["2 c", "3 d", "4 e", "5 f"]);
  expect(shown(topic, { last: 2, before: 5 })).toEqual(["3 d", "4 e"]);
  expect(shown(topic, { last: 100 })).toHaveLength(6);
  expect(shown(topic, { last: 0 })).toEqual([]);
  expect(shown(topic, {})).toEqual([]);
  expect(shown(topic, { last: 3, before: 0 })).toEqual([]);
  await topic.trim(3);
  expect(shown(topic, { last: 4 })).toEqual(["3 d", "4 e", "5 f"]);
});

test("of an age are those that are not older, also where times are out of order in a stored batch", async () => {
  const topic = await topicOf([
    [aged("old", 500), aged("older", 900)],
    [aged("edge", 100), aged("past", 101), aged("young", 1)],
    [{ value: "now" }],
  ]);
  expect(shown(topic, { ageMs: 100 })).toEqual(["2 edge", "4 young", "5 now"]);
  expect(shown(topic, { ageMs: 600 })).toEqual(["0 old", "2 edge", "3 past", "4 young", "5 now"]);
  expect(shown(topic, { ageMs: 100, last: 2 })).toEqual(["4 young", "5 now"]);
  expect(shown(topic, { ageMs: 100, before: 5 })).toEqual(["2 edge", "4 young"]);
});

test("keys, times and headers come along, and one buffer is filled again and again", async () => {
  const headers = [{ name: "h", value: Buffer.from("v") }];
  const topic = await topicOf([
    [aged("x", 900), { value: "y", key: "k", timestamp: now, headers }],
    [{ value: "z" }],
  ]);
  const seen = new Set<Batch>();
  const records: unknown[] = [];
  for (const batch of lookBackBatches(topic, { ageMs: 10, before: 3, now }, new Batch())) {
    seen.add(batch);
    for (const { text, key, timestamp, headers: own } of batch)
      records.push([text, key && Buffer.from(key).toString(), timestamp, own.length]);
  }
  expect(records).toEqual([
    ["y", "k", now, 1],
    ["z", undefined, now, 0],
  ]);
  expect(seen.size).toBe(1);
});

test("any range shows what a list would, where times rise", async () => {
  const step = fc.nat(50);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 8 }),
      fc.nat(30),
      fc.nat(600),
      fc.nat(40),
      async (steps, last, ageMs, back) => {
        const total = steps.flat().reduce((sum, each) => sum + each, 0);
        let time = now - total;
        const later = (ms: number): RecordInput & { timestamp: number } => {
          time += ms;
          return { value: "v", timestamp: time };
        };
        const batches = steps.map((each) => each.map(later));
        const topic = await topicOf(batches);
        const all = batches.flat();
        const before = Math.max(0, all.length - back);
        const expected = all
          .map(({ timestamp }, offset) => ({ timestamp, offset }))
          .slice(0, before)
          .filter(({ offset }) => last === 0 || offset >= before - last)
          .filter(({ timestamp }) => ageMs === 0 || timestamp >= now - ageMs)
          .map(({ offset }) => `${offset} v`);
        expect(shown(topic, { last, ageMs, before })).toEqual(last === 0 && ageMs === 0 ? [] : expected);
      },
    ),
  );
});
