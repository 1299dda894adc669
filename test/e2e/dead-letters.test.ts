import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLetter } from "../../src/pipeline/index.ts";
import { Batch, frameOf } from "../../src/record/index.ts";
import { openLmdbStore, type Topic } from "../../src/topic/index.ts";
import { fileSinkConfig } from "../cli/support/configs.ts";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";
import { guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

const never = new AbortController().signal;
const jsonFilter = join(
  import.meta.dirname,
  "../../smartmodules/assemblyscript/json-filter/json-filter.wasm",
);

/** A filter of lines of JSON, which fails a line that is none. */
function inbound(...millraceLines: readonly string[]): string {
  return [
    "meta: { name: in, type: file-source, topic: records }",
    "file: { path: input.ndjson }",
    `filter: { uses: ${jsonFilter}, with: { field: n, operator: '>=', value: '0' } }`,
    "millrace:",
    "  onError: dead-letter",
    ...millraceLines.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

/** Lines of which one in `every` is no JSON. */
function lines(count: number, every: number): string[] {
  return Array.from({ length: count }, (_, n) => (n % every === 7 ? `{broken ${n}` : `{"n":${n}}`));
}

interface Stored {
  readonly offset: number;
  readonly value: string;
  /** Where it failed, without the folder. */
  readonly place: string | undefined;
  readonly message: string | undefined;
}

function readAll(topic: Topic): Stored[] {
  const batch = new Batch();
  const records: Stored[] = [];
  for (let next = 0; ; ) {
    const frame = topic.read(next, batch.buffer);
    if (frame === undefined) return records;
    next = frame.baseOffset + frame.recordCount;
    for (const record of batch.start(frame)) {
      const cause = openLetter(record.headers)?.cause;
      records.push({
        offset: record.offset ?? -1,
        value: record.text,
        place: cause?.place.replace(/^.*\//, ""),
        message: cause?.message,
      });
    }
    batch.release();
  }
}

async function contentsOf(folder: string, name: string): Promise<Stored[]> {
  const store = await openLmdbStore(join(folder, ".millrace"));
  try {
    return readAll(await store.open(name));
  } finally {
    await store.close();
  }
}

test("one bad record in 1,000 of 100,000: the good ones arrive, the bad ones are kept with their causes", {
  timeout: 120_000,
}, async () => {
  const given = lines(100_000, 1000);
  const folder = await folderWith({ "in.yaml": inbound(), "input.ndjson": `${given.join("\n")}\n` });
  const { code, stdout, stderr } = await millrace(["run", "in.yaml", "--once", "--json"], { cwd: folder });
  expect(code).toBe(0);
  expect(stderr).toContain("which is kept in in-dead-letters: invalid JSON");
  const { result } = JSON.parse(stdout);
  expect(result.counts).toEqual({
    read: 100_000,
    delivered: 99_900,
    filtered: 0,
    deadLettered: 100,
    skipped: 0,
    inFlight: 0,
  });
  expect(result.deadLetterTopic).toBe("in-dead-letters");
  expect(result.stages[1]).toMatchObject({ stage: "filter", failed: 100, deadLettered: 100 });
  const good = (await contentsOf(folder, "records")).map(({ value }) => value);
  expect(good).toEqual(given.filter((line) => line.endsWith("}")));
  const bad = await contentsOf(folder, "in-dead-letters");
  expect(bad.map(({ value, place }) => [value, place])).toEqual(
    given.flatMap((line, index) => (line.endsWith("}") ? [] : [[line, `input.ndjson:${index + 1}`]])),
  );
  expect(new Set(bad.map(({ message }) => message))).toEqual(
    new Set(["invalid JSON at byte 1: expected a name in quotes"]),
  );
});

test("one record in 1,000 of 100,000 that makes a module trap: it alone is kept as a letter", {
  timeout: 120_000,
}, async () => {
  const given = Array.from({ length: 100_000 }, (_, n) => (n % 1000 === 7 ? `! ${n}` : `v ${n}`));
  const record = `(if (i32.eq (call $firstByte (local.get $i)) (i32.const 33)) (then (unreachable))) (i32.const 1)`;
  const config = [
    "meta: { name: in, type: file-source, topic: records }",
    "file: { path: input.txt }",
    "filter: { uses: trapping.wasm }",
    "millrace: { onError: dead-letter }",
    "",
  ].join("\n");
  const folder = await folderWith({ "in.yaml": config, "input.txt": `${given.join("\n")}\n` });
  await writeFile(join(folder, "trapping.wasm"), await compileWat(guestWat({ transform: "filter", record })));
  const { code, stdout, stderr } = await millrace(["run", "in.yaml", "--once", "--json"], { cwd: folder });
  expect(code).toBe(0);
  expect(stderr.split("a new instance has taken its place").length - 1).toBe(1);
  const { result } = JSON.parse(stdout);
  expect(result.counts).toMatchObject({ read: 100_000, delivered: 99_900, deadLettered: 100, filtered: 0 });
  const good = (await contentsOf(folder, "records")).map(({ value }) => value);
  expect(good).toEqual(given.filter((line) => line.startsWith("v")));
  const bad = await contentsOf(folder, "in-dead-letters");
  expect(bad.map(({ value, place, message }) => [value, place, message])).toEqual(
    given.flatMap((line, index) =>
      line.startsWith("v") ? [] : [[line, `input.txt:${index + 1}`, "trapped: unreachable"]],
    ),
  );
});

test("memory stays bounded when all records fail", { timeout: 180_000 }, async () => {
  // Letters of all records together are several times as large as the heap may become.
  const given = Array.from({ length: 150_000 }, (_, n) => `{broken ${"x".repeat(90)} ${n}`);
  const folder = await folderWith({ "in.yaml": inbound(), "input.ndjson": `${given.join("\n")}\n` });
  const env = { NODE_OPTIONS: "--max-old-space-size=40" };
  const ended = await millrace(["run", "in.yaml", "--once", "--json"], { cwd: folder, env });
  expect({ code: ended.code, signal: ended.signal }).toEqual({ code: 0, signal: null });
  expect(JSON.parse(ended.stdout).result.counts).toMatchObject({
    read: 150_000,
    delivered: 0,
    deadLettered: 150_000,
    inFlight: 0,
  });
});

test("a window of errors ends the run with an exit code, and the next one goes on where it ended", async () => {
  const given = [...lines(2000, 100_000), ...lines(50, 1).map(() => "{broken"), ...lines(10, 100_000)];
  const folder = await folderWith({
    "in.yaml": inbound("batch-bytes: 1 KiB", "error-window: { records: 100, failures: 20 }"),
    "more.yaml": inbound("batch-bytes: 1 KiB"),
    "input.ndjson": `${given.join("\n")}\n`,
  });
  const { code, stdout, stderr } = await millrace(["run", "in.yaml", "--once", "--json"], { cwd: folder });
  expect(code).toBe(1);
  const { error, result } = JSON.parse(stdout);
  expect(error.code).toBe("pipeline.too-many-failures");
  expect(error.problems[0]).toMatchObject({ code: "module.record", where: expect.stringMatching(/:2001$/) });
  expect(stderr).toContain("of the last 100 records failed");
  expect(result.counts.delivered).toBeLessThan(2000 + 50);
  expect(await millrace(["run", "more.yaml", "--once"], { cwd: folder })).toMatchObject({ code: 0 });
  const stored = await contentsOf(folder, "records");
  const letters = await contentsOf(folder, "in-dead-letters");
  expect([stored.length, letters.length]).toEqual([2008, 52]);
});

describe("killed in the middle of its work", () => {
  test.each([3, 30, 90])(
    "an inbound pipeline brings each record and each letter once (%i letters)",
    { timeout: 120_000 },
    async (lettersBefore) => {
      const given = lines(30_000, 200);
      const folder = await folderWith({
        "in.yaml": inbound("batch-bytes: 2 KiB"),
        "input.ndjson": `${given.join("\n")}\n`,
      });
      await killAt(folder, ["run", "in.yaml", "--once", "--quiet"], "in-dead-letters", lettersBefore);
      const left = await contentsOf(folder, "in-dead-letters");
      expect(left.length).toBeLessThan(150);
      expect(await millrace(["run", "in.yaml", "--once"], { cwd: folder })).toMatchObject({ code: 0 });
      const good = (await contentsOf(folder, "records")).map(({ value }) => value);
      expect(good).toEqual(given.filter((line) => line.endsWith("}")));
      const bad = (await contentsOf(folder, "in-dead-letters")).map(({ value }) => value);
      expect(bad).toEqual(given.filter((line) => !line.endsWith("}")));
    },
  );

  test.each([3, 30])(
    "an outbound pipeline whose sink refuses records loses none of them (%i letters)",
    { timeout: 120_000 },
    async (lettersBefore) => {
      const policy =
        "millrace: { sink: { onError: { retry: { attempts: 2, backoff: 1ms, then: dead-letter } } } }";
      const folder = await folderWith({ "out.yaml": fileSinkConfig("out.txt", [policy]) });
      const values = Array.from({ length: 6000 }, (_, n) => (n % 60 === 7 ? `two\nlines ${n}` : `good ${n}`));
      const store = await openLmdbStore(join(folder, ".millrace"));
      const topic = await store.open("orders", { create: true });
      for (let from = 0; from < values.length; from += 20) {
        await topic.append(Batch.of(frameOf(values.slice(from, from + 20))));
      }
      await store.close();
      await killAt(
        folder,
        ["run", "out.yaml", "--once", "--quiet"],
        "orders-out-dead-letters",
        lettersBefore,
      );
      expect(await millrace(["run", "out.yaml", "--once"], { cwd: folder })).toMatchObject({ code: 0 });
      const written = (await readFile(join(folder, "out.txt"), "utf8")).trimEnd().split("\n");
      expect(new Set(written)).toEqual(new Set(values.filter((value) => value.startsWith("good"))));
      const bad = await contentsOf(folder, "orders-out-dead-letters");
      const places = new Map(bad.map(({ place, value }) => [place, value]));
      expect([...places]).toEqual(
        values.flatMap((value, offset) => (value.startsWith("good") ? [] : [[`orders@${offset}`, value]])),
      );
    },
  );
});

/** Runs the program and kills it once there are so many letters. */
async function killAt(
  folder: string,
  words: readonly string[],
  name: string,
  letters: number,
): Promise<void> {
  const store = await openLmdbStore(join(folder, ".millrace"));
  const topic = await store.open(name, { create: true });
  const call = start(words, { cwd: folder });
  await topic.waitFor(letters - 1, never);
  call.child.kill("SIGKILL");
  expect(await call.ended).toMatchObject({ signal: "SIGKILL" });
  await store.close();
}
