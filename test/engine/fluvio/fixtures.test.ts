import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ModuleLogLine } from "../../../src/engine/index.ts";
import { Batch, frameOf, type RecordInput } from "../../../src/record/index.ts";
import { fluvioFolder, fluvioModule, openFluvio, openFluvioGuest } from "../../support/fluvio.ts";
import { plainRecords, texts } from "../../support/records.ts";
import { expectFailure, run } from "../run.ts";

const notText = { value: Uint8Array.of(255, 254) };
const notTextMessage = "invalid utf-8 sequence of 1 bytes from index 0";

function failures(batch: Batch): [number, string, string][] {
  return batch.failures.map(({ origin, code, message }) => [origin, code, message]);
}

test("each module for Fluvio is the one that its hash names, and each has one", () => {
  const lines = readFileSync(join(fluvioFolder, "fixtures.sha256"), "utf8").trim().split("\n");
  const stated = new Map(lines.map((line) => line.split(/\s+/).reverse() as [string, string]));
  const built = readdirSync(fluvioFolder).filter((name) => name.endsWith(".wasm"));
  expect([...stated.keys()].sort()).toEqual(built.sort());
  for (const [name, hash] of stated) {
    expect(
      createHash("sha256")
        .update(readFileSync(join(fluvioFolder, name)))
        .digest("hex"),
      name,
    ).toBe(hash);
  }
});

test.each([
  ["filter", "filter", false],
  ["filter-wasi", "filter", false],
  ["map", "map", false],
  ["filter-map", "filter-map", false],
  ["array-map-wasi", "array-map", false],
  ["aggregate", "aggregate", false],
  ["look-back", "filter-map", true],
  ["old-aggregate", "aggregate", false],
  ["smartstream-filter", "filter", false],
  ["first-filter", "filter", false],
])("%s is known for what it is", async (name, kind, looksBack) => {
  const { abi } = await fluvioModule(name);
  expect([abi.name, abi.kind, abi.looksBack]).toEqual(["fluvio", kind, looksBack]);
  const transform = await openFluvio(name);
  expect([transform.kind, transform.looksBack, transform.stateful]).toEqual([kind, looksBack, true]);
  expect((await openFluvio(name, { stateful: false })).stateful).toBe(false);
});

describe.each(["filter", "filter-wasi", "smartstream-filter"])("%s", (name) => {
  test("keeps what it says, as it was, and fails a record on its own", async () => {
    const transform = await openFluvio(name);
    const given: RecordInput[] = [
      { value: "apple", key: "k", timestamp: 5, headers: [{ name: "h", value: Uint8Array.of(1) }] },
      { value: "pig" },
      notText,
      { value: "cat", timestamp: 7 },
      { value: "" },
      notText,
    ];
    const batch = Batch.of(frameOf(given, { offset: 100 }));
    const before = plainRecords(batch);
    transform.process(batch);
    expect(plainRecords(batch)).toEqual([before[0], before[3]]);
    expect(Array.from(batch, (record) => record.offset)).toEqual([100, 103]);
    expect(failures(batch)).toEqual([
      [2, "module.record", notTextMessage],
      [5, "module.record", notTextMessage],
    ]);
    // No byte of a kept record comes back: what stays is the host's own.
    expect(transform.counts).toMatchObject({
      batches: 1,
      calls: 2,
      records: 6,
      kept: 2,
      dropped: 2,
      failed: 2,
      bytesOut: 0,
    });
  });
});

test("a filter keeps and drops whole batches", async () => {
  const transform = await openFluvio("filter");
  const all = Batch.of(frameOf(["a", "ba", "cab"]));
  transform.process(all);
  expect([texts(all), all.untouched]).toEqual([["a", "ba", "cab"], true]);
  const none = run(transform, ["b", "c"]);
  expect(none.count).toBe(0);
  expect(run(transform, []).count).toBe(0);
  expect(transform.counts).toMatchObject({ batches: 2, kept: 3, dropped: 2 });
});

test("a map changes values and keys, and leaves times, offsets and headers", async () => {
  const headers = [{ name: "h", value: Uint8Array.of(1) }];
  const transform = await openFluvio("map");
  const batch = Batch.of(
    frameOf(
      [{ value: "a", key: "k", timestamp: 5, headers }, { value: "b" }, notText, { value: "é", key: "" }],
      {
        offset: 7,
      },
    ),
  );
  transform.process(batch);
  expect(
    Array.from(batch, ({ text, key, timestamp, offset }) => [
      text,
      key && Buffer.from(key).toString(),
      timestamp,
      offset,
    ]),
  ).toEqual([
    ["A", "> k", 5, 7],
    ["B", undefined, undefined, 8],
    ["É", "> ", undefined, 10],
  ]);
  expect(batch.at(0).headers).toEqual(headers);
  expect(failures(batch)).toEqual([[2, "module.record", notTextMessage]]);
  expect(transform.counts).toMatchObject({ replaced: 3, failed: 1, kept: 0 });
});

test("a filter-map changes some, drops some and fails some", async () => {
  const transform = await openFluvio("filter-map");
  const batch = run(transform, ["1", "2", "x", "", "8", "3", "10", "y"]);
  expect(texts(batch)).toEqual(["1", "4", "5"]);
  expect(batch.failures.map(({ origin, message }) => [origin, message])).toEqual([
    [2, "invalid digit found in string"],
    [3, "cannot parse integer from empty string"],
    [7, "invalid digit found in string"],
  ]);
  expect(transform.counts).toMatchObject({ replaced: 3, dropped: 2, failed: 3 });
});

test("nothing but failures costs few calls more than records, and little more than their bytes", async () => {
  const transform = await openFluvio("filter-map");
  const batch = run(transform, new Array<string>(2000).fill("x"));
  expect([batch.count, batch.failures.length]).toEqual([0, 2000]);
  expect(transform.counts.calls).toBe(2000);
  expect(transform.counts.bytesIn).toBeLessThan(2000 * 12 * 20);
});

test.each(["array-map", "array-map-wasi"])("%s tells what it made of which record", async (name) => {
  const transform = await openFluvio(name);
  const given: RecordInput[] = [
    { value: "[1,2]", key: "k", timestamp: 5 },
    { value: "[]" },
    { value: "x" },
    { value: '["a",{"b":null}]', timestamp: 9 },
  ];
  const batch = Batch.of(frameOf(given, { offset: 7 }));
  transform.process(batch);
  expect(
    Array.from(batch, ({ text, key, timestamp, offset }) => [
      text,
      key && Buffer.from(key).toString(),
      timestamp,
      offset,
    ]),
  ).toEqual([
    ["1", "k", 5, 7],
    ["2", "k", 5, 7],
    ['"a"', undefined, 9, 10],
    ['{"b":null}', undefined, 9, 10],
  ]);
  expect(failures(batch)).toEqual([[2, "module.record", "expected value at line 1 column 1"]]);
  expect(transform.counts).toMatchObject({ records: 4, expanded: 2, emitted: 4, dropped: 1, failed: 1 });
});

describe.each([
  ["aggregate", ["1", "3", "6"], "6"],
  ["old-aggregate", ["1", "12", "123"], "123"],
  ["smartstream-aggregate", ["1", "12", "123"], "123"],
])("%s", (name, made, sum) => {
  const accumulatorOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

  test("adds up over records and batches", async () => {
    const transform = await openFluvio(name);
    expect(accumulatorOf(transform.accumulator())).toBe("");
    expect(texts(run(transform, ["1", "2", "3"]))).toEqual(made);
    expect(accumulatorOf(transform.accumulator())).toBe(sum);
    const more = run(transform, ["4"]);
    expect(accumulatorOf(transform.accumulator())).toBe(texts(more)[0]);
    expect(transform.counts).toMatchObject({ replaced: 4, batches: 2 });
  });

  test("begins with what it is given, and goes on from there after a failure", async () => {
    const transform = await openFluvio(name, { accumulator: new TextEncoder().encode("40") });
    const batch = run(transform, ["1", notText, "2"]);
    expect(texts(batch)).toEqual(name === "aggregate" ? ["41", "43"] : ["401", "4012"]);
    expect(failures(batch)).toEqual([[1, "module.record", notTextMessage]]);
    expect(accumulatorOf(transform.accumulator())).toBe(texts(batch)[1]);
    run(transform, [notText]);
    expect(accumulatorOf(transform.accumulator())).toBe(texts(batch)[1]);
  });
});

describe("parameters", () => {
  test("reach the init", async () => {
    expect(
      texts(run(await openFluvio("init-filter", { parameters: { needle: "ig" } }), ["pig", "cat"])),
    ).toEqual(["pig"]);
    const regex = await openFluvio("regex-filter", { parameters: { regex: "^a[0-9]+$" } });
    expect(texts(run(regex, ["a1", "a", "ba1", "a12"]))).toEqual(["a1", "a12"]);
  });

  test("that are missing are told in the module's own words", async () => {
    const opening = openFluvio("init-filter");
    await expect(opening).rejects.toMatchObject({
      code: "module.init",
      message: "init-filter refused its parameters: Missing param needle",
    });
  });

  test("come with each input for modules that read them there; others are told of", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvio("old-filter", { parameters: { needle: "ig" }, lines });
    expect(texts(run(transform, ["pig", "cat"]))).toEqual(["pig"]);
    expect(lines).toMatchObject([
      { level: "warn", text: expect.stringContaining("it has no init") as string },
    ]);
    lines.length = 0;
    await openFluvio("init-filter", { parameters: { needle: "ig" }, lines });
    await openFluvio("filter", { lines });
    expect(lines).toEqual([]);
  });
});

describe("a look-back", () => {
  test("is shown earlier records, and told how far it looks", async () => {
    const transform = await openFluvio("look-back", { lookBack: { last: 3, ageMs: 90_500 } });
    transform.lookBack(Batch.of(frameOf(["x", "a"])));
    expect(texts(run(transform, ["a", "b", "b", "lookback?"]))).toEqual([
      "b",
      "Some(Lookback { last: 3, age: Some(90.5s) })",
    ]);
    expect(texts(run(await openFluvio("look-back"), ["lookback?"]))).toEqual(["None"]);
  });

  test("is not made of nothing: without earlier records the module is not called", async () => {
    const transform = await openFluvioGuest({ lookBack: "(unreachable)" });
    expect(() => transform.lookBack(Batch.of(frameOf([])))).not.toThrow();
    expect(() => transform.lookBack(Batch.of(frameOf(["a"])))).toThrow("trapped");
  });

  test("that refuses a record says which", async () => {
    const transform = await openFluvio("look-back");
    expectFailure(
      () => transform.lookBack(Batch.of(frameOf(["x", "bad", "y"], { offset: 40 }))),
      "module.look-back",
      "look-back refused what it was shown of earlier records: this one cannot have been (at the record with the offset 41)",
    );
  });

  test("is repeated for a new instance after a trap", async () => {
    const lines: ModuleLogLine[] = [];
    const transform = await openFluvio("look-back", { lines, stateful: true });
    transform.lookBack(Batch.of(frameOf(["x"])));
    transform.lookBack(Batch.of(frameOf(["a"])));
    const batch = run(transform, ["panic", "a", "b"]);
    expect(texts(batch)).toEqual(["b"]);
    expect(failures(batch)).toMatchObject([
      [0, "module.trap", expect.stringContaining("unreachable") as string],
    ]);
    expect(lines).toMatchObject([
      { level: "warn", text: expect.stringContaining("initialised and shown the earlier records") as string },
    ]);
  });
});

test("a module sees where and when a record is", async () => {
  const transform = await openFluvio("place-map");
  const given: RecordInput[] = [
    { value: "" },
    { value: "", timestamp: 1005 },
    { value: "", timestamp: 2 ** 40 },
  ];
  const batch = Batch.of(frameOf(given, { offset: 70, timestamp: 1000 }));
  transform.process(batch);
  expect(texts(batch)).toEqual(["70@1000", "71@1005", `72@${2 ** 40}`]);
});

test("modules run one behind the other", async () => {
  const [filter, map] = [await openFluvio("filter"), await openFluvio("map")];
  const place = await openFluvio("place-map");
  const batch = Batch.of(frameOf(["a", "b", "ca"], { offset: 10, timestamp: 5 }));
  filter.process(batch);
  map.process(batch);
  expect(texts(batch)).toEqual(["A", "CA"]);
  place.process(batch);
  expect(texts(batch)).toEqual(["10@5", "12@5"]);
});
