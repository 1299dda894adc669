import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { open } from "lmdb";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/index.ts";
import { formatWhere, MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { Batch, FrameBuffer, frameOf } from "../../src/record/index.ts";
import { openLmdbStore, type Topic, type TopicStore } from "../../src/topic/index.ts";
import { batchOf, codeOf, readAll, readAt } from "../conformance/topic.ts";
import { makeFolder } from "./folder.ts";

let folder: ReturnType<typeof makeFolder>;
let store: TopicStore;

const now = 1_700_000_000_123;
const clock = { ...systemClock, now: () => now };
const topicFolder = (name = "t"): string => join(folder.path, "topics", name);
const dataFile = (name = "t"): string => join(topicFolder(name), "data.mdb");

beforeEach(async () => {
  folder = makeFolder();
  store = await openLmdbStore(folder.path, { clock });
});

afterEach(async () => {
  await store.close();
  folder.remove();
});

describe("a topic that is deleted", () => {
  test("under one who still has it open takes no append that would go with the file", async () => {
    // Another store of this process, which the table of readers does not tell from this one.
    const other = await openLmdbStore(folder.path, { clock });
    const topic = await other.open("t", { create: true });
    await topic.append(batchOf("a"));
    await store.delete("t");
    expect(await codeOf(() => topic.append(batchOf("late")))).toBe("topic.not-found");
    expect(await codeOf(() => topic.bounds())).toBe("topic.not-found");
    expect(await codeOf(() => topic.waitFor(1, new AbortController().signal))).toBe("topic.not-found");
    const anew = await store.open("t", { create: true });
    expect(await anew.append(batchOf("b"))).toEqual({ firstOffset: 0, nextOffset: 1 });
    await other.close();
    expect(readAll(anew)).toEqual([[0, "b"]]);
  });

  test("leaves nothing, and what a crash left of another goes too", async () => {
    await (await store.open("t", { create: true })).append(batchOf("a"));
    const left = join(folder.path, "topics", ".deleted-left");
    mkdirSync(left);
    writeFileSync(join(left, "data.mdb"), "");
    expect((await store.list()).map(({ name }) => name)).toEqual(["t"]);
    await store.delete("t");
    expect(readdirSync(join(folder.path, "topics"))).toEqual([]);
  });

  test("may be damaged, or stand on a disk that is full", async () => {
    await store.open("damaged", { create: true });
    await store.close();
    truncateSync(dataFile("damaged"), 8192 - 100);
    store = await openLmdbStore(folder.path, { clock });
    expect(await codeOf(() => store.open("damaged"))).toBe("topic.corrupt");
    await store.delete("damaged");
    await store.open("full", { create: true });
    await store.close();
    store = await openLmdbStore(folder.path, {
      clock,
      freeBytes: () => limits.topicDiskBytesMin.default - 1,
    });
    await store.delete("full");
    expect(await store.list()).toEqual([]);
  });

  test("is no file of another program", async () => {
    mkdirSync(topicFolder(), { recursive: true });
    writeFileSync(dataFile(), "x".repeat(9000));
    expect(await codeOf(() => store.delete("t"))).toBe("topic.store");
    expect(existsSync(dataFile())).toBe(true);
  });
});

/** What `use` gives with the topic in a store of its own. */
async function withTopic<Result>(
  use: (topic: Topic) => Promise<Result> | Result,
  name = "t",
): Promise<Result> {
  const own = await openLmdbStore(folder.path, { clock });
  try {
    return await use(await own.open(name, { create: true }));
  } finally {
    await own.close();
  }
}

async function errorOf(act: () => unknown): Promise<MillraceError> {
  try {
    await act();
  } catch (error) {
    if (MillraceError.is(error)) return error;
    throw error;
  }
  expect.fail("nothing was thrown");
}

/** Changes the database behind the topic's back. */
async function withDatabase(use: (environment: ReturnType<typeof open>) => Promise<unknown>): Promise<void> {
  const environment = open(topicFolder(), { noSubdir: false, maxDbs: 8, overlappingSync: false });
  await use(environment);
  await environment.close();
}

function changeFile(path: string, change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(path, bytes);
}

describe("what is stored", () => {
  test("is the frame with its offset, the time, and a checksum, in these bytes", async () => {
    await withTopic(async (topic) => {
      await topic.append(batchOf("x"));
      await topic.append(batchOf({ value: "ab", key: "k" }, "c"), { pipeline: "in", position: { line: 3 } });
      await topic.commitConsumerOffset("out", 2);
    });
    const lines: string[] = [];
    await withDatabase(async (environment) => {
      const stored = environment.openDB("frames", { encoding: "binary" }).get(1) as Buffer;
      for (let at = 0; at < stored.length; at += 16) lines.push(stored.subarray(at, at + 16).toString("hex"));
      expect(environment.openDB("meta", { encoding: "string", useVersions: true }).getEntry("next")).toEqual({
        value: "3",
        version: 3,
      });
      expect(environment.openDB("positions", { encoding: "string" }).get("in")).toBe('{"line":3}');
      expect(environment.openDB("consumers", { encoding: "string" }).get("out")).toBe("2");
    });
    expect(lines).toEqual([
      "4d524631" + "68000000" + "02000000" + "96d81a68", // magic, bytes, records, checksum
      "48000000" + "58000000" + "00000000" + "00000000", // values, keys, no timestamps, no offsets
      "00000000" + "40000000" + "04000000" + "00000000", // no headers, bytes at 64, 4 of them, no traits
      "0100000000000000" + "7b68e5cf8b010000", // base offset 1, base timestamp 1700000000123
      "61626b63" + "00000000" + "4000000002000000", // "ab", "k", "c"; value 0
      "4300000001000000" + "4200000001000000", // value 1, key 0
      "00000000ffffffff", // no key 1
    ]);
  });

  test("lies in a folder for each topic, which may be deleted alone", async () => {
    await withTopic((topic) => topic.append(batchOf("a")), "one");
    await withTopic((topic) => topic.append(batchOf("b")), "two");
    rmSync(topicFolder("one"), { recursive: true });
    expect((await store.list()).map(({ name }) => name)).toEqual(["two"]);
  });

  test("may be frames of any size", async () => {
    const sizes = [0, 4096, 100_000, 12_000_000, 16_777_216];
    for (const name of ["t", "u"]) {
      await withTopic(async (topic) => {
        for (const size of sizes) {
          const value = new Uint8Array(size).fill(size % 251);
          await topic.append(Batch.of(frameOf([value, value])));
        }
      }, name);
    }
    for (const name of ["u", "t", "u"]) {
      await withTopic((topic) => {
        const buffer = new FrameBuffer();
        for (const [index, size] of sizes.entries()) {
          const frame = topic.read(index * 2 + 1, buffer);
          expect(frame?.recordCount).toBe(1);
          const [at = 0, length] = frame?.values ?? [];
          expect(length).toBe(size);
          expect(frame?.bytes.subarray(at, at + size).every((byte) => byte === size % 251)).toBe(true);
        }
      }, name);
    }
  });

  test("is one topic for two stores of one process", async () => {
    const topic = await store.open("t", { create: true });
    await withTopic(async (other) => {
      const waiting = other.waitFor(2, new AbortController().signal);
      await Promise.all([topic.append(batchOf("a")), other.append(batchOf("b")), topic.append(batchOf("c"))]);
      await waiting;
      expect(readAll(other)).toEqual(readAll(topic));
    });
    await topic.append(batchOf("d"));
    expect(readAll(topic).map(([offset]) => offset)).toEqual([0, 1, 2, 3]);
  });
});

describe("limits", () => {
  test(`more frames than topicTrimFramesMax are trimmed`, { timeout: 60_000 }, async () => {
    const count = limits.topicTrimFramesMax.default + 1;
    await withTopic(async (topic) => {
      await Promise.all(Array.from({ length: count + 1 }, (_, i) => topic.append(batchOf(`${i}`))));
      await topic.trim(count);
      expect(readAll(topic)).toEqual([[count, `${count}`]]);
      await topic.trim(count + 1);
      expect(topic.bounds()).toEqual({ first: count + 1, next: count + 1 });
    });
  });

  test("space of trimmed frames is used again", async () => {
    await withTopic(async (topic) => {
      const value = new Uint8Array(1_000_000);
      const append = async (): Promise<void> => {
        const { nextOffset } = await topic.append(Batch.of(frameOf([value])));
        await topic.trim(nextOffset - 2);
      };
      for (let i = 0; i < 10; i++) await append();
      const before = statSync(dataFile()).size;
      for (let i = 0; i < 30; i++) await append();
      expect(statSync(dataFile()).size).toBeLessThan(before * 1.5);
    });
  });

  test("nothing is written when less than topicDiskBytesMin would be left", async () => {
    let free = limits.topicDiskBytesMin.default - 1;
    const tight = await openLmdbStore(folder.path, { freeBytes: () => free });
    const full = { code: "topic.store", hint: expect.stringContaining("free space") };
    await expect(tight.open("t", { create: true })).rejects.toMatchObject(full);
    free++;
    const topic = await tight.open("t", { create: true });
    await topic.commitConsumerOffset("c", 0);
    // A frame of one record of 8 bytes: header, column, value.
    free += 64 + 8 + 8 - 1;
    await expect(topic.append(batchOf("12345678"))).rejects.toMatchObject(full);
    expect(topic.bounds().next).toBe(0);
    free++;
    await topic.append(batchOf("12345678"));
    free = limits.topicDiskBytesMin.default - 1;
    await expect(topic.commitConsumerOffset("c", 1)).rejects.toMatchObject(full);
    free++;
    await topic.commitConsumerOffset("c", 1);
    await tight.close();
  });

  const isLinux = process.platform === "linux";
  const script = fileURLToPath(new URL("limited-child.js", import.meta.url));

  /** Runs appends in a process that the shell has put limits on. */
  function appendWithin(shellLimits: string): { readonly stdout: string; readonly status: number | null } {
    const command = `${shellLimits}; exec "$@"`;
    const args = ["-c", command, "sh", process.execPath, script, folder.path];
    const { stdout, status } = spawnSync("sh", args, { encoding: "utf8" });
    return { stdout, status };
  }

  test.runIf(isLinux)("a disk that is full is an error, and nothing stored is lost", async () => {
    const { stdout, status } = appendWithin("trap '' XFSZ; ulimit -f 8192");
    expect(status).toBe(0);
    const { appended, failures } = JSON.parse(stdout);
    expect(appended).toBeGreaterThan(2);
    expect(failures.map(({ code }: { code: string }) => code)).toEqual(["topic.store", "topic.store"]);
    expect(failures[0].where).toBe(`t@${appended}`);
    expect(failures[0].hint).toContain("free space");
    expect(failures[1].message).toContain("takes no more writes");
    await withTopic(async (topic) => {
      expect(topic.bounds()).toEqual({ first: 0, next: appended });
      expect(topic.sourcePosition("in")).toEqual({ at: appended });
      expect(readAll(topic).every(([, value]) => value.length === 1_000_000)).toBe(true);
      await topic.append(batchOf("room again"));
      expect(readAt(topic, appended)).toEqual([[appended, "room again"]]);
    });
  });

  test.runIf(isLinux)("where topicMapBytes of address space are not to be had, the map grows instead", () => {
    const kibibytes = limits.topicMapBytes.default / 1024 - 1024 * 1024;
    const { stdout, status } = appendWithin(`ulimit -v ${kibibytes}`);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ appended: 20, failures: [] });
  });
});

describe("bytes that were changed", () => {
  test("in any place of a stored frame are noticed", { timeout: 60_000 }, async () => {
    await withTopic((topic) => topic.append(batchOf({ value: "ab", key: "k" }, "c")));
    const damaged = {
      code: "topic.corrupt",
      where: { topic: "t", offset: 0 },
      message: expect.stringContaining("0 to 1"),
    };
    const at = readFileSync(dataFile()).indexOf("MRF1");
    for (let i = 0; i < 104; i++) {
      changeFile(dataFile(), (bytes) => {
        bytes[at + i] = (bytes[at + i] ?? 0) ^ (1 << (i % 8));
      });
      await withTopic(async (topic) => {
        expect(await errorOf(() => topic.read(1, new FrameBuffer()))).toMatchObject(damaged);
        expect(topic.bounds()).toEqual({ first: 0, next: 2 });
      });
      changeFile(dataFile(), (bytes) => {
        bytes[at + i] = (bytes[at + i] ?? 0) ^ (1 << (i % 8));
      });
    }
    await withTopic((topic) => expect(readAll(topic)).toHaveLength(2));
  });

  test("do not keep later records from being read", async () => {
    await withTopic(async (topic) => {
      await topic.append(batchOf("aaaaaaaa"));
      await topic.append(batchOf("bbbbbbbb"));
    });
    // Pages are copied when they change, so the bytes may be there more than once.
    changeFile(dataFile(), (bytes) => {
      for (let at = bytes.indexOf("aaaaaaaa"); at !== -1; at = bytes.indexOf("aaaaaaaa"))
        bytes.write("x", at);
    });
    await withTopic(async (topic) => {
      const error = await errorOf(() => topic.read(0, new FrameBuffer()));
      expect(error).toMatchObject({
        code: "topic.corrupt",
        hint: expect.stringContaining("go on from offset 1"),
      });
      expect(readAll(topic, 1)).toEqual([[1, "bbbbbbbb"]]);
    });
  });

  test.each([
    ["a frame in another's place", (frames: Map<number, Buffer>) => frames.set(0, frames.get(1)!)],
    ["a frame that is gone", (frames: Map<number, Buffer>) => frames.delete(1)],
    ["the oldest frame when it is gone", (frames: Map<number, Buffer>) => frames.delete(0)],
    ["the newest frame when it is gone", (frames: Map<number, Buffer>) => frames.delete(2)],
    [
      "a frame that is cut off",
      (frames: Map<number, Buffer>) => frames.set(1, frames.get(1)!.subarray(0, 64)),
    ],
    ["a frame of other bytes", (frames: Map<number, Buffer>) => frames.set(1, Buffer.alloc(3))],
  ])("%s is noticed", async (_, change) => {
    await withTopic(async (topic) => {
      for (const value of ["a", "b", "c"]) await topic.append(batchOf(value));
    });
    await withDatabase(async (environment) => {
      const frames = environment.openDB<Buffer, number>("frames", { encoding: "binary" });
      const present = new Map([...frames.getRange({})].map(({ key, value }) => [key, Buffer.from(value)]));
      change(present);
      for (const key of [0, 1, 2]) {
        const value = present.get(key);
        await (value === undefined ? frames.remove(key) : frames.put(key, value));
      }
    });
    await withTopic(async (topic) => {
      const codes = [0, 1, 2].map((offset) => codeOf(() => topic.read(offset, new FrameBuffer())));
      expect((await Promise.all(codes)).sort()).toEqual(["no error", "no error", "topic.corrupt"]);
    });
  });

  test.each([
    ["meta", "next", "many"],
    ["meta", "next", "-1"],
    ["meta", "next", "7"],
    ["meta", "first", "2"],
    ["consumers", "c", "1.5"],
    ["positions", "p", "{"],
  ])("%s of other text is noticed (%s: %s)", async (database, key, text) => {
    await withTopic((topic) => topic.append(batchOf("a")));
    await withDatabase((environment) =>
      environment
        .openDB<string, string>(database, { encoding: "string", useVersions: database === "meta" })
        .put(key, text, 1),
    );
    await withTopic(async (topic) => {
      const read = (): unknown => {
        topic.bounds();
        return [topic.consumerOffset("c"), topic.sourcePosition("p")];
      };
      expect(await codeOf(read)).toBe("topic.corrupt");
    });
  });

  test("an offset that is smaller than it was is noticed", async () => {
    await withTopic((topic) => topic.append(batchOf("a", "b")));
    await withDatabase((environment) =>
      environment
        .openDB<string, string>("meta", { encoding: "string", useVersions: true })
        .put("next", "1", 1),
    );
    await withTopic(async (topic) => {
      expect(await codeOf(() => topic.read(0, new FrameBuffer()))).toBe("topic.corrupt");
    });
  });

  test("a topic of another format is refused", async () => {
    await withTopic((topic) => topic.append(batchOf("a")));
    await withDatabase((environment) =>
      environment
        .openDB<string, string>("meta", { encoding: "string", useVersions: true })
        .put("format", "2", 0),
    );
    const error = await errorOf(() => store.open("t"));
    expect(error).toMatchObject({ code: "topic.store", message: expect.stringContaining("format 2") });
  });

  test("a file that was cut off gives what is left of it", async () => {
    await withTopic(async (topic) => {
      await topic.append(Batch.of(frameOf([new Uint8Array(500_000).fill(1)])));
      await topic.append(Batch.of(frameOf([new Uint8Array(500_000).fill(2)])));
    });
    const { size } = statSync(dataFile());
    truncateSync(dataFile(), size - 300_000);
    await withTopic(async (topic) => {
      expect(topic.bounds()).toEqual({ first: 0, next: 2 });
      const codes = [0, 1].map((offset) => codeOf(() => topic.read(offset, new FrameBuffer())));
      expect(await Promise.all(codes)).toContain("topic.corrupt");
    });
  });

  test("a file that was cut off to its first pages is an error", async () => {
    await withTopic((topic) => topic.append(batchOf("a")));
    truncateSync(dataFile(), 8192);
    expect((await errorOf(() => store.open("t"))).code).toBe("topic.corrupt");
  });
});

describe("a place that is no topic", () => {
  test.each([
    ["text", (path: string) => writeFileSync(path, "hello")],
    ["many other bytes", (path: string) => writeFileSync(path, Buffer.alloc(100_000, 65))],
    ["zeros", (path: string) => writeFileSync(path, Buffer.alloc(100_000))],
    ["a folder", (path: string) => mkdirSync(path)],
  ])("%s where the data should be", async (_, make) => {
    mkdirSync(topicFolder(), { recursive: true });
    make(dataFile());
    const error = await errorOf(() => store.open("t"));
    expect(error.code).toBe("topic.store");
    expect(error.hint).toBeDefined();
    expect(formatWhere(error.where!)).toContain(topicFolder());
  });

  test("a folder where the locks should be", async () => {
    mkdirSync(join(topicFolder(), "lock.mdb"), { recursive: true });
    expect((await errorOf(() => store.open("t", { create: true }))).code).toBe("topic.store");
  });

  test.each([
    ["magic", 24],
    ["root", 136],
    ["last page", 150],
    ["page size", 49],
  ])("first pages with another %s", async (_, at) => {
    await withTopic((topic) => topic.append(batchOf("a")));
    changeFile(dataFile(), (bytes) => {
      for (const page of [0, 1]) bytes[page * 4096 + at] = 0x55;
    });
    expect(["topic.store", "topic.corrupt"]).toContain((await errorOf(() => store.open("t"))).code);
  });

  test("an empty file is a topic that is about to begin", async () => {
    mkdirSync(topicFolder(), { recursive: true });
    writeFileSync(dataFile(), "");
    const topic = await store.open("t");
    await topic.append(batchOf("a"));
    expect(readAll(topic)).toEqual([[0, "a"]]);
  });

  test("a folder without topics, in which looking leaves nothing behind", async () => {
    expect(await store.list()).toEqual([]);
    expect(await codeOf(() => store.open("t"))).toBe("topic.not-found");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("a folder without data is no topic", async () => {
    mkdirSync(topicFolder(), { recursive: true });
    expect(await store.list()).toEqual([]);
    expect(await codeOf(() => store.open("t"))).toBe("topic.not-found");
  });

  test("a file where the store's folder should be", async () => {
    const path = join(folder.path, "file");
    writeFileSync(path, "");
    for (const place of [path, join(path, "under")]) {
      const error = await errorOf(() => openLmdbStore(place));
      expect(error.code).toBe("topic.store");
      expect(error.hint).toContain("something else has the name");
    }
  });

  // Where not even the superuser may write, who runs tests in containers.
  test.runIf(existsSync("/sys/kernel"))("a folder that cannot be written", async () => {
    const error = await errorOf(() => openLmdbStore("/sys/kernel/millrace"));
    expect(error.code).toBe("topic.store");
    expect(error.hint).toContain("must be writable");
    expect(formatWhere(error.where!)).toBe("/sys/kernel/millrace");
  });
});
