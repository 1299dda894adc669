import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { readAll, readOne, shown, valuesOf } from "../../../src/conformance/index.ts";
import { formatWhere } from "../../../src/errors.ts";
import { FrameBuffer } from "../../../src/record/index.ts";
import type { Position } from "../../../src/topic/index.ts";
import { sourceOf } from "../support/open-connector.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { testContext } from "../support/test-context.ts";

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

async function open(path: string, extract?: unknown, position?: Position, batchBytes?: number) {
  const context = testContext({ folder, batchBytes });
  const source = await sourceOf("file-source", { path }, context, extract);
  await source.open(position);
  return { source, log: context.log };
}

async function valuesFrom(path: string, extract?: unknown, position?: Position): Promise<string[]> {
  const { source } = await open(path, extract, position);
  const values = shown(valuesOf(await readAll(source)));
  await source.close();
  return values;
}

async function positionAfterFirst(path: string, extract: unknown, batchBytes: number): Promise<Position> {
  const { source } = await open(path, extract, undefined, batchBytes);
  const reading = await readOne(source);
  await source.close();
  return reading!.position!;
}

describe("going on from a place", () => {
  test("CSV remembers its columns", async () => {
    writeFileSync(join(folder, "in.csv"), 'x,"y z"\n1,2\n3,4\n');
    const position = await positionAfterFirst("in.csv", "csv", 10);
    expect(position).toMatchObject({ byte: 12, line: 2, format: "csv", state: '["x","y z"]' });
    expect(await valuesFrom("in.csv", "csv", position)).toEqual(['{"x":"3","y z":"4"}']);
  });

  test("JSON remembers that it is in an array", async () => {
    writeFileSync(join(folder, "in.json"), '[{"a":1},\n {"a":2}]');
    const position = await positionAfterFirst("in.json", "json", 9);
    expect(await valuesFrom("in.json", "json", position)).toEqual(['{"a":2}']);
  });

  test("in another format it starts over, and says so", async () => {
    writeFileSync(join(folder, "in.txt"), "1\n2\n");
    const position = await positionAfterFirst("in.txt", "lines", 2);
    const { source, log } = await open("in.txt", "json", position);
    expect(shown(valuesOf(await readAll(source)))).toEqual(["1", "2"]);
    expect(log.shown).toEqual([
      expect.stringContaining("it was read as lines before, and is read as json now"),
    ]);
    await source.close();
  });

  test("a text of several files that is none is refused with a warning", async () => {
    writeFileSync(join(folder, "in.txt"), "1\n");
    for (const position of [
      { "file:in.txt": "no" },
      { "file:in.txt": "{}" },
      { byte: 1 },
      { "file:in.txt": 3 },
    ]) {
      const { source, log } = await open("*.txt", "lines", position);
      expect(shown(valuesOf(await readAll(source)))).toEqual(["1"]);
      expect(log.shown).toEqual([expect.stringContaining("the stored position is not one of a file")]);
      await source.close();
    }
  });
});

test("records of CSV and of binary formats have their places", async () => {
  writeFileSync(join(folder, "in.csv"), 'a\n"1\n2"\n3\n');
  writeFileSync(join(folder, "in.bin"), "\0\0\0\u0001a\0\0\0\u0001b");
  for (const [path, extract, places] of [
    ["in.csv", "csv", ["in.csv:2", "in.csv:4"]],
    ["in.bin", { "length-prefixed": { bytes: 4 } }, ["in.bin#1", "in.bin#2"]],
  ] as const) {
    const { source } = await open(path, extract);
    const reading = await source.read(new FrameBuffer(), new AbortController().signal);
    const found = [0, 1].map((index) =>
      formatWhere(source.locate(reading!.frame, index)).slice(folder.length + 1),
    );
    expect(found).toEqual(places);
    await source.close();
  }
});

describe("archives", () => {
  test("are told by what they hold, whatever they are called", async () => {
    writeFileSync(join(folder, "in.log"), gzipSync("a\nb\n"));
    expect(await valuesFrom("in.log")).toEqual(["a", "b"]);
  });

  test("may hold any format", async () => {
    writeFileSync(join(folder, "in.csv.gz"), gzipSync("a\n1\n"));
    expect(await valuesFrom("in.csv.gz", "csv")).toEqual(['{"a":"1"}']);
  });

  test("that grew by members are read on from the place", async () => {
    const path = join(folder, "in.gz");
    writeFileSync(path, gzipSync("a\nb\n"));
    const position = await positionAfterFirst("in.gz", "lines", 100);
    appendFileSync(path, gzipSync("c\n"));
    expect(await valuesFrom("in.gz", "lines", position)).toEqual(["c"]);
  });

  test.each([
    ["breaks off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 10), "the archive breaks off"],
    [
      "has changed bytes",
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -8), Buffer.alloc(8, 0x55)]),
      "the archive is damaged: ",
    ],
    [
      "has something else behind it",
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("no archive")]),
      "the archive is damaged: ",
    ],
  ])("one that %s gives what is before the damage, and says so", async (_name, damage, message) => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `line ${(i * 7919) % 200_003}\n`);
    writeFileSync(join(folder, "in.gz"), damage(gzipSync(lines.join(""))));
    const { source } = await open("in.gz");
    const values: string[] = [];
    const error: unknown = await (async () => {
      for (;;) {
        const reading = await readOne(source);
        if (reading === undefined) return undefined;
        values.push(...shown(reading.values));
      }
    })().catch((thrown: unknown) => thrown);
    await source.close();
    expect(values.length).toBeGreaterThan(100_000);
    // What comes right before damage inside of a member cannot be told from it: the sum is at its end.
    expect(values.slice(0, 100_000)).toEqual(lines.slice(0, 100_000).map((line) => line.trimEnd()));
    expect(error).toMatchObject({
      code: "gzip.invalid",
      message: expect.stringContaining(message),
      where: { file: join(folder, "in.gz") },
      hint: expect.any(String),
    });
  });

  test("by name that are none are refused", async () => {
    writeFileSync(join(folder, "in.gz"), "plain\n");
    await expect(valuesFrom("in.gz")).rejects.toMatchObject({ code: "gzip.invalid" });
  });
});

test("a file that is called like a pattern is read as itself", async () => {
  writeFileSync(join(folder, "a[1].log"), "itself\n");
  writeFileSync(join(folder, "a1.log"), "not this\n");
  expect(await valuesFrom("a[1].log")).toEqual(["itself"]);
  expect(readFileSync(join(folder, "a[1].log"), "utf8")).toBe("itself\n");
});
