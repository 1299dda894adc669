import { expect, test } from "vitest";
import { Tally } from "../../../src/devkit/diff/tally.ts";
import type { TrialOutcome, TrialResult } from "../../../src/devkit/index.ts";

/** What a version made of records: the value that came out of each, or nothing. */
function trial(values: readonly (string | undefined)[], fuel: number, memoryBytesMax: number): TrialResult {
  const outcomes = values.map((value): TrialOutcome => {
    const record = {
      value: new TextEncoder().encode(value),
      key: undefined,
      timestamp: undefined,
      headers: [],
    };
    const fate = value === undefined ? "dropped" : "kept";
    return { fate, output: value === undefined ? [] : [record], droppedBy: undefined, failures: [] };
  });
  const step = { memoryBytesMax } as TrialResult["steps"][number];
  return { outcomes, steps: [step], batches: [], log: [], fuel, ended: undefined };
}

const input = [{ value: "x" }, { value: "a" }, { value: "x" }];

test("what is the same between records that differ counts for the order", () => {
  const tally = new Tally(["old", "new"], 5, 0);
  tally.add(input, trial(["x", "a", undefined], 0, 0), trial([undefined, "a", "x"], 0, 0));
  expect(tally.result()).toMatchObject({ output: "other order", counts: { added: 1, dropped: 1, same: 1 } });
});

test("records that change places around nothing come out the same", () => {
  const tally = new Tally(["old", "new"], 5, 0);
  tally.add(input, trial(["x", undefined, undefined], 0, 0), trial([undefined, undefined, "x"], 0, 0));
  expect(tally.result()).toMatchObject({ output: "same", same: false });
});

test("batches are added up, with the most memory of any", () => {
  const tally = new Tally(["old", "new"], 5, 0);
  tally.add(input, trial(["x", "a", "x"], 30, 2000), trial(["x", "a", "x"], 60, 4000));
  tally.add(input, trial(["x", "a", "x"], 60, 1000), trial(["x", "b", "x"], 120, 3000));
  const { differences, ...numbers } = tally.result();
  expect(numbers).toMatchObject({
    records: 6,
    batches: 2,
    counts: { same: 5, changed: 1 },
    fuelPerRecord: { old: 15, new: 30, ratio: 2 },
    memoryBytes: { old: 2000, new: 4000, ratio: 2 },
  });
  expect(differences.map(({ record }) => record)).toEqual([4]);
});
