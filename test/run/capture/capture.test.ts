import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { replayCapture } from "../../../src/devkit/replay/index.ts";
import type { ReplayResult } from "../../../src/devkit/replay/result.ts";
import { limits } from "../../../src/limits.ts";
import { Batch } from "../../../src/record/index.ts";
import type { BatchEnvelope } from "../../../src/run/capture/envelope.ts";
import { becameOf } from "../../../src/run/capture/layout.ts";
import type { CaptureEntry } from "../../../src/run/capture/reader.ts";
import { CaptureReader, captureFile } from "../../../src/run/index.ts";
import { referenceFilter } from "../../engine/reference-guests.ts";
import { committed } from "../../smartmodules/built.ts";
import { fluvioFolder } from "../../support/fluvio.ts";
import { guestWat } from "../../support/guests.ts";
import { plainRecords, texts } from "../../support/records.ts";
import { compileWat } from "../../support/wat.ts";
import { entriesOf, runOf } from "./runs.ts";

const modules: Record<string, Uint8Array> = {};
beforeAll(async () => {
  // What the first letter of a value says: `!` fails it, `d` drops it.
  modules["check.wasm"] = await compileWat(guestWat(referenceFilter));
  for (const name of ["json-split", "json-pick", "json-filter", "count-by", "dedup"]) {
    modules[`${name}.wasm`] = await committed(name);
  }
});

const inline = "millrace: { isolation: inline, batch-bytes: 64, onError: skip }";
const lines = Array.from({ length: 60 }, (_, i) => `${["k", "d", "!"][i % 3]}${i}`);
const checked = `filter: { uses: check.wasm }\n${inline}`;

function batches(entries: readonly CaptureEntry[]): readonly (CaptureEntry & { envelope: BatchEnvelope })[] {
  return entries.flatMap((entry) => (entry.envelope.kind === "batch" ? [entry as never] : []));
}

/** Values of a batch of the capture, at each of its states. */
function values({ frames }: CaptureEntry): readonly (readonly string[])[] {
  return frames.map((frame) => texts(Batch.of(frame)));
}

describe("a capture of a run", () => {
  test("has each batch before and after each step, and what became of each record", async () => {
    const { file, delivered, pipeline } = await runOf({ modules, lines, more: checked, capture: {} });
    const { reader, entries } = await entriesOf(file);
    const all = batches(entries);
    expect(all.length).toBeGreaterThan(1);
    expect(all.flatMap((entry) => values(entry)[0])).toEqual(lines);
    expect(all.flatMap((entry) => values(entry)[1])).toEqual(lines.filter((line) => line.startsWith("k")));
    const fates = all.flatMap(({ envelope }) => [...(envelope.steps[0]?.became ?? [])].map(becameOf));
    expect(fates).toEqual(lines.map((_, i) => ["kept", "dropped", "failed"][i % 3]));
    expect(all[0]?.envelope.steps[0]?.failures[0]).toMatchObject({ record: 2, code: "module.record" });
    expect(delivered.map(({ value }) => Buffer.from(value).toString())).toEqual(
      lines.filter((line) => line.startsWith("k")),
    );
    expect(reader.end).toEqual({ kind: "end", batches: all.length, records: 60, full: null });
    expect(reader.head).toMatchObject({ pipeline: "lines-in", config: { name: "in.yaml" }, mask: [] });
    expect(reader.head.steps[0]).toMatchObject({ name: "1-check.wasm", path: "check.wasm", stage: "filter" });
    expect(pipeline.captured).toMatchObject({ isWritten: true, records: 60, bytes: statSync(file).size });
    expect(existsSync(`${file}.partial`)).toBe(false);
    // Records are private to whoever runs the pipeline.
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  const chain = `transforms:
  - { uses: json-split.wasm, with: { field: items } }
  - { uses: dedup.wasm, with: { field: id } }
  - { uses: json-filter.wasm, with: { field: n, operator: ">", value: "3" } }
  - { uses: json-pick.wasm, with: { fields: { n: n } } }
${inline}`;
  const orders = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({
      id: i % 17,
      items: Array.from({ length: i % 4 }, (__, n) => ({ id: `${i}-${n % 2}`, n: n + (i % 5) })),
    }),
  );

  test("changes nothing about what the run delivers, whatever the steps are", async () => {
    const plain = await runOf({ modules, lines: orders, more: chain });
    const captured = await runOf({ modules, lines: orders, more: chain, capture: {} });
    expect(plain.error).toBeUndefined();
    expect(plain.delivered.length).toBeGreaterThan(5);
    const parts = (records: typeof plain.delivered): unknown =>
      records.map(({ value, key, headers }) => [Buffer.from(value).toString(), key, headers]);
    expect(parts(captured.delivered)).toEqual(parts(plain.delivered));
    expect(captured.pipeline.counts).toEqual(plain.pipeline.counts);
    const { entries } = await entriesOf(captured.file);
    const last = batches(entries).flatMap(({ frames }) => plainRecords(Batch.of(frames.at(-1) as never)));
    expect(last.map(({ value }) => Buffer.from(value).toString())).toEqual(
      plain.delivered.map(({ value }) => Buffer.from(value).toString()),
    );
  });

  test("of a run that fails is there, with what it failed at", async () => {
    const more = `filter: { uses: check.wasm }\nshape: { uses: json-pick.wasm, with: { fields: { a: a } } }\nmillrace: { isolation: inline }`;
    const { file, error } = await runOf({ modules, lines: ["k1", "!2"], more, capture: {} });
    expect(error).toMatchObject({ code: "module.record" });
    const [only] = batches((await entriesOf(file)).entries);
    expect(only?.envelope.steps).toHaveLength(1);
    expect(only?.envelope.steps[0]?.failures).toMatchObject([{ record: 1 }]);
  });

  test("of a run that had nothing leaves no file, and the one before as it was", async () => {
    const first = await runOf({ modules, lines, more: checked, capture: {} });
    const { size } = statSync(first.file);
    const second = await runOf({ folder: first.folder, modules, lines, more: checked, capture: {} });
    expect(second.pipeline.captured).toMatchObject({ isWritten: false, records: 0 });
    expect(statSync(first.file).size).toBe(size);
    expect(existsSync(`${first.file}.partial`)).toBe(false);
  });

  test("that cannot be written does not end the run", async () => {
    const folder = (await runOf({ modules, lines: [], more: checked })).folder;
    writeFileSync(join(folder, "full"), "");
    const { error } = await runOf({ modules, lines, more: checked, capture: { file: "/dev/null/x" } }).catch(
      (thrown) => ({ error: thrown }),
    );
    expect(error).toMatchObject({ code: "file.unwritable" });
  });

  test("can be asked for in the config", async () => {
    const more = `filter: { uses: check.wasm }
millrace:
  isolation: inline
  onError: skip
  capture: { file: own.mrcap, records: 10, sample: 1/1, mask: [user.email] }`;
    const { folder } = await runOf({ modules, lines, more });
    const { reader } = await entriesOf(join(folder, "own.mrcap"));
    expect(reader.end).toMatchObject({ records: 10, full: "records" });
    expect(reader.head.mask).toEqual(["user.email"]);
  });
});

describe("the bounds of a capture", () => {
  test.each([1, 7, 59, 60])(
    "%i records are exactly so many, and what was made of them",
    async (recordsMax) => {
      let full = 0;
      const capture = { recordsMax, onFull: () => full++ };
      const { file, delivered } = await runOf({ modules, lines, more: checked, capture });
      const { reader, entries } = await entriesOf(file);
      const kept = lines.slice(0, recordsMax);
      expect(batches(entries).flatMap((entry) => values(entry)[0])).toEqual(kept);
      expect(batches(entries).flatMap((entry) => values(entry)[1])).toEqual(
        kept.filter((line) => line.startsWith("k")),
      );
      expect(reader.end).toMatchObject({ records: recordsMax, full: "records" });
      expect(full).toBe(1);
      // The run goes on.
      expect(delivered).toHaveLength(20);
    },
  );

  test.each([2000, 2600, 3200])("a file has at most %i bytes", async (bytesMax) => {
    const { file } = await runOf({ modules, lines, more: checked, capture: { bytesMax } });
    expect(statSync(file).size).toBeLessThanOrEqual(bytesMax);
    const { reader, entries } = await entriesOf(file);
    const first = batches(entries).flatMap((entry) => values(entry)[0]);
    expect(first).toEqual(lines.slice(0, first.length));
    expect(first.length).toBeGreaterThan(0);
    expect(reader.end).toMatchObject({ full: "bytes", records: first.length });
  });

  test("a share takes the first batch, and then evenly", async () => {
    const whole = await runOf({ modules, lines, more: checked, capture: {} });
    const all = batches((await entriesOf(whole.file)).entries).map(({ envelope }) => envelope.number);
    const { file } = await runOf({ modules, lines, more: checked, capture: { share: 1 / 3 } });
    const { reader, entries } = await entriesOf(file);
    expect(batches(entries).map(({ envelope }) => envelope.number)).toEqual(all.filter((i) => i % 3 === 0));
    expect(batches(entries)[1]?.envelope.firstRecord).toBeGreaterThan(3);
    expect(reader.head.share).toBe(1 / 3);
  });

  test("captureRecordsMax and captureBytesMax are what a capture may have where nothing says otherwise", () => {
    expect([limits.captureRecordsMax.default, limits.captureBytesMax.default]).toEqual([
      1_000_000, 268_435_456,
    ]);
  });
});

describe("a mask", () => {
  const people = [
    '{"id":1,"user":{"email":"ada@example.org"},"note":"call ada@example.org","pin":4711}',
    '{"id":2,"user":{"email":"bob@example.org"},"pin":815}',
    '{"id":3,"user":{}}',
    '{"id":4,"user":{"email":"ada@example.org"},"pin":null}',
    "no JSON, ada",
  ];
  const more = `transforms:
  - { uses: json-pick.wasm, with: { fields: { who: user.email, id: id, p: pin } } }
millrace: { isolation: inline, onError: skip }`;

  test("puts other values in the place of private ones, before and after the steps", async () => {
    const capture = { mask: ["user.email", "pin"] };
    const { file, delivered, pipeline } = await runOf({ modules, lines: people, more, capture });
    const { reader, entries } = await entriesOf(file);
    const [batch] = batches(entries);
    const [before = [], after = []] = values(batch as CaptureEntry);
    const name = /"email":"(masked-[0-9a-f]{12})"/.exec(before[0] ?? "")?.[1];
    expect(before[0]).toBe(`{"id":1,"user":{"email":"${name}"},"note":"call ${name}","pin":0}`);
    expect(before[3]).toBe(`{"id":4,"user":{"email":"${name}"},"pin":null}`);
    expect(before[1]).not.toContain(name);
    expect([before[2], before[4]]).toEqual([people[2], people[4]]);
    // Under another name too, and in the type that it had.
    expect(JSON.parse(after[0] ?? "")).toEqual({ who: name, id: 1, p: 0 });
    expect(
      Buffer.from(
        JSON.stringify(
          entries.flatMap(({ frames }) => frames.map(({ bytes }) => Buffer.from(bytes).toString("latin1"))),
        ),
      ).toString(),
    ).not.toMatch(/example\.org|4711|815/);
    expect(batch?.envelope.masked).toEqual([0, 1, 3]);
    expect(reader.head.mask).toEqual(["user.email", "pin"]);
    expect(pipeline.captured?.maskedRecords).toBe(3);
    // What is delivered is what it would have been.
    expect(Buffer.from(delivered[0]?.value ?? []).toString()).toContain("ada@example.org");
  });

  test("refuses a path that leads nowhere by itself", async () => {
    const { error } = await runOf({ modules, lines: people, more, capture: { mask: ["user..email"] } }).catch(
      (thrown) => ({ error: thrown }),
    );
    expect(error).toMatchObject({ code: "cli.usage", message: expect.stringContaining("user..email") });
  });
});

test("secrets of the config are not in a capture, and a replay asks for them", async () => {
  const secret = (name: string): string => `"$\{{ secrets.${name} }}"`;
  const more = `transforms:
  - { uses: json-pick.wasm, with: { fields: { who: ${secret("FIELD")} }, missing: ${secret("MODE")} } }
${inline}`;
  const environment = { FIELD: "very.secret.path", MODE: "omit" };
  const { file, error } = await runOf({ modules, lines: ['{"id":1}'], more, environment, capture: {} });
  expect(error).toBeUndefined();
  expect(readFileSync(file, "latin1")).not.toContain("very.secret");
  const { reader } = await entriesOf(file);
  expect(reader.head.steps[0]?.parameters).toEqual({
    fields: `$\{{ secrets }}`,
    missing: `$\{{ secrets.MODE }}`,
  });
  const replayed = async (parameters: Readonly<Record<string, string>>): Promise<ReplayResult> => {
    const again = await CaptureReader.open(await captureFile(file));
    try {
      return await replayCapture(file, again, { parameters: new Map(Object.entries(parameters)) });
    } finally {
      await again.close();
    }
  };
  await expect(replayed({ missing: "omit" })).rejects.toMatchObject({
    code: "cli.usage",
    message: expect.stringContaining("the parameter fields of 1-json-pick.wasm is a secret"),
  });
  const fields = '{"who":"very.secret.path"}';
  expect(await replayed({ missing: "omit", fields })).toMatchObject({ same: true, mode: "same-modules" });
});

test("modules built for Fluvio are captured and replayed like others", async () => {
  const fluvio = {
    "filter.wasm": await readFile(`${fluvioFolder}filter.wasm`),
    "map.wasm": await readFile(`${fluvioFolder}map.wasm`),
  };
  const more = `transforms: [{ uses: filter.wasm }, { uses: map.wasm }]\n${inline}`;
  const { file, delivered } = await runOf({
    modules: fluvio,
    lines: ["apple", "fig", "banana"],
    more,
    capture: {},
  });
  expect(delivered.map(({ value }) => Buffer.from(value).toString())).toEqual(["APPLE", "BANANA"]);
  const reader = await CaptureReader.open(await captureFile(file));
  try {
    expect(reader.head.steps.map(({ abi }) => abi)).toEqual(["fluvio", "fluvio"]);
    expect(await replayCapture(file, reader, {})).toMatchObject({ same: true, records: 3 });
  } finally {
    await reader.close();
  }
});
