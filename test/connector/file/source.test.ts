import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { readAll, readOne, shown, valuesOf } from "../../../src/conformance/index.ts";
import type { ConnectorContext } from "../../../src/connector/index.ts";
import { formatWhere, MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import type { Source } from "../../../src/pipeline/index.ts";
import { Batch, FrameBuffer } from "../../../src/record/index.ts";
import type { Position } from "../../../src/topic/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sourceOf } from "../support/open-connector.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { testContext } from "../support/test-context.ts";

const never = new AbortController().signal;
const lineBytesMax = limits.recordBytesMax.default;

let folder: string;
let file: string;
beforeEach(() => {
  folder = tempFolder();
  file = join(folder, "in.txt");
});

async function open(position?: Position, changes: Partial<ConnectorContext> = {}): Promise<Source> {
  const source = await sourceOf("file-source", { path: "in.txt" }, testContext({ folder, ...changes }));
  await source.open(position);
  return source;
}

async function linesOf(content: string | Uint8Array, changes?: Partial<ConnectorContext>): Promise<string[]> {
  writeFileSync(file, content);
  const source = await open(undefined, changes);
  const lines = shown(valuesOf(await readAll(source)));
  await source.close();
  return lines;
}

describe("lines", () => {
  test.each([
    ["a\nb\n", ["a", "b"]],
    ["a\nb", ["a", "b"]],
    ["a\r\nb\r\n", ["a", "b"]],
    ["\n\na\n\n", ["", "", "a", ""]],
    ["\r\n", [""]],
    ["a\rb\r\r\n", ["a\rb\r"]],
    ["", []],
    ["\n", [""]],
  ])("of %j", async (content, lines) => {
    expect(await linesOf(content)).toEqual(lines);
  });

  test("of any file are what splitting the whole text gives, however small the chunks are", async () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\r", "é"), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 20 }), async (content, batchBytes) => {
        const parts = content.split("\n");
        if (parts.at(-1) === "") parts.pop();
        const expected = parts.map((line) => Buffer.from(line.replace(/\r$/, "")).toString("latin1"));
        expect(await linesOf(content, { batchBytes })).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test("more of them than a frame may hold come in several readings", async () => {
    const count = limits.batchRecordsMax.default + 10;
    writeFileSync(file, "\n".repeat(count));
    const source = await open();
    const readings = await readAll(source);
    expect(readings.map(({ values }) => values.length)).toEqual([limits.batchRecordsMax.default, 10]);
    await source.close();
  });

  test("come with their place, their number as the offset, and the time of reading", async () => {
    writeFileSync(file, "aa\nbb\ncc\ndd\n");
    const clock = new ManualClock();
    const source = await open(undefined, { batchBytes: 6, clock });
    const first = await source.read(new FrameBuffer(), never);
    const second = await source.read(new FrameBuffer(), never);
    expect([first!.frame.baseOffset, second!.frame.baseOffset]).toEqual([0, 2]);
    expect(formatWhere(source.locate(second!.frame, 1))).toBe(`${file}:4`);
    expect(second!.frame.baseTimestamp).toBe(clock.now());
    await source.close();
  });

  test("know that they hold no line feed, so that they can be written as they are", async () => {
    writeFileSync(file, "a\nb\n");
    const source = await open();
    expect((await source.read(new FrameBuffer(), never))!.frame.singleLine).toBe(true);
    await source.close();
  });

  test("that are written while the file is read are read too", async () => {
    writeFileSync(file, "a\n");
    const source = await open(undefined, { batchBytes: 2 });
    await readOne(source);
    appendFileSync(file, "b\n");
    expect(shown(valuesOf(await readAll(source)))).toEqual(["b"]);
    await source.close();
  });
});

describe("a line at the limit", () => {
  interface Given {
    readonly values: string[];
    readonly rejected: string[];
    readonly positions: Position[];
  }

  async function read(position?: Position): Promise<Given> {
    const source = await open(position);
    const given: Given = { values: [], rejected: [], positions: [] };
    for (;;) {
      const reading = await source.read(new FrameBuffer(), never);
      if (reading === undefined) break;
      given.values.push(...shown([...Batch.of(reading.frame)].map((record) => record.value)));
      for (const { code, where, sample, message } of reading.rejections) {
        expect(code).toBe("record.too-large");
        expect(message).toContain(String(lineBytesMax));
        expect(sample).toHaveLength(limits.sampleBytesMax.default);
        given.rejected.push(`${formatWhere(where)} ${Buffer.from(sample).toString("latin1", 0, 3)}`);
      }
      given.positions.push(reading.position!);
    }
    await source.close();
    return given;
  }

  test.each([
    ["\n", "\n"],
    ["\r\n", "\r\n"],
    ["\n", ""],
    ["\r\n", ""],
  ])("is a record, with %j after lines and %j at the end", async (lineEnd, lastEnd) => {
    const line = "x".repeat(lineBytesMax);
    writeFileSync(file, `a${lineEnd}${line}${lineEnd}b${lineEnd}${line}${lastEnd}`);
    const { values, rejected } = await read();
    expect(values).toEqual(["a", ...shown([Buffer.from(line)]), "b", ...shown([Buffer.from(line)])]);
    expect(rejected).toEqual([]);
  });

  test.each([
    ["\n", "\n"],
    ["\r\n", "\r\n"],
    ["\n", ""],
    ["\r\n", ""],
  ])("is rejected one byte later, with %j after lines and %j at the end", async (lineEnd, lastEnd) => {
    const line = "x".repeat(lineBytesMax + 1);
    writeFileSync(file, `a${lineEnd}1${line}${lineEnd}b${lineEnd}2${line}${lastEnd}`);
    const { values, rejected } = await read();
    expect(values).toEqual(["a", "b"]);
    expect(rejected).toEqual([`${file}:2 1xx`, `${file}:4 2xx`]);
  });

  test("is rejected however long it is, and reading can go on from each place", async () => {
    const line = Buffer.alloc(lineBytesMax * 2 + 12345, "y");
    const content = [Buffer.from("a\n"), line, Buffer.from("\nb\n"), line, line, Buffer.from("\n\nc\n")];
    writeFileSync(file, Buffer.concat(content));
    const whole = await read();
    expect(whole.values).toEqual(["a", "b", "", "c"]);
    expect(whole.rejected).toEqual([`${file}:2 yyy`, `${file}:4 yyy`]);
    expect(whole.positions.map(({ line: lines }) => lines)).toEqual([1, 2, 3, 4, 6]);
    const rest = await read(whole.positions[1]);
    expect([rest.values, rest.rejected]).toEqual([["b", "", "c"], [`${file}:4 yyy`]]);
    const last = await read(whole.positions[3]);
    expect([last.values, last.rejected]).toEqual([["", "c"], []]);
  });

  test("at the start of the file is passed over as anywhere", async () => {
    writeFileSync(file, `${"z".repeat(lineBytesMax + 1)}\na\n`);
    const { values, rejected, positions } = await read();
    expect([values, rejected]).toEqual([["a"], [`${file}:1 zzz`]]);
    expect((await read(positions[0])).values).toEqual(["a"]);
  });
});

describe("going on from a place", () => {
  /** Reads a file in small readings and gives the position after the first of them. */
  async function positionAfterFirst(content: string): Promise<Position> {
    writeFileSync(file, content);
    const source = await open(undefined, { batchBytes: 8 });
    const reading = await readOne(source);
    await source.close();
    return reading!.position!;
  }

  async function restFrom(position: Position): Promise<{ lines: string[]; log: string[] }> {
    const context = testContext({ folder });
    const source = await sourceOf("file-source", { path: "in.txt" }, context);
    await source.open(position);
    const lines = shown(valuesOf(await readAll(source)));
    await source.close();
    return { lines, log: context.log.lines };
  }

  test("reads what was appended meanwhile", async () => {
    const position = await positionAfterFirst("one\ntwo\n");
    appendFileSync(file, "three\n");
    expect(await restFrom(position)).toEqual({ lines: ["three"], log: [] });
  });

  test("reads on in a copy of the file", async () => {
    const position = await positionAfterFirst("one\ntwo\nthree\n");
    const copy = readFileSync(file);
    writeFileSync(join(folder, "other"), "takes the place on the disk");
    writeFileSync(file, copy);
    expect(await restFrom(position)).toEqual({ lines: ["three"], log: [] });
  });

  test.each([
    ["a shorter file", "one\n", "it has 4 bytes, and 8 were read before"],
    ["an empty file", "", "it has 0 bytes, and 8 were read before"],
    ["a file that begins differently", "eins\nzwei\ndrei\n", "it begins differently"],
  ])("starts over in %s, and says so", async (_name, content, difference) => {
    const position = await positionAfterFirst("one\ntwo\nthree\n");
    writeFileSync(file, content);
    const { lines, log } = await restFrom(position);
    expect(lines).toEqual(content.split("\n").filter((line) => line !== ""));
    expect(log).toEqual([
      `warn: ${file} is not the file that was read before (${difference}); it is read from its start`,
    ]);
  });

  test("starts over in a file that was rewritten behind its first kilobyte", async () => {
    const head = `${"h".repeat(1500)}\n`;
    writeFileSync(file, `${head}${"1\n".repeat(1000)}`);
    const source = await open(undefined, { batchBytes: 1600 });
    await readOne(source);
    const { position } = (await readOne(source))!;
    await source.close();
    writeFileSync(file, `${head}${"2\n".repeat(1000)}`);
    const { lines, log } = await restFrom(position!);
    expect(lines).toHaveLength(1001);
    expect(log[0]).toContain("it holds something else where reading stopped");
  });

  test.each([
    [{}],
    [{ next: 3 }],
    [{ byte: -1, line: 0, headBytes: 0, headCrc: 0, tailBytes: 0, tailCrc: 0 }],
    [{ byte: 4, line: 1, headBytes: 5, headCrc: 0, tailBytes: 0, tailCrc: 0 }],
    [{ byte: 4, line: 1, headBytes: 0, headCrc: 0, tailBytes: 5, tailCrc: 0 }],
    [{ byte: 4, line: 1, headBytes: 0, headCrc: 0, tailBytes: 0.5, tailCrc: 0 }],
  ])("starts over from a position that is none of a file: %j", async (position) => {
    writeFileSync(file, "one\n");
    const { lines, log } = await restFrom(position);
    expect(lines).toEqual(["one"]);
    expect(log[0]).toContain("the stored position is not one of a file");
  });
});

describe("a file that cannot be read", () => {
  async function failureOf(path: string): Promise<MillraceError> {
    const source = await sourceOf("file-source", { path }, testContext({ folder }));
    const error: unknown = await source.open(undefined).catch((thrown: unknown) => thrown);
    await source.close();
    if (!MillraceError.is(error)) throw new Error("it was opened", { cause: error });
    return error;
  }

  test("because it is not there", async () => {
    expect(await failureOf("data/missing.txt")).toMatchObject({
      code: "file.not-found",
      category: "environment",
      message: "the file to read does not exist",
      where: { file: join(folder, "data/missing.txt") },
      hint: "check `path`; a relative path counts from the folder of the config",
    });
  });

  test("because what should be a folder above it is a file", async () => {
    writeFileSync(file, "");
    expect(await failureOf("in.txt/below")).toMatchObject({ code: "file.not-found" });
  });

  test("because it is a folder", async () => {
    mkdirSync(join(folder, "sub"));
    expect(await failureOf("sub")).toMatchObject({
      code: "file.unreadable",
      message: "the path to read leads to a folder",
      where: { file: join(folder, "sub") },
    });
  });

  test("because it is a pipe, for whose writer nobody waits", async () => {
    execFileSync("mkfifo", [join(folder, "pipe")]);
    expect(await failureOf("pipe")).toMatchObject({ message: "the path to read leads to no regular file" });
  });

  test("because it is a device", async () => {
    expect(await failureOf("/dev/null")).toMatchObject({
      code: "file.unreadable",
      message: "the path to read leads to no regular file",
    });
  });
});

test("a setting of the sink is refused", async () => {
  const source = sourceOf("file-source", { path: "in.txt", append: true }, testContext({ folder }));
  await expect(source).rejects.toMatchObject({
    code: "config.invalid",
    message: "`file.append` belongs to file-sink, and this is a file-source",
  });
});

test("a read that is told to stop while it passes over a line ends, and the line is met again", async () => {
  writeFileSync(file, Buffer.concat([Buffer.alloc(lineBytesMax * 3, "q"), Buffer.from("\na\n")]));
  const source = await open();
  const stop = new AbortController();
  const reading = source.read(new FrameBuffer(), stop.signal);
  stop.abort();
  expect(await reading).toBeUndefined();
  await source.close();
});
