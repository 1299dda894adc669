import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorCodes, MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import {
  Batch,
  encodeBatch,
  FrameBuffer,
  frameOf,
  openFrame,
  type RecordInput,
} from "../../src/record/index.ts";
import type { Topic, TopicStore } from "../../src/topic/index.ts";

/** A topic store, made for one test and taken away after it. */
export interface TestedStore {
  /** A new, empty store whose clock stands at `now`. */
  open(now: number): Promise<TopicStore>;
  /** What a restart of the process would find. */
  reopen(): Promise<TopicStore>;
  dispose(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** Whether its topics are there after a restart. */
  readonly outlivesProcess: boolean;
  make(): TestedStore;
}

const appendTime = 1_700_000_000_123;

export function batchOf(...records: (RecordInput | string)[]): Batch {
  return Batch.of(frameOf(records));
}

/** The values of the records from `offset` on, with their offsets, as far as one read goes. */
export function readAt(topic: Topic, offset: number): readonly (readonly [number | undefined, string])[] {
  const batch = new Batch();
  const frame = topic.read(offset, batch.buffer);
  if (frame === undefined) return [];
  batch.start(frame);
  return [...batch].map((record) => [record.offset, record.text] as const);
}

export function readAll(topic: Topic, from = 0): readonly (readonly [number | undefined, string])[] {
  const records: (readonly [number | undefined, string])[] = [];
  for (let next = from; ; ) {
    const part = readAt(topic, next);
    if (part.length === 0) return records;
    records.push(...part);
    next = (part.at(-1)?.[0] ?? Number.NaN) + 1;
  }
}

/** The code of the error that something throws or rejects with. */
export async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (MillraceError.is(error)) return error.code;
    throw error;
  }
  return "no error";
}

/** What every topic store keeps to. */
export function topicConformance(kind: StoreKind): void {
  describe(`topics in ${kind.name}`, () => {
    let tested: TestedStore;
    let store: TopicStore;
    let topic: Topic;

    beforeEach(async () => {
      tested = kind.make();
      store = await tested.open(appendTime);
      topic = await store.open("orders", { create: true });
    });

    afterEach(async () => {
      await store.close();
      await tested.dispose();
    });

    describe("append and read", () => {
      test("a new topic is empty", () => {
        expect(topic.bounds()).toEqual({ first: 0, next: 0 });
        expect(readAt(topic, 0)).toEqual([]);
        expect(topic.consumers()).toEqual(new Map());
      });

      test("records get offsets that rise by one", async () => {
        expect(await topic.append(batchOf("a", "b"))).toEqual({ firstOffset: 0, nextOffset: 2 });
        expect(await topic.append(batchOf("c"))).toEqual({ firstOffset: 2, nextOffset: 3 });
        expect(topic.bounds()).toEqual({ first: 0, next: 3 });
        expect(readAll(topic)).toEqual([
          [0, "a"],
          [1, "b"],
          [2, "c"],
        ]);
      });

      test("all parts of a record come back", async () => {
        const headers = [
          { name: "x", value: Uint8Array.of(0, 255) },
          { name: "x", value: new Uint8Array(0) },
        ];
        await topic.append(
          batchOf({ value: "v", key: "k", timestamp: 5, headers }, { value: "", key: "" }, { value: "w" }),
        );
        const batch = new Batch();
        batch.start(topic.read(0, batch.buffer)!);
        const [first, second, third] = [...batch];
        expect(first?.key).toEqual(Uint8Array.of(107));
        expect(first?.timestamp).toBe(5);
        expect(first?.headers).toEqual(headers);
        expect(second?.key).toEqual(new Uint8Array(0));
        expect(second?.text).toBe("");
        expect(third?.key).toBeUndefined();
        expect(third?.timestamp).toBeUndefined();
      });

      test("records without any time get the time of the append, others keep theirs", async () => {
        await topic.append(batchOf("a"));
        await topic.append(Batch.of(frameOf(["b"], { timestamp: 7 })));
        const times = [0, 1].map((offset) => topic.read(offset, new FrameBuffer())?.baseTimestamp);
        expect(times).toEqual([appendTime, 7]);
      });

      test("offsets that the records had elsewhere are replaced", async () => {
        await topic.append(Batch.of(frameOf(["a", "b"], { offset: 1000 })));
        expect(readAt(topic, 0)).toEqual([
          [0, "a"],
          [1, "b"],
        ]);
      });

      test("also those that every record has of its own", async () => {
        const batch = Batch.of(frameOf(["a", "b"], { offset: 1000 }));
        const next = batch.scratch();
        next.values.set(batch.columns.values);
        next.origins?.set([0, 1]);
        batch.adopt(next, 2);
        const buffer = new FrameBuffer();
        const size = encodeBatch(
          batch,
          { bytes: buffer.bytes, words: buffer.words, at: 0 },
          { offsets: true },
        );
        const frame = openFrame(buffer.bytes.subarray(0, size));
        expect(frame.offsets).toEqual(Uint32Array.of(1000, 0, 1001, 0));
        await topic.append(Batch.of(frame));
        expect(readAt(topic, 1)).toEqual([[1, "b"]]);
      });

      test("only records in play are appended", async () => {
        const batch = batchOf("a", "b", "c");
        const { values } = batch.columns;
        const next = batch.scratch();
        next.values.set([values[0]!, values[1]!, values[4]!, values[5]!]);
        next.origins?.set([0, 2]);
        batch.adopt(next, 2);
        expect(await topic.append(batch)).toEqual({ firstOffset: 0, nextOffset: 2 });
        expect(readAll(topic)).toEqual([
          [0, "a"],
          [1, "c"],
        ]);
      });

      test("a batch is free after its append: the topic keeps nothing of it", async () => {
        const batch = batchOf("aaaa");
        await topic.append(batch);
        batch.buffer.bytes.fill(0);
        expect(readAt(topic, 0)).toEqual([[0, "aaaa"]]);
      });

      test("appends that do not wait for each other keep their order", async () => {
        const appended = await Promise.all(["a", "b", "c", "d"].map((value) => topic.append(batchOf(value))));
        expect(appended.map(({ firstOffset }) => firstOffset)).toEqual([0, 1, 2, 3]);
        expect(readAll(topic).map(([, value]) => value)).toEqual(["a", "b", "c", "d"]);
      });

      test("a read begins at its offset, in the middle of what was appended at once", async () => {
        await topic.append(
          batchOf({ value: "a", key: "1", timestamp: 1 }, { value: "b", key: "2", timestamp: 2 }, "c"),
        );
        const batch = new Batch();
        const frame = topic.read(1, batch.buffer)!;
        expect(frame.baseOffset).toBe(1);
        batch.start(frame);
        expect([...batch].map(({ offset, text, timestamp }) => [offset, text, timestamp])).toEqual([
          [1, "b", 2],
          [2, "c", undefined],
        ]);
        expect(new TextDecoder().decode(batch.at(0).key)).toBe("2");
      });

      test("a read ends the life of what the buffer held", async () => {
        await topic.append(batchOf("a"));
        await topic.append(batchOf("b"));
        const batch = new Batch();
        batch.start(topic.read(0, batch.buffer)!);
        const view = batch.at(0);
        topic.read(1, batch.buffer);
        expect(await codeOf(() => view.value)).toBe("record.view-expired");
      });

      test("records that do not fit a frame are refused as a whole", async () => {
        const batch = batchOf("x".repeat(1024 * 1024));
        const [at, length] = batch.columns.values;
        const count = limits.frameBytesMax.default / (1024 * 1024);
        const next = batch.scratch();
        for (let i = 0; i < count; i++) next.values.set([at!, length!], i * 2);
        batch.adopt(next, count);
        expect(await codeOf(() => topic.append(batch, { pipeline: "p", position: {} }))).toBe(
          "frame.too-large",
        );
        expect(topic.bounds()).toEqual({ first: 0, next: 0 });
        expect(topic.sourcePosition("p")).toBeUndefined();
        await topic.append(batchOf("next"));
        expect(readAll(topic)).toEqual([[0, "next"]]);
      });
    });

    describe("positions of sources", () => {
      test("are stored with the records", async () => {
        await topic.append(batchOf("a"), {
          pipeline: "in",
          position: { file: "ä", line: 3, done: false, tag: null },
        });
        expect(topic.sourcePosition("in")).toEqual({ file: "ä", line: 3, done: false, tag: null });
        expect(topic.sourcePosition("other")).toBeUndefined();
      });

      test("of a batch without records are stored alone", async () => {
        expect(await topic.append(batchOf(), { pipeline: "in", position: { at: 1 } })).toEqual({
          firstOffset: 0,
          nextOffset: 0,
        });
        expect(topic.sourcePosition("in")).toEqual({ at: 1 });
        expect(topic.bounds()).toEqual({ first: 0, next: 0 });
      });

      test("a batch without records and without a position changes nothing", async () => {
        await topic.append(batchOf("a"));
        expect(await topic.append(batchOf())).toEqual({ firstOffset: 1, nextOffset: 1 });
      });

      test("the last one counts, and an append without one leaves it", async () => {
        await topic.append(batchOf("a"), { pipeline: "in", position: { at: 1 } });
        await topic.append(batchOf("b"), { pipeline: "in", position: { at: 2 } });
        await topic.append(batchOf("c"));
        expect(topic.sourcePosition("in")).toEqual({ at: 2 });
      });
    });

    describe("consumers", () => {
      test("go on from what they committed", async () => {
        expect(topic.consumerOffset("c")).toBeUndefined();
        await topic.commitConsumerOffset("c", 5);
        await topic.commitConsumerOffset("d/e ö", 0);
        await topic.commitConsumerOffset("c", 7);
        expect(topic.consumerOffset("c")).toBe(7);
        expect(topic.consumers()).toEqual(
          new Map([
            ["c", 7],
            ["d/e ö", 0],
          ]),
        );
      });

      test("commits that do not wait for each other: the last one counts", async () => {
        await Promise.all([1, 2, 3].map((offset) => topic.commitConsumerOffset("c", offset)));
        expect(topic.consumerOffset("c")).toBe(3);
      });

      test("an offset is a whole number", async () => {
        for (const offset of [-1, 1.5, Number.NaN, 2 ** 53]) {
          expect(await codeOf(() => topic.commitConsumerOffset("c", offset))).toBe("internal.bug");
        }
        expect(topic.consumers().size).toBe(0);
      });
    });

    describe("accumulators", () => {
      const shown = (held: readonly { step: string; bytes: Uint8Array }[]): string[] =>
        held.map(({ step, bytes }) => `${step} ${Buffer.from(bytes).toString()}`);

      test("are stored with a source's position, each owner and step its own", async () => {
        const pipelines = ["p", "p2", "p\u0001"];
        expect(topic.accumulators({ pipeline: "p" })).toEqual([]);
        for (const pipeline of pipelines) {
          const accumulators = [
            { step: "2-b", bytes: Buffer.from(`${pipeline}-b`) },
            { step: "1-a", bytes: Buffer.from(`${pipeline}-a`) },
          ];
          await topic.append(batchOf("x"), { pipeline, position: { at: 1 }, accumulators });
        }
        await topic.append(batchOf(), {
          pipeline: "p",
          position: { at: 2 },
          accumulators: [{ step: "1-a", bytes: Buffer.from("later") }],
        });
        await topic.append(batchOf("y"), { pipeline: "p", position: { at: 3 } });
        expect(shown(topic.accumulators({ pipeline: "p" }))).toEqual(["1-a later", "2-b p-b"]);
        expect(shown(topic.accumulators({ pipeline: "p2" }))).toEqual(["1-a p2-a", "2-b p2-b"]);
        expect(topic.accumulators({ consumer: "p" })).toEqual([]);
      });

      test("are stored without a source's position, where it has none", async () => {
        const owner = { pipeline: "p" };
        const accumulators = [{ step: "1-a", bytes: Buffer.from("more") }];
        await topic.append(batchOf("x"), { ...owner, position: undefined, accumulators });
        expect(shown(topic.accumulators(owner))).toEqual(["1-a more"]);
        expect(topic.sourcePosition("p")).toBeUndefined();
        await topic.append(batchOf(), { ...owner, position: { at: 1 } });
        const later = [{ step: "1-a", bytes: Buffer.from("later") }];
        await topic.append(batchOf(), { ...owner, position: undefined, accumulators: later });
        expect(shown(topic.accumulators(owner))).toEqual(["1-a later"]);
        expect(topic.sourcePosition("p")).toEqual({ at: 1 });
        expect(topic.bounds().next).toBe(1);
      });

      test("are stored with a consumer's offset, of any size up to the limit", async () => {
        const large = new Uint8Array(limits.accumulatorBytesMax.default).map((_, i) => i * 7);
        const accumulators = [
          { step: "1-large", bytes: large },
          { step: "2-empty", bytes: new Uint8Array(0) },
        ];
        await topic.commitConsumerOffset("c", 0, accumulators);
        await topic.commitConsumerOffset("c", 0);
        const held = topic.accumulators({ consumer: "c" });
        expect(held.map(({ step }) => step)).toEqual(["1-large", "2-empty"]);
        expect(Buffer.compare(held[0]?.bytes ?? new Uint8Array(0), large)).toBe(0);
        expect(held[1]?.bytes).toHaveLength(0);
      });

      test("are the topic's own once they are stored", async () => {
        const bytes = Buffer.from("before");
        await topic.commitConsumerOffset("c", 0, [{ step: "s", bytes }]);
        bytes.fill(0);
        topic.accumulators({ consumer: "c" })[0]?.bytes.fill(0);
        expect(shown(topic.accumulators({ consumer: "c" }))).toEqual(["s before"]);
      });
    });

    describe("trim", () => {
      beforeEach(async () => {
        await topic.append(batchOf("a", "b"));
        await topic.append(batchOf("c", "d"));
        await topic.append(batchOf("e"));
      });

      test("removes what ends at or before the offset, as it was appended", async () => {
        await topic.trim(3);
        expect(topic.bounds()).toEqual({ first: 2, next: 5 });
        await topic.trim(4);
        expect(topic.bounds()).toEqual({ first: 4, next: 5 });
      });

      test("an offset that was trimmed away reads from the oldest record", async () => {
        await topic.trim(2);
        expect(readAt(topic, 0)).toEqual([
          [2, "c"],
          [3, "d"],
        ]);
        expect(readAt(topic, 1)).toEqual(readAt(topic, 2));
      });

      test("of everything leaves an empty topic that gives out new offsets", async () => {
        await topic.trim(5);
        expect(topic.bounds()).toEqual({ first: 5, next: 5 });
        expect(readAt(topic, 0)).toEqual([]);
        expect(readAt(topic, 5)).toEqual([]);
        expect(await topic.append(batchOf("f"))).toEqual({ firstOffset: 5, nextOffset: 6 });
        expect(readAll(topic)).toEqual([[5, "f"]]);
      });

      test("at the beginning or twice removes nothing", async () => {
        await topic.trim(0);
        await topic.trim(2);
        await topic.trim(2);
        expect(topic.bounds()).toEqual({ first: 2, next: 5 });
      });
    });

    test("any sequence of appends and trims reads as a list would", { timeout: 120_000 }, async () => {
      const action = fc.oneof(
        { weight: 4, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 5 }) }) },
        { weight: 1, arbitrary: fc.record({ trim: fc.integer({ min: 0, max: 30 }) }) },
      );
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(action, { maxLength: 12 }), async (actions) => {
          const tried = await store.open(`model-${run++}`, { create: true });
          let batches: string[][] = [];
          let first = 0;
          let next = 0;
          for (const step of actions) {
            if ("append" in step) {
              const values = Array.from({ length: step.append }, (_, i) => `${next + i}`);
              await tried.append(batchOf(...values));
              batches.push(values);
              next += values.length;
            } else {
              await tried.trim(step.trim);
              const ends = batches.map((_, i) => first + batches.slice(0, i + 1).flat().length);
              const gone = ends.filter((end) => end <= step.trim).length;
              first = ends[gone - 1] ?? first;
              batches = batches.slice(gone);
            }
            expect(tried.bounds()).toEqual({ first, next });
          }
          const expected = batches.flat().map((value, i) => [first + i, value]);
          for (let offset = 0; offset <= next + 1; offset++) {
            expect(readAll(tried, offset)).toEqual(expected.slice(Math.max(0, offset - first)));
          }
        }),
        { numRuns: 25 },
      );
    });

    describe("waitFor", () => {
      const never = new AbortController().signal;

      test("resolves at once when the record is there", async () => {
        await topic.append(batchOf("a"));
        await topic.waitFor(0, never);
      });

      test("resolves when the record is appended, and not before", async () => {
        let isThere = false;
        const waiting = topic.waitFor(1, never).then(() => {
          expect(isThere).toBe(true);
        });
        await topic.append(batchOf("a"));
        const appended = topic.append(batchOf("b"));
        isThere = true;
        await Promise.all([appended, waiting]);
        expect(topic.bounds().next).toBe(2);
      });

      test("does not take records for present that were trimmed away", async () => {
        await topic.append(batchOf("a"));
        await topic.trim(1);
        const waiting = topic.waitFor(0, never);
        await topic.append(batchOf("b"));
        await waiting;
        expect(readAt(topic, 0)).toEqual([[1, "b"]]);
        await topic.trim(2);
        const reason = new MillraceError("internal.bug", "stop");
        const abort = new AbortController();
        const waitingLonger = topic.waitFor(0, abort.signal);
        abort.abort(reason);
        await expect(waitingLonger).rejects.toBe(reason);
      });

      test("rejects with the signal's reason", async () => {
        const reason = new MillraceError("internal.bug", "stop");
        const abort = new AbortController();
        const waiting = topic.waitFor(0, abort.signal);
        abort.abort(reason);
        await expect(waiting).rejects.toBe(reason);
        await expect(topic.waitFor(0, abort.signal)).rejects.toBe(reason);
      });
    });

    describe("names", () => {
      const longest = "n".repeat(limits.topicNameCharactersMax.default);

      test.each(["a", "A.b_c-9", "_x", "0", longest])("%s is a topic", async (name) => {
        const opened = await store.open(name, { create: true });
        expect(opened.name).toBe(name);
        await opened.append(batchOf("x"));
        expect(readAll(opened)).toEqual([[0, "x"]]);
      });

      test.each(["", ".", "..", ".x", "-x", "a/b", "a\\b", "../x", "a b", "ä", "a\0", "a\n", `${longest}n`])(
        "%j is refused",
        async (name) => {
          expect(await codeOf(() => store.open(name, { create: true }))).toBe("topic.name");
        },
      );

      test("of pipelines and consumers are texts that are neither empty nor too long", async () => {
        await topic.append(batchOf("a"), { pipeline: longest, position: {} });
        await topic.commitConsumerOffset("ö".repeat(limits.topicNameCharactersMax.default), 1);
        for (const name of ["", "a\0b", `${longest}n`]) {
          expect(await codeOf(() => topic.commitConsumerOffset(name, 1))).toBe("topic.name");
          const source = { pipeline: name, position: {} };
          expect(await codeOf(() => topic.append(batchOf("b"), source))).toBe("topic.name");
        }
        expect(topic.bounds().next).toBe(1);
      });
    });

    describe("the store", () => {
      test("opens only topics that are there, unless it may make them", async () => {
        await expect(store.open("order")).rejects.toMatchObject({
          code: "topic.not-found",
          hint: expect.stringContaining("did you mean orders?"),
        });
      });

      test("gives the same object for the same topic", async () => {
        const opened = await Promise.all([
          store.open("new", { create: true }),
          store.open("new", { create: true }),
          store.open("new"),
        ]);
        expect(new Set(opened).size).toBe(1);
      });

      test("lists its topics by name", async () => {
        await topic.append(batchOf("a", "b"));
        await topic.append(batchOf("c"));
        await topic.trim(2);
        await store.open("a.new", { create: true });
        const summaries = await store.list();
        expect(summaries.map(({ name, first, next }) => [name, first, next])).toEqual([
          ["a.new", 0, 0],
          ["orders", 2, 3],
        ]);
        expect(summaries[1]?.storedBytes).toBeGreaterThan(0);
      });

      test("stores what was appended before it closes, and refuses everything afterwards", async () => {
        const appends = ["a", "b", "c"].map((value) => topic.append(batchOf(value)));
        const commit = topic.commitConsumerOffset("c", 3);
        const waiting = codeOf(() => topic.waitFor(100, new AbortController().signal));
        await store.close();
        expect(await Promise.all(appends)).toHaveLength(3);
        await commit;
        expect(await waiting).toBe("topic.store");
        for (const use of [
          () => topic.append(batchOf("d")),
          () => topic.read(0, new FrameBuffer()),
          () => topic.bounds(),
          () => topic.trim(1),
          () => topic.sourcePosition("p"),
          () => topic.consumers(),
          () => topic.consumerOffset("c"),
          () => topic.commitConsumerOffset("c", 1),
          () => topic.waitFor(0, new AbortController().signal),
          () => store.open("orders"),
          () => store.list(),
          () => store.delete("orders"),
        ]) {
          expect(await codeOf(use)).toBe("topic.store");
        }
        expect(errorCodes["topic.store"].category).toBe("environment");
      });

      test("tells those who wait for records that it closes", async () => {
        const waiting = codeOf(() => topic.waitFor(0, new AbortController().signal));
        await store.close();
        expect(await waiting).toBe("topic.store");
      });

      test("may be closed twice", async () => {
        await store.close();
        await store.close();
      });
    });

    describe("a deleted topic", () => {
      test("is gone with its records, positions and offsets, and the others stay", async () => {
        await topic.append(batchOf("a", "b"), { pipeline: "in", position: { at: 2 } });
        await topic.commitConsumerOffset("out", 1);
        const other = await store.open("other", { create: true });
        await other.append(batchOf("kept"));
        await store.delete("orders");
        expect((await store.list()).map(({ name }) => name)).toEqual(["other"]);
        expect(await codeOf(() => store.open("orders"))).toBe("topic.not-found");
        const anew = await store.open("orders", { create: true });
        expect(anew.bounds()).toEqual({ first: 0, next: 0 });
        expect(anew.sourcePosition("in")).toBeUndefined();
        expect(anew.consumers()).toEqual(new Map());
        expect(await anew.append(batchOf("c"))).toEqual({ firstOffset: 0, nextOffset: 1 });
        expect(readAll(other)).toEqual([[0, "kept"]]);
      });

      test("takes no more records, and tells those who wait for some", async () => {
        const waiting = codeOf(() => topic.waitFor(0, new AbortController().signal));
        await store.delete("orders");
        // It may see that the topic was deleted before it is told that the topic was closed.
        expect(["topic.store", "topic.not-found"]).toContain(await waiting);
        expect(await codeOf(() => topic.append(batchOf("late")))).toBe("topic.store");
        expect(await codeOf(() => topic.bounds())).toBe("topic.store");
      });

      test("cannot be deleted again, and its name is checked", async () => {
        await store.delete("orders");
        expect(await codeOf(() => store.delete("orders"))).toBe("topic.not-found");
        expect(await codeOf(() => store.delete("../orders"))).toBe("topic.name");
      });
    });

    if (!kind.outlivesProcess) return;

    test("a deleted topic is gone after a restart, also one that was not open", async () => {
      await topic.append(batchOf("a"));
      await store.close();
      store = await tested.reopen();
      await store.delete("orders");
      await store.close();
      store = await tested.reopen();
      expect(await store.list()).toEqual([]);
    });

    test("everything is there after a restart", async () => {
      await topic.append(batchOf("a", "b"), { pipeline: "in", position: { at: 2 } });
      await topic.append(batchOf("c"));
      await topic.commitConsumerOffset("out", 1);
      await store.close();
      store = await tested.reopen();
      topic = await store.open("orders");
      expect(readAll(topic)).toEqual([
        [0, "a"],
        [1, "b"],
        [2, "c"],
      ]);
      expect(topic.sourcePosition("in")).toEqual({ at: 2 });
      expect(topic.consumerOffset("out")).toBe(1);
      await topic.trim(3);
      await store.close();
      store = await tested.reopen();
      topic = await store.open("orders");
      expect(topic.bounds()).toEqual({ first: 3, next: 3 });
      expect(await topic.append(batchOf("d"))).toEqual({ firstOffset: 3, nextOffset: 4 });
    });
  });
}
