import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { batchFrames, valueBytesOf } from "../../../src/devkit/bench/frames.ts";
import { type RecordsFrom, recordsToMeasure } from "../../../src/devkit/bench/records.ts";
import { limits } from "../../../src/limits.ts";
import { Batch } from "../../../src/record/index.ts";
import { folderWith } from "../../cli/support/millrace.ts";

const textOf = (value: Uint8Array | string | undefined): string => Buffer.from(value ?? "").toString();

async function valuesOf(from: RecordsFrom, wanted = 10): Promise<readonly string[]> {
  return (await recordsToMeasure(from, wanted)).map(({ value }) => textOf(value));
}

describe("records to measure with", () => {
  test("come from a file in a format of the connectors, as many as are wanted", async () => {
    const folder = await folderWith({ "a.ndjson": "one\ntwo\nthree\n", "b.csv": "n,t\n1,x\n2,y\n" });
    const file = (path: string, format: unknown): RecordsFrom => ({
      from: "file",
      path: join(folder, path),
      format,
    });
    expect(await valuesOf(file("a.ndjson", "lines"))).toEqual(["one", "two", "three"]);
    expect(await valuesOf(file("a.ndjson", "lines"), 2)).toEqual(["one", "two"]);
    expect(await valuesOf(file("b.csv", "csv"))).toEqual(['{"n":"1","t":"x"}', '{"n":"2","t":"y"}']);
    expect(await valuesOf(file("b.csv", { csv: { delimiter: ",", header: false } }), 1)).toEqual([
      '["n","t"]',
    ]);
    await expect(valuesOf(file("a.ndjson", "lnies"))).rejects.toMatchObject({
      code: "config.invalid",
      where: { option: "--format" },
    });
    await expect(valuesOf(file("none.ndjson", "lines"))).rejects.toMatchObject({ code: "file.not-found" });
  });

  test("of an empty file are none, which is an error", async () => {
    const folder = await folderWith({ "a.ndjson": "" });
    const path = join(folder, "a.ndjson");
    await expect(valuesOf({ from: "file", path, format: "lines" })).rejects.toMatchObject({
      code: "file.empty",
      where: { file: path },
    });
  });

  test("are made up from a seed, as the connector does", async () => {
    const made = (kind: string, seed: number): Promise<readonly string[]> =>
      valuesOf({ from: "generator", kind, seed }, 3);
    expect(await made("log", 1)).toEqual(await made("log", 1));
    expect(await made("log", 1)).not.toEqual(await made("log", 2));
    expect((await made("order", 1))[0]).toContain('"order":0');
    expect(await made("n={{index}}", 1)).toEqual(["n=0", "n=1", "n=2"]);
    await expect(made("n={{idnex}}", 1)).rejects.toMatchObject({ code: "config.invalid" });
  });

  test.each([200, 1024, 10_240])("are made up of about %i bytes", async (valueBytes) => {
    const values = await valuesOf({ from: "generator", kind: "log", seed: 3, valueBytes }, 50);
    const mean = values.reduce((sum, value) => sum + value.length, 0) / values.length;
    expect(Math.abs(mean / valueBytes - 1)).toBeLessThan(0.25);
    expect(values.every((value) => typeof JSON.parse(value).level === "string")).toBe(true);
  });

  test("have no more bytes together than benchRecordBytesMax, and at least one record", async () => {
    const most = limits.benchRecordBytesMax.default;
    const records = await valuesOf({ from: "generator", kind: "log", seed: 1, valueBytes: most / 2 }, 10);
    expect(records).toHaveLength(2);
    const folder = await folderWith();
    const path = join(folder, "large");
    const line = "x".repeat(most / 4 - 1);
    await writeFile(path, `${line}\n`.repeat(6));
    // The last one is the one that passes the bound.
    expect(await recordsToMeasure({ from: "file", path, format: "lines" }, 10)).toHaveLength(5);
  });
});

test("batches begin again with the first record where there are too few", () => {
  const { frames } = batchFrames([{ value: "a" }, { value: "bcd", key: "k" }], 3);
  expect(frames).toHaveLength(1);
  const [frame] = frames;
  if (frame === undefined) throw new Error("there is a frame");
  expect([...Batch.of(frame)].map((record) => [record.text, textOf(record.key)])).toEqual([
    ["a", ""],
    ["bcd", "k"],
    ["a", ""],
  ]);
  expect(valueBytesOf([{ value: "é" }, { value: Uint8Array.of(1, 2, 3), key: "k" }])).toBe(2.5);
});
