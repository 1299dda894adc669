import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Contender, type DiffResult, diffModules } from "../../../src/devkit/index.ts";
import { folderWith } from "../../cli/support/millrace.ts";
import { type FaultName, faultFile, faults, type TwinName, twins } from "../../fixtures/faults/faults.ts";

const fluvio = join(import.meta.dirname, "../../fixtures/fluvio");

async function contender(file: string, name = file): Promise<Contender> {
  return { name, file, bytes: await readFile(file), parameters: new Map(), fuel: true };
}

async function diff(old: string, now: string, lines: readonly string[]): Promise<DiffResult> {
  const folder = await folderWith({ "in.txt": `${lines.join("\n")}\n` });
  return diffModules(await contender(old, "old"), await contender(now, "new"), {
    input: { from: "file", path: join(folder, "in.txt"), format: "lines" },
    shown: 2,
    stop: new AbortController().signal,
  });
}

const usual = ["one", "two", "three", "four", "five", "six"];

/** What shows each fault, and the numbers that tell it; all other records come out the same. */
const shows: Readonly<
  Record<FaultName, readonly [lines: readonly string[], differs: Partial<DiffResult["counts"]>]>
> = {
  "counts-on": [usual, { dropped: 2 }],
  // "two" and "three", "four" and "five".
  "looks-at-the-previous": [usual, { dropped: 2 }],
  "swaps-neighbours": [usual, { changed: 6 }],
  "drops-the-last": [usual, { dropped: 1 }],
  "minds-the-batch": [usual, { changed: 6 }],
  "keeps-every-other": [usual, { dropped: 3 }],
  "takes-memory": [usual, {}],
  "traps-on-nothing": [["one", "", "three"], { failsNow: 1 }],
  "squares-the-length": [["x".repeat(200)], {}],
  "cuts-characters": [["plain text", "Strudelöfen"], { changed: 1 }],
};

describe("a diff tells", () => {
  test.each(Object.keys(shows) as FaultName[])("%s from its twin", async (name) => {
    const [lines, counts] = shows[name];
    const { twin } = faults[name];
    const result = await diff(faultFile(twin), faultFile(name), lines);
    const differing = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const none = { added: 0, dropped: 0, changed: 0, failsNow: 0, failsNoLonger: 0, failsOtherwise: 0 };
    expect(result).toMatchObject({
      records: lines.length,
      same: differing === 0,
      counts: { ...none, same: lines.length - differing, ...counts },
    });
    expect(result.differences).toHaveLength(Math.min(2, differing));
    // A little more is what any other module takes; these take much more.
    if (name === "takes-memory") expect(result.memoryBytes.new - result.memoryBytes.old).toBe(6 * 65_536);
    if (name === "squares-the-length") expect(result.fuelPerRecord.ratio).toBeGreaterThan(1000);
    // The other way round it is as different.
    const back = await diff(faultFile(name), faultFile(twin), lines);
    expect(back.counts).toEqual({
      ...result.counts,
      added: result.counts.dropped,
      dropped: result.counts.added,
      failsNow: result.counts.failsNoLonger,
      failsNoLonger: result.counts.failsNow,
    });
  });

  test("that records have changed places", async () => {
    expect((await diff(faultFile("same"), faultFile("swaps-neighbours"), usual)).output).toBe("other order");
    expect((await diff(faultFile("same"), faultFile("minds-the-batch"), usual)).output).toBe("other records");
  });

  test("nothing from itself", async () => {
    const all = [...Object.keys(faults), ...Object.keys(twins)] as (FaultName | TwinName)[];
    for (const file of [
      ...all.map(faultFile),
      join(fluvio, "filter-map.wasm"),
      join(fluvio, "aggregate.wasm"),
    ]) {
      const result = await diff(file, file, ["17", "", "größter Käse", ...usual]);
      expect({ ...result.counts, ...result.fuelPerRecord }, file).toMatchObject({ same: 9, ratio: 1 });
      expect(result, file).toMatchObject({
        same: true,
        output: "same",
        differences: [],
        memoryBytes: { ratio: 1 },
        time: null,
        stopped: false,
        notes: [],
      });
    }
  });

  test("nothing where it is stopped before it begins", async () => {
    const file = join(await folderWith({ "in.txt": "one\n" }), "in.txt");
    const module = await contender(faultFile("same"));
    const result = await diffModules(module, module, {
      input: { from: "file", path: file, format: "lines" },
      shown: 1,
      time: { batchRecords: 1, rounds: 6, durationMs: 6, onProgress() {} },
      stop: AbortSignal.abort(),
    });
    expect(result).toMatchObject({
      records: 0,
      fuelPerRecord: { old: 0, ratio: null },
      time: null,
      stopped: true,
    });
  });

  test("modules of Fluvio from those of the packed ABI", async () => {
    const result = await diff(join(fluvio, "filter.wasm"), faultFile("keeps-all"), ["apple", "kiwi"]);
    expect([result.old.abi, result.new.abi]).toEqual(["fluvio", "packed"]);
    expect(result.counts).toMatchObject({ same: 1, added: 1 });
    expect(result.differences).toEqual([
      {
        record: 1,
        kind: "added",
        part: "fate",
        byte: null,
        input: "kiwi",
        diff: [
          { sign: "-", text: "dropped" },
          { sign: "+", text: "kiwi" },
        ],
      },
    ]);
  });
});
