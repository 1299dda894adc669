import { describe, expect, test } from "vitest";
import { type BoundName, bounds } from "../../src/config/bounds.ts";
import { limitsSchema } from "../../src/config/guest-limits.ts";
import type { Plan } from "../../src/config/index.ts";
import { limits } from "../../src/limits.ts";
import { inbound, readConfig } from "./read-config.ts";

/** What a config may set, the most that it may set it to, one more, and what is said of that. */
const guestKeys = {
  "memory-bytes": ["memoryBytesMax", "4 GiB", "4097 MiB"],
  "table-elements": ["tableElementsMax", "10000000", "10000001"],
  "module-bytes": ["moduleBytesMax", "1 GiB", "1025 MiB"],
  "fuel-per-record": ["fuelPerRecord", "9007199254740991", "9007199254740992"],
  "fuel-per-setup": ["fuelPerSetup", "9007199254740991", "9007199254740992"],
  deadline: ["deadlineMs", "24h", "25h"],
  "output-bytes-per-record": ["recordOutputBytesMax", "64 MiB", "65 MiB"],
  "output-bytes-per-batch": ["outputBytesMax", "64 MiB", "65 MiB"],
  "output-records-per-record": ["recordExpansionMax", "1048576", "1048577"],
  "log-lines-per-batch": ["moduleLogLinesMax", "1000000", "1000001"],
  "log-bytes-per-batch": ["moduleLogBytesMax", "16 MiB", "17 MiB"],
} as const;

const pipelineKeys = {
  "batch-bytes": ["batchBytes", "64 MiB", "65 MiB"],
  "batch-records": ["batchRecordsMax", "65536", "65537"],
  "frames-in-flight": ["framesInFlightMax", "64", "65"],
  "onError.retry.attempts": ["refusedAttempts", "1000000", "1000001"],
  "onError.retry.backoff": ["retryFirstDelayMsMax", "24h", "25h"],
  "onError.retry.backoff-max": ["retryDelayMsMax", "24h", "25h"],
  "error-window.records": ["errorWindowRecordsMax", "1000000", "1000001"],
} as const;

/** The section with one key in it, which stands behind dots where it is nested. */
function sectionWith(path: string, value: string): string {
  const keys = path.split(".");
  const more = keys[0] === "error-window" ? ", failures: 1" : "";
  return `millrace: ${keys.map((key) => `{ ${key}: `).join("")}${value}${more}${" }".repeat(keys.length)}\n`;
}

async function planWith(rest: string): Promise<Plan> {
  const { plan, problems } = await readConfig(inbound(rest));
  expect(problems).toEqual([]);
  return plan as Plan;
}

test("each limit of a module is in the table of this test", () => {
  expect(
    Object.keys(limitsSchema.shape)
      .filter((key) => key !== "fuel")
      .sort(),
  ).toEqual(Object.keys(guestKeys).sort());
});

type Row = readonly [path: string, name: BoundName, most: string, more: string];

const rows: readonly Row[] = [
  ...Object.entries(guestKeys).map(([key, words]): Row => [`limits.${key}`, ...words]),
  ...Object.entries(pipelineKeys).map(([key, words]): Row => [key, ...words]),
];

describe("the setting", () => {
  test.each(rows)(
    "%s may be as much as %s says, and one more names the bound",
    async (path, name, most, more) => {
      await planWith(sectionWith(path, most));
      const { problems } = await readConfig(inbound(sectionWith(path, more)));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`millrace.${path.split(".")[0]}`);
      expect(problems[0]).toContain("expected at most");
      expect(problems[0]).toContain(`(${bounds[name].reason})`);
    },
  );

  test.each(rows)("%s cannot be less than nothing", async (path) => {
    const { problems } = await readConfig(inbound(sectionWith(path, "-1")));
    expect(problems).toHaveLength(1);
  });
});

test("limits of a step go before those of the section, one by one", async () => {
  const plan = await planWith(
    "millrace: { limits: { output-records-per-record: 5, log-lines-per-batch: 7, output-bytes-per-batch: 1 KiB } }\n" +
      "filter:\n  - uses: a.wasm\n    limits: { log-lines-per-batch: 0, output-bytes-per-record: 9, log-bytes-per-batch: 8 }\n",
  );
  expect(plan.steps[0]?.limits).toMatchObject({
    recordExpansionMax: 5,
    logLinesMax: 0,
    logBytesMax: 8,
    recordOutputBytesMax: 9,
    batchOutputBytesMax: 1024,
  });
});

test("the size of batches and their number are those of the section, or the usual ones", async () => {
  const { batchBytes, batchRecords, framesInFlight } = await planWith(
    "millrace: { batch-bytes: 2 KiB, batch-records: 10, frames-in-flight: 1 }\n",
  );
  expect([batchBytes, batchRecords, framesInFlight]).toEqual([2048, 10, 1]);
  const usual = await planWith("");
  expect([usual.batchRecords, usual.framesInFlight]).toEqual([
    limits.batchRecordsMax.default,
    limits.framesInFlightMax.default,
  ]);
});

test("each bound is in the table of this test, and no default is beyond it", () => {
  const names = rows.map(([, name]) => name).sort();
  expect(Object.keys(bounds).sort()).toEqual([...new Set(names)]);
  for (const name of names) expect(limits[name].default, name).toBeLessThanOrEqual(bounds[name].most);
});
