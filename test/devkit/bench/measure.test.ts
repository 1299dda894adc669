import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type Contender, type Measurement, type MeasureOptions, measure } from "../../../src/devkit/index.ts";
import { limits } from "../../../src/limits.ts";
import { committed } from "../../smartmodules/built.ts";
import { fluvioFolder } from "../../support/fluvio.ts";

/** A clock that goes on with each question, so that nothing of a test depends on how fast a machine is. */
function askedClock(): () => number {
  let ms = 0;
  return () => {
    ms += 1;
    return ms;
  };
}

async function jsonFilter(parameters: Record<string, string>): Promise<Contender> {
  const bytes = await committed("json-filter");
  return {
    name: "f.wasm",
    file: "f.wasm",
    bytes,
    parameters: new Map(Object.entries(parameters)),
    fuel: true,
  };
}

async function run(
  contenders: readonly [Contender, ...Contender[]],
  more: Partial<MeasureOptions> = {},
): Promise<Measurement> {
  return measure({
    contenders,
    records: [{ from: "generator", kind: "log", seed: 1 }],
    batchSizes: [10],
    rounds: 6,
    durationMs: 60,
    signal: new AbortController().signal,
    onProgress: () => {},
    now: askedClock(),
    ...more,
  });
}

const isError = { field: "level", operator: "==", value: "error" };

describe("a measurement", () => {
  test("counts what a packed module does, the same for each call", async () => {
    const [first, second] = [await run([await jsonFilter(isError)]), await run([await jsonFilter(isError)])];
    const [figures] = first.cases[0]?.figures ?? [];
    expect(first.modules).toMatchObject([{ abi: "packed", kind: "filter", parameters: isError, fuel: true }]);
    expect(first.cases).toMatchObject([{ batchRecords: 10, rounds: 6, comparisons: [] }]);
    expect(first.cases[0]?.valueBytes).toBeGreaterThan(150);
    const { records = 0, kept, dropped, ...others } = figures?.outcome ?? {};
    expect(records).toBeGreaterThan(0);
    expect((kept ?? 0) + (dropped ?? 0)).toBe(records);
    expect(others).toEqual({ replaced: 0, expanded: 0, failed: 0, renewals: 0 });
    expect(figures?.fuelPerRecord).toBeGreaterThan(100);
    expect(figures?.copiesPerRecord).toBeGreaterThan(1);
    expect(figures?.copiesPerRecord).toBeLessThan(1.5);
    expect((figures?.guestMemoryBytes ?? 0) % 65_536).toBe(0);
    expect(second.cases[0]?.figures[0]?.fuelPerRecord).toBe(figures?.fuelPerRecord);
    const memory = figures?.memory ?? [];
    expect(memory[0]).toMatchObject({ records: 0 });
    expect(memory.at(-1)?.records).toBeGreaterThan(0);
  });

  test("counts what a module built for Fluvio does", async () => {
    const bytes = await readFile(`${fluvioFolder}filter.wasm`);
    const contender = { name: "filter.wasm", file: "filter.wasm", bytes, parameters: new Map(), fuel: true };
    const { modules, cases } = await run([contender]);
    expect(modules).toMatchObject([{ abi: "fluvio", kind: "filter" }]);
    const [figures] = cases[0]?.figures ?? [];
    expect(figures?.outcome.failed).toBe(0);
    expect(figures?.outcome.records).toBeGreaterThan(0);
    expect(figures?.fuelPerRecord).toBeGreaterThan(100);
  });

  test("has a case for each size of values and batches, and tells how far it is", async () => {
    const told: number[] = [];
    const records = [100, 1000].map(
      (valueBytes) => ({ from: "generator", kind: "log", seed: 1, valueBytes }) as const,
    );
    const { cases } = await run([await jsonFilter(isError)], {
      records,
      batchSizes: [5],
      onProgress: ({ share }) => told.push(share),
    });
    expect(cases.map(({ batchRecords, valueBytes }) => [batchRecords, valueBytes > 500])).toEqual([
      [5, false],
      [5, true],
    ]);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect([told[0], told.at(-1)]).toEqual([0, 1]);
  });

  test("compares the others with the first, each in the same rounds and in a drawn order", async () => {
    const drawn: number[] = [];
    const random = (): number => {
      drawn.push(0);
      return 0.5;
    };
    const same = await jsonFilter(isError);
    const { cases } = await run(
      [same, await jsonFilter({ field: "level", operator: "exists" }), { ...same, fuel: false }],
      {
        random,
      },
    );
    const [{ figures, comparisons, noise }] = cases as [(typeof cases)[0]];
    expect(comparisons.map(({ module }) => module)).toEqual([1, 2]);
    expect(noise.ratio).toBeGreaterThan(0);
    expect(figures[1]?.outcome.dropped).toBe(0);
    expect(figures[1]?.outcome.records).toBe(figures[0]?.outcome.records);
    expect(figures.map(({ fuelPerRecord }) => fuelPerRecord > 0)).toEqual([true, true, false]);
    // Seven turns a round take six lots.
    expect(drawn).toHaveLength(6 * 6);
  });

  test("stops where it is told to, with the rounds so far", async () => {
    const stop = new AbortController();
    const { cases, stopped } = await run([await jsonFilter(isError)], {
      batchSizes: [1, 10],
      signal: stop.signal,
      onProgress: ({ round }) => {
        if (round === 2) stop.abort();
      },
    });
    expect(stopped).toBe(true);
    expect(cases.map(({ batchRecords, rounds }) => [batchRecords, rounds])).toEqual([[1, 2]]);
  });

  test("keeps the times of no more batches than benchSliceBatchesMax in a round", async () => {
    // An hour of this clock would be far more.
    const { cases } = await run([await jsonFilter(isError)], {
      batchSizes: [1],
      durationMs: 3_600_000,
      onProgress: () => {},
      rounds: 1,
    });
    expect(cases[0]?.batchesPerRound).toBe(limits.benchSliceBatchesMax.default);
  });

  test("ends with what a module refuses", async () => {
    await expect(run([await jsonFilter({})])).rejects.toMatchObject({ code: "module.init" });
  });
});
