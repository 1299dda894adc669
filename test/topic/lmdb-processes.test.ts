import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openLmdbStore, type TopicStore } from "../../src/topic/index.ts";
import { batchOf, readAll } from "../conformance/topic.ts";
import { makeFolder } from "./folder.ts";
import { type Place, SecondProcess } from "./second-process.ts";

const never = new AbortController().signal;

let folder: ReturnType<typeof makeFolder>;
let place: Place;
let stores: TopicStore[];
let processes: SecondProcess[];

async function openHere(): Promise<TopicStore> {
  const store = await openLmdbStore(folder.path);
  stores.push(store);
  return store;
}

async function startProcess(): Promise<SecondProcess> {
  const started = await SecondProcess.start();
  processes.push(started);
  return started;
}

beforeEach(() => {
  const built = fileURLToPath(new URL("../../dist/topic/index.js", import.meta.url));
  expect(existsSync(built), "run `npm run build` first").toBe(true);
  folder = makeFolder();
  place = { folder: folder.path, topic: "shared" };
  stores = [];
  processes = [];
});

afterEach(async () => {
  vi.useRealTimers();
  for (const each of processes) await each.kill();
  for (const store of stores) await store.close();
  folder.remove();
});

describe("deleting a topic", () => {
  test("is refused while another process has it open, and nothing is lost", async () => {
    const other = await startProcess();
    const store = await openHere();
    await other.append(place, [["a"]]);
    const refused = store.delete(place.topic);
    await expect(refused).rejects.toMatchObject({ code: "topic.in-use", message: /in use by process \d+$/ });
    await other.append(place, [["b"]]);
    expect(readAll(await store.open(place.topic))).toEqual([
      [0, "a"],
      [1, "b"],
    ]);
  });

  test("is possible once the other process has closed it, or was killed", async () => {
    const [closing, killed] = [await startProcess(), await startProcess()];
    await closing.append(place, [["a"]]);
    await closing.close();
    await killed.append(place, [["b"]]);
    await killed.kill();
    const store = await openHere();
    await store.delete(place.topic);
    expect(await store.list()).toEqual([]);
    expect(readdirSync(join(folder.path, "topics"))).toEqual([]);
  });
});

describe("a topic in two processes", () => {
  test("what one appends the other reads, both ways and at once", async () => {
    const other = await startProcess();
    const topic = await (await openHere()).open(place.topic, { create: true });
    await other.append(place, [["a", "b"], ["c"]]);
    expect(readAll(topic)).toEqual([
      [0, "a"],
      [1, "b"],
      [2, "c"],
    ]);
    await topic.append(batchOf("d"));
    expect(await other.follow(place, 2, 2)).toEqual(["c", "d"]);
    expect(await other.append(place, [["e"]])).toEqual([{ firstOffset: 4, nextOffset: 5 }]);
  });

  test("what one appended the other sees at once, also in the turn of the event loop in which it has read before", async () => {
    const topic = await (await openHere()).open("t", { create: true });
    expect(topic.bounds().next).toBe(0);
    const script = fileURLToPath(new URL("limited-child.js", import.meta.url));
    const { status } = spawnSync(process.execPath, [script, folder.path]);
    expect([status, topic.bounds().next]).toEqual([0, 20]);
  });

  test("a reader follows a writer in another process", async () => {
    const other = await startProcess();
    const topic = await (await openHere()).open(place.topic, { create: true });
    const following = other.follow(place, 0, 60);
    const values = Array.from({ length: 60 }, (_, i) => `value ${i}`);
    for (let i = 0; i < values.length; i += 3) await topic.append(batchOf(...values.slice(i, i + 3)));
    expect(await following).toEqual(values);
  });

  test("one that waits is woken by the system, without looking at intervals", async () => {
    const other = await startProcess();
    const topic = await (await openHere()).open(place.topic, { create: true });
    await other.open(place);
    vi.useFakeTimers({ toFake: ["setInterval"] });
    for (let offset = 0; offset < 20; offset++) {
      const waiting = topic.waitFor(offset, never);
      await other.append(place, [[`${offset}`]]);
      await waiting;
    }
    expect(topic.bounds().next).toBe(20);
  });

  test("records and the position of their source are there together, for every reader at every moment", async () => {
    const other = await startProcess();
    const topic = await (await openHere()).open(place.topic, { create: true });
    other.appendForever(place, { recordsMax: 3, valueBytes: 100 });
    for (let looks = 0; topic.bounds().next < 200; looks++) {
      const before = topic.bounds().next;
      const position = topic.sourcePosition("in") ?? { next: 0 };
      const after = topic.bounds().next;
      expect(position.next).toBeGreaterThanOrEqual(before);
      expect(position.next).toBeLessThanOrEqual(after);
      // Lets the other process and this one's events go on.
      if (looks % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });

  test("appends of both get offsets of their own, in the order of each", async () => {
    const [left, right] = await Promise.all([startProcess(), startProcess()]);
    const topic = await (await openHere()).open(place.topic, { create: true });
    const batchesOf = (name: string): string[][] =>
      Array.from({ length: 60 }, (_, i) =>
        Array.from({ length: 1 + (i % 3) }, (_, j) => `${name} ${i} ${j}`),
      );
    const [mine, lefts, rights] = [batchesOf("mine"), batchesOf("left"), batchesOf("right")];
    await Promise.all([
      left.append(place, lefts),
      right.append(place, rights),
      (async () => {
        for (const values of mine) await topic.append(batchOf(...values));
      })(),
    ]);
    const records = readAll(topic);
    expect(records.map(([offset]) => offset)).toEqual(records.map((_, index) => index));
    const valuesOf = (name: string): readonly string[] =>
      records.map(([, value]) => value).filter((value) => value.startsWith(name));
    expect(valuesOf("mine")).toEqual(mine.flat());
    expect(valuesOf("left")).toEqual(lefts.flat());
    expect(valuesOf("right")).toEqual(rights.flat());
    expect(records).toHaveLength(3 * mine.flat().length);
  });

  test("one process may close while the other goes on", async () => {
    const other = await startProcess();
    await other.append(place, [["a"]]);
    const store = await openHere();
    const topic = await store.open(place.topic);
    await other.close();
    await topic.append(batchOf("b"));
    await store.close();
    expect(await other.follow(place, 0, 2)).toEqual(["a", "b"]);
  });
});

describe("a process that ends", () => {
  test.each([
    { recordsMax: 3, valueBytes: 10, after: 20 },
    { recordsMax: 3, valueBytes: 200_000, after: 15 },
    { recordsMax: 500, valueBytes: 200, after: 3000 },
    { recordsMax: 1, valueBytes: 3_000_000, after: 5 },
    { recordsMax: 1, valueBytes: 1, after: 1 },
  ])("killed while it appends leaves what it acknowledged, whole ($valueBytes bytes)", async (shape) => {
    for (let round = 0; round < 3; round++) {
      const other = await startProcess();
      const killed = new Promise<void>((resolve) => {
        const target = other.acknowledged + shape.after * (round + 1);
        other.onAcknowledged = () => {
          if (other.acknowledged < target) return;
          // Ends it in another moment of an append each time.
          for (const end = performance.now() + round * 0.7; performance.now() < end; );
          resolve(other.kill());
        };
      });
      other.appendForever(place, shape);
      await killed;
      const store = await openHere();
      const topic = await store.open(place.topic);
      const { first, next } = topic.bounds();
      expect(first).toBe(0);
      expect(next).toBeGreaterThanOrEqual(other.acknowledged);
      expect(topic.sourcePosition("in")).toEqual({ next });
      const records = readAll(topic);
      expect(records).toHaveLength(next);
      expect(
        records.findIndex(([offset, value], i) => offset !== i || Number.parseInt(value, 10) !== i),
      ).toBe(-1);
      await store.close();
    }
  });

  test("by exiting in the middle of an append ends as it should and leaves a whole topic", async () => {
    for (let round = 0; round < 5; round++) {
      const other = await startProcess();
      other.exitWhileAppending(place, ["x".repeat(2_000_000), `${round}`]);
      expect(await other.ended()).toBe(0);
      const store = await openHere();
      const records = readAll(await store.open(place.topic));
      expect(records.length % 2).toBe(0);
      await store.close();
    }
  });

  test("and one that deletes a topic's folder makes room for a new one", async () => {
    const other = await startProcess();
    await other.append(place, [["a"]]);
    await other.close();
    rmSync(`${folder.path}/topics/${place.topic}`, { recursive: true });
    const topic = await (await openHere()).open(place.topic, { create: true });
    expect(topic.bounds()).toEqual({ first: 0, next: 0 });
  });
});
