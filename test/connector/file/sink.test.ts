import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { sinkOf } from "../support/open-connector.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { testContext } from "../support/test-context.ts";

const nowhere = { source: undefined };

let folder: string;
let file: string;
beforeEach(() => {
  folder = tempFolder();
  file = join(folder, "out.txt");
});

function textOf(path = file): string {
  return readFileSync(path, "utf8");
}

function batchOf(...values: string[]): Batch {
  return Batch.of(frameOf(values));
}

/** Opens a sink, writes each batch, and closes it; gives what it logged. */
async function write(settings: object, ...batches: Batch[]): Promise<string[]> {
  const context = testContext({ folder });
  const sink = await sinkOf("file-sink", { path: "out.txt", ...settings }, context);
  await sink.open();
  for (const batch of batches) await sink.write(batch, nowhere);
  await sink.flush();
  await sink.close();
  return context.log.lines;
}

test("each record is a line", async () => {
  await write({}, batchOf("a", "", "b"), batchOf("c"));
  expect(textOf()).toBe("a\n\nb\nc\n");
});

test("a record with a line feed is refused, with its place, and the others are written", async () => {
  const sink = await sinkOf("file-sink", { path: "out.txt" }, testContext({ folder }));
  await sink.open();
  const refused = await sink.write(batchOf("a", "b\nc", "d"), nowhere);
  await sink.flush();
  await sink.close();
  expect(refused).toMatchObject([{ origin: 1, code: "record.line-feed" }]);
  expect(textOf()).toBe("a\nd\n");
});

test("it appends to what is there, unless it is told to begin anew", async () => {
  await write({}, batchOf("a"));
  await write({}, batchOf("b"));
  await write({ append: true }, batchOf("c"));
  expect(textOf()).toBe("a\nb\nc\n");
  await write({ append: false }, batchOf("d"), batchOf("e"));
  expect(textOf()).toBe("d\ne\n");
});

test("the file is there as soon as the sink is open", async () => {
  await write({});
  expect(existsSync(file)).toBe(true);
  expect(textOf()).toBe("");
});

describe("a last line that breaks off", () => {
  test("is ended before the first record, and nothing of it is lost", async () => {
    writeFileSync(file, "whole\nto");
    const log = await write({}, batchOf("torn"), batchOf("next"));
    expect(textOf()).toBe("whole\nto\ntorn\nnext\n");
    expect(log).toEqual([
      `warn: ${file} ends in the middle of a line; the line is ended there, and records follow`,
    ]);
  });

  test("stays as it is when nothing is written", async () => {
    writeFileSync(file, "not ours");
    expect(await write({}, Batch.of(frameOf([])))).toEqual([]);
    expect(textOf()).toBe("not ours");
  });

  test("does not matter when the file begins anew", async () => {
    writeFileSync(file, "whole\nto");
    expect(await write({ append: false }, batchOf("a"))).toEqual([]);
    expect(textOf()).toBe("a\n");
  });
});

test("what others append meanwhile stays", async () => {
  const sink = await sinkOf("file-sink", { path: "out.txt" }, testContext({ folder }));
  await sink.open();
  await sink.write(batchOf("a"), nowhere);
  await sink.flush();
  appendFileSync(file, "theirs\n");
  await sink.write(batchOf("b"), nowhere);
  await sink.flush();
  await sink.close();
  expect(textOf()).toBe("a\ntheirs\nb\n");
});

test("batchBytes: small batches wait for a flush together, larger ones keep their place behind them", async () => {
  const large = "x".repeat(limits.batchBytes.default);
  const sink = await sinkOf("file-sink", { path: "out.txt" }, testContext({ folder }));
  await sink.open();
  await sink.write(batchOf("a"), nowhere);
  await sink.write(batchOf("b"), nowhere);
  expect(textOf()).toBe("");
  await sink.write(batchOf(large), nowhere);
  expect(textOf()).toBe(`a\nb\n${large}\n`);
  await sink.write(batchOf("c"), nowhere);
  await sink.flush();
  await sink.close();
  expect(textOf()).toBe(`a\nb\n${large}\nc\n`);
});

test("a device can be written to", async () => {
  expect(await write({ path: "/dev/null" }, batchOf("a"))).toEqual([]);
});

describe("a file that cannot be written", () => {
  async function failureOf(path: string): Promise<MillraceError> {
    const sink = await sinkOf("file-sink", { path }, testContext({ folder }));
    const error: unknown = await (async () => {
      await sink.open();
      await sink.write(batchOf("a"), nowhere);
      await sink.flush();
    })().catch((thrown: unknown) => thrown);
    await sink.close();
    if (!MillraceError.is(error)) throw new Error("it was written", { cause: error });
    return error;
  }

  test("because its folder is not there", async () => {
    expect(await failureOf("sub/out.txt")).toMatchObject({
      code: "file.unwritable",
      category: "environment",
      message: "the folder of the file to write does not exist",
      where: { file: join(folder, "sub/out.txt") },
      hint: expect.stringContaining(`mkdir -p ${join(folder, "sub")}`),
    });
  });

  test("because it is a folder", async () => {
    mkdirSync(join(folder, "sub"));
    expect(await failureOf("sub")).toMatchObject({
      code: "file.unwritable",
      message: "the path to write leads to a folder",
    });
  });

  test("because the disk is full", async () => {
    expect(await failureOf("/dev/full")).toMatchObject({
      code: "file.unwritable",
      message: "no space is left on the disk",
      where: { file: "/dev/full" },
    });
  });
});
