import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { Packr } from "msgpackr";
import { beforeEach, describe, expect, test } from "vitest";
import { nextPath } from "../../../src/connector/file/rotation.ts";
import { limits } from "../../../src/limits.ts";
import { Batch, frameOf } from "../../../src/record/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { sinkOf } from "../support/open-connector.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { testContext } from "../support/test-context.ts";

const nowhere = { source: undefined };

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

interface Given {
  readonly settings?: object;
  readonly packing?: unknown;
  readonly path?: string;
}

/** Writes each list as a batch and closes; gives what was logged. */
async function write(
  { settings = {}, packing, path = "out.txt" }: Given,
  ...batches: string[][]
): Promise<string[]> {
  const context = testContext({ folder });
  const sink = await sinkOf("file-sink", { path, ...settings }, context, packing);
  await sink.open();
  for (const values of batches) await sink.write(Batch.of(frameOf(values)), nowhere);
  await sink.flush();
  await sink.close();
  return context.log.shown;
}

const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const names = (): string[] => readdirSync(folder).sort();
const all = (): string[] => names().map((name) => `${name}: ${read(name)}`);

describe("rotation by size", () => {
  const rotate = { rotate: { size: 8 } };

  test("begins another file before one is larger, and never inside of a record", async () => {
    await write({ settings: rotate }, ["aaa", "bbb"], ["c", "d", "eeee"], ["f"]);
    expect(all()).toEqual(["out-000001.txt: aaa\nbbb\n", "out-000002.txt: c\nd\n", "out.txt: eeee\nf\n"]);
  });

  test("gives a record that is larger alone a file of its own", async () => {
    await write({ settings: rotate }, ["a", "larger than that", "b"]);
    expect(all()).toEqual(["out-000001.txt: a\n", "out-000002.txt: larger than that\n", "out.txt: b\n"]);
  });

  test("counts what the file holds already", async () => {
    await write({ settings: rotate }, ["aaa"]);
    await write({ settings: rotate }, ["bbb", "c"]);
    expect(all()).toEqual(["out-000001.txt: aaa\nbbb\n", "out.txt: c\n"]);
  });

  test("holds for records with their lengths, too", async () => {
    await write({ settings: { rotate: { size: 14 } }, packing: "length-prefixed" }, [
      "aa",
      "bb",
      "c\n",
      "dd",
    ]);
    expect(all()).toEqual([
      "out-000001.txt: \0\0\0\u0002aa\0\0\0\u0002bb",
      "out.txt: \0\0\0\u0002c\n\0\0\0\u0002dd",
    ]);
  });

  test("writes the header of CSV into each file, and counts it", async () => {
    await write({ settings: { rotate: { size: 8 } }, packing: "csv" }, ['{"a":1,"b":2}', '{"a":3,"b":4}']);
    expect(all()).toEqual(["out-000001.txt: a,b\n1,2\n", "out.txt: a,b\n3,4\n"]);
  });

  test("closes an archive that has passed its size", async () => {
    const value = Array.from({ length: 200 }, (_, i) => (i * 7919) % 997).join();
    const given = { settings: { rotate: { size: 300 } }, path: "out.txt.gz" };
    await write(given, [value]);
    await write(given, ["b"]);
    expect(names()).toEqual(["out-000001.txt.gz", "out.txt.gz"]);
    expect(gunzipSync(readFileSync(join(folder, "out.txt.gz"))).toString()).toBe("b\n");
  });
});

describe("rotation by time", () => {
  test("begins another file with the first record when the one before is too old", async () => {
    const clock = new ManualClock();
    const context = testContext({ folder, clock });
    const sink = await sinkOf("file-sink", { path: "out.txt", rotate: { interval: "1h" } }, context);
    await sink.open();
    const put = async (value: string): Promise<void> => {
      await sink.write(Batch.of(frameOf([value])), nowhere);
      await sink.flush();
    };
    await put("a");
    clock.advance(3_599_999);
    await put("b");
    clock.advance(1);
    expect(names()).toEqual(["out.txt"]);
    await put("c");
    await sink.close();
    expect(all()).toEqual(["out-000001.txt: a\nb\n", "out.txt: c\n"]);
  });
});

test("the next number is above all that there are", () => {
  expect(nextPath("/f/out.log", [])).toBe("/f/out-000001.log");
  expect(nextPath("/f/out.log", ["out-000001.log", "out-000009.log", "out-x.log", "other-000050.log"])).toBe(
    "/f/out-000010.log",
  );
  expect(nextPath("/f/out.ndjson.gz", ["out-999999.ndjson.gz", "out-1.ndjson"])).toBe(
    "/f/out-1000000.ndjson.gz",
  );
  expect(nextPath("/f/out", ["out-000003"])).toBe("/f/out-000004");
});

describe("formats", () => {
  test("CSV has one header, over runs, and the columns of the file", async () => {
    await write({ packing: "csv" }, ['{"b":1,"a":2}'], ['{"a":4,"b":3}']);
    await write({ packing: "csv" }, ['{"a":6,"b":5}']);
    expect(read("out.txt")).toBe("b,a\n1,2\n3,4\n5,6\n");
  });

  test("CSV has no header where nothing was written, and one where the settings name no columns", async () => {
    await write({ packing: "csv" });
    expect(read("out.txt")).toBe("");
    await write({ packing: { csv: { columns: ["x"], delimiter: ";" } } }, ['{"x":";"}']);
    expect(read("out.txt")).toBe('x\n";"\n');
  });

  test("MessagePack is appended to", async () => {
    await write({ packing: "msgpack" }, ["1"]);
    await write({ packing: "msgpack" }, ['{"a":[]}']);
    const values: unknown[] = [];
    new Packr({ mapsAsObjects: true }).unpackMultiple(readFileSync(join(folder, "out.txt")), (value) => {
      values.push(value);
    });
    expect(values).toEqual([1, { a: [] }]);
  });

  test("JSON values are no way to write", async () => {
    await expect(write({ packing: "json" }, ["1"])).rejects.toThrow();
  });
});

describe("what a crash has left", () => {
  test.each([
    [
      "a length and a part of its record",
      "length-prefixed",
      "\0\0\0\u0001a\0\0\0\u0005bb",
      6,
      "\0\0\0\u0001a\0\0\0\u0001x",
    ],
    ["a part of a length", "length-prefixed", "\0\0\0\u0001a\0\0", 2, "\0\0\0\u0001a\0\0\0\u0001x"],
    ["a row that breaks off in quotes", "csv", 'a\n1\n"x\n', 3, "a\n1\nx\n"],
  ])("is taken away: %s", async (_name, packing, before, torn, after) => {
    writeFileSync(join(folder, "out.txt"), before);
    const value = packing === "csv" ? '{"a":"x"}' : "x";
    expect(await write({ packing }, [value])).toEqual([
      `warn: ${join(folder, "out.txt")} ends in the middle of a record; its ${torn} bytes are taken away`,
    ]);
    expect(read("out.txt")).toBe(after);
  });

  test("is ended where it is a whole row", async () => {
    writeFileSync(join(folder, "out.txt"), "a\n1");
    expect(await write({ packing: "csv" }, ['{"a":2}'])).toEqual([
      expect.stringContaining("ends in the middle of a line"),
    ]);
    expect(read("out.txt")).toBe("a\n1\n2\n");
  });

  test("is left as it is where it is only the header", async () => {
    writeFileSync(join(folder, "out.txt"), "a,b\n");
    await write({ packing: "csv" }, ['{"b":2,"a":1}']);
    expect(read("out.txt")).toBe("a,b\n1,2\n");
  });

  test.each([
    ["behind others", [gzipSync("a\n"), gzipSync("b\n")], "a\nb\n"],
    ["alone", [], ""],
  ])("is taken away: a member of an archive that breaks off, %s", async (_name, members, before) => {
    const torn = gzipSync("torn ".repeat(100));
    for (const cut of [1, 5, torn.length - 1]) {
      const path = join(folder, "out.gz");
      writeFileSync(path, Buffer.concat([...members, torn.subarray(0, cut)]));
      const log = await write({ path: "out.gz" }, ["x"]);
      expect(gunzipSync(readFileSync(path)).toString()).toBe(`${before}x\n`);
      expect(log).toEqual([`warn: ${path} ends in the middle of a member; its ${cut} bytes are taken away`]);
    }
  });

  test("a torn member is found in a large archive", async () => {
    const path = join(folder, "out.gz");
    const noise = Buffer.from(
      Array.from({ length: limits.batchBytes.default * 2 }, (_, i) => (i * i * 7919) >>> 5),
    );
    writeFileSync(path, gzipSync(noise, { level: 0 }));
    appendFileSync(path, gzipSync(noise, { level: 0 }).subarray(0, -1));
    await write({ path: "out.gz" }, ["x"]);
    expect(gunzipSync(readFileSync(path)).equals(Buffer.concat([noise, Buffer.from("x\n")]))).toBe(true);
  });

  test.each([
    ["no archive", "out.gz", undefined, "gzip.invalid"],
    ["no MessagePack", "out.txt", "msgpack", "msgpack.invalid"],
  ])("is not written behind what is %s", async (_name, path, packing, code) => {
    writeFileSync(join(folder, path), Buffer.from([0xc1, 1, 2]));
    await expect(write({ path, packing }, ["1"])).rejects.toMatchObject({
      code,
      where: { file: join(folder, path) },
    });
    expect(readFileSync(join(folder, path))).toHaveLength(3);
  });
});

test("each flush ends a member, so that what it acknowledged can be unpacked at once", async () => {
  const sink = await sinkOf("file-sink", { path: "out.gz" }, testContext({ folder }));
  await sink.open();
  for (const value of ["a", "b"]) {
    await sink.write(Batch.of(frameOf([value])), nowhere);
    await sink.flush();
  }
  expect(gunzipSync(readFileSync(join(folder, "out.gz"))).toString()).toBe("a\nb\n");
  await sink.close();
});

test("settings of the source are refused", async () => {
  await expect(write({ settings: { follow: true } })).rejects.toMatchObject({ code: "config.invalid" });
  await expect(write({ settings: { rotate: {} } })).rejects.toThrow();
  expect(existsSync(join(folder, "out.txt"))).toBe(false);
});
