import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { formatWhere } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import type { Source } from "../../../src/pipeline/index.ts";
import { Batch, FrameBuffer } from "../../../src/record/index.ts";
import type { Position } from "../../../src/topic/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sourceOf } from "../support/open-connector.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { testContext } from "../support/test-context.ts";

const recheckMs = limits.fileRecheckMs.default;

let folder: string;
let file: string;
beforeEach(() => {
  folder = tempFolder();
  file = join(folder, "app.log");
});

interface Given {
  readonly values: string[];
  readonly places: string[];
  position: Position | undefined;
}

/** A follower whose readings go to a list, and whose time a test moves. */
class Follower {
  readonly given: Given = { values: [], places: [], position: undefined };
  readonly clock = new ManualClock();
  readonly context = testContext({ folder, once: false, clock: this.clock });
  readonly #stop = new AbortController();
  #source: Source | undefined;
  #done: Promise<void> = Promise.resolve();

  async start(path = "app.log", position?: Position, extract?: unknown): Promise<this> {
    const source = await sourceOf("file-source", { path, follow: true }, this.context, extract);
    this.#source = source;
    await source.open(position);
    this.#done = this.#readAll(source);
    onTestFinished(async () => {
      await this.stop();
    });
    return this;
  }

  /** Lets the follower look again, as often as it takes, until it has given so many records in all. */
  async until(count: number): Promise<string[]> {
    while (this.given.values.length < count) {
      await this.clock.sleeping(recheckMs);
      if (this.given.values.length < count) this.clock.advance(recheckMs);
    }
    return this.given.values;
  }

  /** Lets the follower look again so many times. */
  async looks(times: number): Promise<string[]> {
    for (let i = 0; i < times; i++) {
      await this.clock.sleeping(recheckMs);
      this.clock.advance(recheckMs);
    }
    await this.clock.sleeping(recheckMs);
    return this.given.values;
  }

  async stop(): Promise<Position | undefined> {
    this.#stop.abort();
    await this.#done;
    await this.#source?.close();
    this.#source = undefined;
    return this.given.position;
  }

  async #readAll(source: Source): Promise<void> {
    const buffer = new FrameBuffer();
    for (;;) {
      buffer.reset();
      const reading = await source.read(buffer, this.#stop.signal);
      if (reading === undefined) return;
      for (const [index, { text }] of [...Batch.of(reading.frame)].entries()) {
        this.given.values.push(text);
        this.given.places.push(formatWhere(source.locate(reading.frame, index)).slice(folder.length + 1));
      }
      this.given.position = JSON.parse(JSON.stringify(reading.position));
    }
  }
}

describe("a file that grows", () => {
  test("is read on as it grows, and what has not ended is kept back", async () => {
    writeFileSync(file, "a\nb");
    const follower = await new Follower().start();
    expect(await follower.looks(2)).toEqual(["a"]);
    appendFileSync(file, "c\nd\n");
    expect(await follower.until(3)).toEqual(["a", "bc", "d"]);
    expect(follower.given.places).toEqual(["app.log:1", "app.log:2", "app.log:3"]);
  });

  test("wakes the follower by itself, where the system reports changes", async () => {
    writeFileSync(file, "a\n");
    const follower = await new Follower().start();
    await follower.until(1);
    await follower.clock.sleeping(recheckMs);
    appendFileSync(file, "b\n");
    // No time passes here.
    while (follower.given.values.length < 2) await new Promise(setImmediate);
    expect(follower.given.values).toEqual(["a", "b"]);
  });

  test("is waited for where it is not there yet", async () => {
    const follower = await new Follower().start();
    expect(follower.context.log.shown).toEqual([
      `warn: ${file}: the file to read does not exist; waiting for it`,
    ]);
    writeFileSync(file, "a\n");
    expect(await follower.until(1)).toEqual(["a"]);
  });

  test.each([
    ["csv", "a,b\n1,2\n3,", "4\n", ['{"a":"1","b":"2"}'], '{"a":"3","b":"4"}'],
    ["json", '{"a":1}{"a"', ":2}", ['{"a":1}'], '{"a":2}'],
    ["length-prefixed", "\0\0\0\u0001a\0\0\0\u0002b", "c", ["a"], "bc"],
    ["msgpack", "\u0001\u0002\ud7ff".slice(0, 2), "\u0003", ["1", "2"], "3"],
  ])("is followed in the format %s", async (format, first, second, before, behind) => {
    writeFileSync(file, first);
    const follower = await new Follower().start("app.log", undefined, format);
    expect(await follower.looks(2)).toEqual(before);
    appendFileSync(file, second);
    expect(await follower.until(before.length + 1)).toEqual([...before, behind]);
  });

  test("keeps what has not ended for the next run", async () => {
    writeFileSync(file, "a\nb");
    const first = await new Follower().start();
    await first.until(1);
    const position = await first.stop();
    appendFileSync(file, "c\n");
    const second = await new Follower().start("app.log", position);
    expect(await second.until(1)).toEqual(["bc"]);
  });
});

describe("a file that is renamed", () => {
  test("is read to its end, with a last line that has not ended, and then the new one", async () => {
    writeFileSync(file, "a\n");
    const follower = await new Follower().start();
    await follower.until(1);
    appendFileSync(file, "b\nlast");
    renameSync(file, join(folder, "app.log.1"));
    writeFileSync(file, "c\n");
    expect(await follower.until(4)).toEqual(["a", "b", "last", "c"]);
    expect(follower.given.places.at(-1)).toBe("app.log:1");
  });

  test("is read on while it is still written to", async () => {
    writeFileSync(file, "a\n");
    const follower = await new Follower().start();
    await follower.until(1);
    renameSync(file, join(folder, "app.log.1"));
    writeFileSync(file, "c\n");
    await follower.looks(1);
    appendFileSync(join(folder, "app.log.1"), "b\n");
    expect(await follower.until(3)).toEqual(["a", "b", "c"]);
  });

  test("is read to its end where no new one comes", async () => {
    writeFileSync(file, "a\nlast");
    const follower = await new Follower().start();
    await follower.until(1);
    unlinkSync(file);
    expect(await follower.until(2)).toEqual(["a", "last"]);
    writeFileSync(file, "b\n");
    expect(await follower.until(3)).toEqual(["a", "last", "b"]);
  });

  test("while nobody read it is found again by what it holds", async () => {
    writeFileSync(file, "a\nb\n");
    const first = await new Follower().start();
    await first.until(2);
    const position = await first.stop();
    appendFileSync(file, "c\n");
    renameSync(file, join(folder, "app.log.1"));
    writeFileSync(join(folder, "app.log.2"), "older\n");
    writeFileSync(file, "d\n");
    const second = await new Follower().start("app.log", position);
    expect(await second.until(2)).toEqual(["c", "d"]);
    expect(second.given.places).toEqual(["app.log.1:3", "app.log:1"]);
    expect(second.context.log.shown).toEqual([]);
  });
});

describe("a file that is emptied", () => {
  test("is read from its start again, and what was kept back is not lost", async () => {
    writeFileSync(file, "a\nb\nlast");
    const follower = await new Follower().start();
    await follower.until(2);
    await follower.looks(1);
    copyFileSync(file, join(folder, "app.log.1"));
    truncateSync(file);
    appendFileSync(file, "c\n");
    expect(await follower.until(4)).toEqual(["a", "b", "last", "c"]);
    expect(follower.given.places.at(-1)).toBe("app.log:1");
  });

  test.each([
    ["lines", "part", "x\n", ["part", "x"]],
    ["length-prefixed", "\0\0\0\u0009part", "\0\0\0\u0001x", ["x"]],
  ])("while nothing of it had ended is read from its start: %s", async (format, before, after, values) => {
    writeFileSync(file, before);
    const follower = await new Follower().start("app.log", undefined, format);
    await follower.looks(1);
    writeFileSync(file, after);
    expect(await follower.until(values.length)).toEqual(values);
  });

  test("and has grown beyond its old size is noticed by what it holds", async () => {
    writeFileSync(file, "a\n");
    const follower = await new Follower().start();
    await follower.until(1);
    writeFileSync(file, "b\nc\nd\n");
    expect(await follower.until(4)).toEqual(["a", "b", "c", "d"]);
  });

  test("is read from its start again in other formats, too", async () => {
    writeFileSync(file, "x\n1\n2\n");
    const follower = await new Follower().start("app.log", undefined, "csv");
    await follower.until(2);
    writeFileSync(file, "y\n3\n");
    expect(await follower.until(3)).toEqual(['{"x":"1"}', '{"x":"2"}', '{"y":"3"}']);
  });
});

describe("files that fit a pattern", () => {
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

  test("are read in the order of their names, and followed, and new ones are picked up", async () => {
    write("b.log", "b1\n");
    write("a.log", "a1\n");
    const follower = await new Follower().start("*.log");
    expect(await follower.until(2)).toEqual(["a1", "b1"]);
    appendFileSync(join(folder, "a.log"), "a2\n");
    expect(await follower.until(3)).toEqual(["a1", "b1", "a2"]);
    write("c.log", "c1\n");
    write("c.txt", "no\n");
    expect(await follower.until(4)).toEqual(["a1", "b1", "a2", "c1"]);
    expect(follower.given.places).toEqual(["a.log:1", "b.log:1", "a.log:2", "c.log:1"]);
  });

  test("have a place each, so that the next run gives exactly the rest", async () => {
    write("a.log", "a1\n");
    write("b.log", "b1\n");
    const first = await new Follower().start("*.log");
    await first.until(2);
    const position = await first.stop();
    appendFileSync(join(folder, "a.log"), "a2\n");
    write("0.log", "01\n");
    rmSync(join(folder, "b.log"));
    const second = await new Follower().start("*.log", position);
    expect(await second.until(2)).toEqual(["01", "a2"]);
    expect(second.context.log.shown).toEqual([]);
    expect(Object.keys((await second.stop())!)).toEqual(["file:a.log", "file:0.log"]);
  });

  test("are not read again under another name that fits, too", async () => {
    write("app.log", "a\n");
    const follower = await new Follower().start("app.log*");
    await follower.until(1);
    appendFileSync(file, "b\n");
    renameSync(file, join(folder, "app.log.1"));
    write("app.log", "c\n");
    await follower.until(3);
    expect([...follower.given.values].sort()).toEqual(["a", "b", "c"]);
    const position = await follower.stop();
    renameSync(join(folder, "app.log.1"), join(folder, "app.log.2"));
    renameSync(file, join(folder, "app.log.1"));
    write("app.log", "d\n");
    const second = await new Follower().start("app.log*", position);
    expect(await second.until(1)).toEqual(["d"]);
    await second.looks(2);
    expect(second.given.values).toEqual(["d"]);
    expect(second.context.log.shown).toEqual([]);
  });
});

test("an archive that grows is read on behind what was read", async () => {
  const archive = join(folder, "app.log.gz");
  const second = gzipSync("b\nc\n");
  writeFileSync(archive, gzipSync("a\n"));
  const follower = await new Follower().start("app.log.gz");
  await follower.until(1);
  // In the middle of a member it is as one that is being written.
  appendFileSync(archive, second.subarray(0, 15));
  await follower.looks(2);
  appendFileSync(archive, second.subarray(15));
  expect(await follower.until(3)).toEqual(["a", "b", "c"]);
  expect(follower.given.places).toEqual(["app.log.gz:1", "app.log.gz:2", "app.log.gz:3"]);
});
