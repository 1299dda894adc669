import { expect, test } from "vitest";
import { styleFor } from "../../../src/cli/output/style.ts";
import { type Ending, runResult } from "../../../src/cli/run/result.ts";
import { runSummary, runText } from "../../../src/cli/run/summary.ts";
import type { Plan } from "../../../src/config/index.ts";
import { MillraceError } from "../../../src/errors.ts";

// What is not told of a run is left out of the plan.
const plan = {
  name: "quakes",
  direction: "inbound",
  type: "http-source",
  topic: "earthquakes",
  file: "/etc/quakes.yaml",
} as Plan;

const ending: Ending = {
  end: "source",
  durationMs: 1234,
  counts: { read: 1707, delivered: 300, filtered: 1400, deadLettered: 0, skipped: 7, inFlight: 0 },
  exchanges: [],
  rows: [
    {
      stage: "source",
      name: "http-source",
      in: 1707,
      out: 1707,
      dropped: 0,
      failed: 0,
      deadLettered: 0,
      retried: 0,
      recordsPerSecond: 1383.3,
      fuelPerRecord: undefined,
    },
    {
      stage: "filter",
      name: "json-filter.wasm",
      in: 1707,
      out: 300,
      dropped: 1400,
      failed: 7,
      deadLettered: 0,
      retried: 0,
      recordsPerSecond: 1383.3,
      fuelPerRecord: 1020.4,
    },
    {
      stage: "sink",
      name: "topic earthquakes",
      in: 300,
      out: 300,
      dropped: 0,
      failed: 0,
      deadLettered: 0,
      retried: 0,
      recordsPerSecond: undefined,
      fuelPerRecord: undefined,
    },
  ],
  skipped: [],
  deadLettered: [],
  warnings: [{ where: { file: "quakes.yaml", line: 4, column: 3 }, message: "unused" }],
};

test("the closing table ends with counts that add up", () => {
  const style = styleFor(false, { LANG: "C.UTF-8" });
  expect(runText(runResult(plan, ending), style).split("\n")).toEqual([
    "✓ quakes: done in 1.2 s, 1,707 records read, 300 delivered",
    "",
    "stage   name                  in    out  dropped  failed  letters  records/s  fuel/record",
    "source  http-source        1,707  1,707        0       0        0      1,383            -",
    "filter  json-filter.wasm   1,707    300    1,400       7        0      1,383        1,020",
    "sink    topic earthquakes    300    300        0       0        0          -            -",
    "",
    "read 1,707 = delivered 300 + filtered 1,400 + dead-lettered 0 + skipped 7 + in flight 0",
  ]);
});

test("a run in which nothing counts instructions has no column for them", () => {
  const rows = ending.rows.map((row) => ({ ...row, fuelPerRecord: undefined }));
  const text = runText(runResult(plan, { ...ending, rows }), styleFor(false, { LANG: "C.UTF-8" }));
  expect(text).toContain("records/s\n");
  expect(text).not.toContain("fuel");
});

test("the summary tells how a run ended", () => {
  const summaryOf = (end: Ending["end"]): string => runSummary(runResult(plan, { ...ending, end }));
  expect(summaryOf("signal")).toBe("quakes: stopped after 1.2 s, 1,707 records read, 300 delivered");
  expect(summaryOf("failure")).toBe("quakes: failed after 1.2 s, 1,707 records read, 300 delivered");
});

test("the result for programs has plain numbers and places as text", () => {
  const result = runResult(plan, ending);
  expect(result).toMatchObject({
    pipeline: "quakes",
    config: "/etc/quakes.yaml",
    durationMs: 1234,
    counts: ending.counts,
    warnings: [{ where: "quakes.yaml:4:3", message: "unused" }],
  });
  expect(result.stages.map((stage) => stage.recordsPerSecond)).toEqual([1383, 1383, null]);
  expect(result.stages.map((stage) => stage.fuelPerRecord)).toEqual([null, 1020, null]);
});

test.each([
  [
    "do not add up",
    { read: 10, delivered: 5, filtered: 4, deadLettered: 0, skipped: 0, inFlight: 0 },
    "failure",
  ],
  [
    "settle a record twice",
    { read: 10, delivered: 9, filtered: 2, deadLettered: 0, skipped: 0, inFlight: -1 },
    "failure",
  ],
  [
    "leave records in flight at a good end",
    { read: 10, delivered: 9, filtered: 0, deadLettered: 0, skipped: 0, inFlight: 1 },
    "source",
  ],
] as const)("counts that %s are a bug, and said to be one", (_name, counts, end) => {
  expect(() => runResult(plan, { ...ending, counts, end })).toThrow(MillraceError);
});

test("a failed run may leave records in flight", () => {
  const counts = { read: 10, delivered: 9, filtered: 0, deadLettered: 0, skipped: 0, inFlight: 1 };
  expect(runResult(plan, { ...ending, counts, end: "failure" }).counts).toEqual(counts);
});
