import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import { readOne, shown } from "../../../src/conformance/index.ts";
import { createStdioSink } from "../../../src/connector/stdio/sink.ts";
import { createStdioSource } from "../../../src/connector/stdio/source.ts";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { testContext } from "../support/test-context.ts";

const lines = { kind: "lines" } as const;

test("what came is given at once, and what has not ended waits for its end", async () => {
  const stream = new PassThrough();
  const source = createStdioSource(lines, testContext({ once: false }), stream);
  await source.open(undefined);
  stream.write("a\nb");
  expect(shown((await readOne(source))!.values)).toEqual(["a"]);
  stream.write("c\n");
  expect(shown((await readOne(source))!.values)).toEqual(["bc"]);
  stream.end("last");
  expect(shown((await readOne(source))!.values)).toEqual(["last"]);
  expect(await readOne(source)).toBeUndefined();
  await source.close();
});

test("a stop gives no part of a record", async () => {
  const stream = new PassThrough();
  const source = createStdioSource(lines, testContext({ once: false }), stream);
  await source.open(undefined);
  stream.write("not ended");
  const stop = new AbortController();
  const reading = readOne(source, stop.signal);
  setImmediate(() => stop.abort());
  expect(await reading).toBeUndefined();
  await source.close();
  expect(stream.destroyed).toBe(true);
});

test("an input that fails ends the run with what it says, behind what came before", async () => {
  const stream = new PassThrough();
  const source = createStdioSource(lines, testContext({ once: false }), stream);
  await source.open(undefined);
  stream.write("a\n");
  expect(shown((await readOne(source))!.values)).toEqual(["a"]);
  stream.destroy(new Error("EISDIR: illegal operation on a directory, read"));
  await expect(readOne(source)).rejects.toMatchObject({
    code: "file.unreadable",
    where: { file: "standard input" },
    hint: expect.any(String),
  });
  await source.close();
});

test("a slow input is not read ahead of whoever takes its records", async () => {
  const stream = new PassThrough({ highWaterMark: 1000 });
  const source = createStdioSource(lines, testContext({ once: false }), stream);
  await source.open(undefined);
  expect(stream.write(`${"x".repeat(999)}\n`)).toBe(false);
  // Time enough for whoever would read ahead.
  await new Promise(setImmediate);
  expect(stream.writableNeedDrain).toBe(true);
  const drained = once(stream, "drain");
  await readOne(source);
  await drained;
  await source.close();
});

test("a CSV sink writes its header once, before the first row", async () => {
  const parts: string[] = [];
  const stream = new Writable({
    write(part: Buffer, _encoding, done) {
      parts.push(part.toString());
      done();
    },
  });
  const options = { delimiter: ",", header: true };
  const sink = createStdioSink({ kind: "csv", options }, stream);
  await sink.open();
  for (const value of ['{"a":1}', '{"a":2}'])
    await sink.write(Batch.of(frameOf([value])), { source: undefined });
  await sink.close();
  expect(parts.join("")).toBe("a\n1\n2\n");
});

test("a sink whose reader has gone away says so", async () => {
  const stream = new PassThrough();
  stream.destroy();
  const sink = createStdioSink(lines, stream);
  await sink.open();
  await expect(sink.write(Batch.of(frameOf(["a"])), { source: undefined })).rejects.toMatchObject({
    code: "stdio.closed",
    category: "environment",
    hint: expect.any(String),
  });
  await sink.close();
});
