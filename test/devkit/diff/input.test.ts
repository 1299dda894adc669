import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type DiffInput, inputBatches } from "../../../src/devkit/diff/input.ts";
import { limits } from "../../../src/limits.ts";
import { folderWith } from "../../cli/support/millrace.ts";

const capture: DiffInput = {
  from: "capture",
  path: join(import.meta.dirname, "../../fixtures/captures/orders.mrcap"),
};

/** The sizes of the batches. */
async function sizes(input: DiffInput, batchRecordsMax?: number, recordsMax?: number): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of inputBatches(input, { batchRecordsMax, recordsMax })) found.push(batch.length);
  return found;
}

async function lines(text: string): Promise<DiffInput> {
  return { from: "file", path: join(await folderWith({ "in.txt": text }), "in.txt"), format: "lines" };
}

describe("records to compare with", () => {
  test("come in batches of the size that is wanted, and up to the count that is wanted", async () => {
    const five = await lines("1\n2\n3\n4\n5\n");
    expect(await sizes(five)).toEqual([5]);
    expect(await sizes(five, 2)).toEqual([2, 2, 1]);
    expect(await sizes(five, 5)).toEqual([5]);
    expect(await sizes(five, 2, 3)).toEqual([2, 1]);
    expect(await sizes(five, 2, 4)).toEqual([2, 2]);
    expect(await sizes(await lines(""))).toEqual([]);
  });

  test("are cut by their bytes as a pipeline would", async () => {
    const half = "x".repeat(limits.batchBytes.default / 2);
    expect(await sizes(await lines(`${half}\n${half}\n${half}\n`))).toEqual([2, 1]);
  });

  test("of a capture come in its own batches, unless others are wanted", async () => {
    const own = await sizes(capture);
    expect(own).toHaveLength(6);
    expect(own.reduce((sum, size) => sum + size, 0)).toBe(200);
    expect(await sizes(capture, 150)).toEqual([150, 50]);
    expect(await sizes(capture, undefined, 3)).toEqual([3]);
  });

  test("that are made up are diffGeneratedRecords, unless another number is wanted", async () => {
    const logs: DiffInput = { from: "generator", kind: "log", seed: 1 };
    const made = limits.diffGeneratedRecords.default;
    expect((await sizes(logs)).reduce((sum, size) => sum + size, 0)).toBe(made);
    expect((await sizes(logs, undefined, made + 1)).reduce((sum, size) => sum + size, 0)).toBe(made + 1);
  });

  test("have no time of when a file was read", async () => {
    const times: unknown[] = [];
    for await (const batch of inputBatches(await lines("1\n"), { batchRecordsMax: 1, recordsMax: 1 }))
      times.push(...batch.map(({ timestamp }) => timestamp));
    expect(times).toEqual([undefined]);
  });
});
