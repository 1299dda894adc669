import { expect, test } from "vitest";
import { diffSummary, diffText } from "../../../src/cli/diff/text.ts";
import { styleFor } from "../../../src/cli/output/style.ts";
import type { DiffedRecord, DiffResult, DiffTime } from "../../../src/devkit/index.ts";

const style = styleFor(false, { LANG: "C.UTF-8" });
const module = { file: "", sha256: "", abi: "packed", kind: "map", parameters: {} };
const same = { added: 0, dropped: 0, changed: 0, failsNow: 0, failsNoLonger: 0, failsOtherwise: 0 };
const spread = (median: number) => ({ low: median, median, high: median });

const result: DiffResult = {
  old: { ...module, name: "old" },
  new: { ...module, name: "new" },
  records: 1000,
  batches: 1,
  same: true,
  counts: { ...same, same: 1000 },
  output: "same",
  failures: [],
  differences: [],
  fuelPerRecord: { old: 100, new: 100, ratio: 1 },
  memoryBytes: { old: 65_536, new: 65_536, ratio: 1 },
  time: null,
  stopped: false,
  notes: [],
};

const time: DiffTime = {
  batchRecords: 1000,
  rounds: 20,
  oldNsPerRecord: spread(100),
  newNsPerRecord: spread(200),
  speed: { ratio: 0.5, low: 0.4, high: 0.6 },
  pValue: 0,
  noiseFloor: 0.03,
  verdict: "slower",
};

const changed: DiffedRecord = {
  record: 3,
  kind: "changed",
  part: "value",
  byte: 7,
  input: "in",
  diff: [
    { sign: "-", text: "a".repeat(300) },
    { sign: "+", text: "b\u001B[2J" },
  ],
};

test("what is the same is said shortly", () => {
  expect(diffSummary(result)).toBe("new against old, 1,000 records: the same comes of all");
  expect(diffSummary({ ...result, stopped: true })).toMatch(/^stopped early; new against old/);
});

test("what is taken is told beside the records, the smallest difference with its digits", () => {
  const takes = {
    fuelPerRecord: { old: 10_000, new: 10_004, ratio: 1.0004 },
    memoryBytes: { old: 1, new: 2, ratio: 2 },
  };
  expect(diffSummary({ ...result, ...takes, time })).toBe(
    "new against old, 1,000 records: the same comes of all; fuel 1.0004x; memory 2.00x; slower",
  );
  const none = { fuelPerRecord: { old: 0, new: 3, ratio: null } };
  expect(diffSummary({ ...result, ...none })).toContain("; fuel more");
  expect(diffText({ ...result, ...none }, style)).toMatch(/\nfuel\/record +0\.00 +3\.00 +-\n/);
});

test("time is told with its verdict, and within the noise as no difference", () => {
  expect(diffText({ ...result, time }, style)).toMatch(
    /\ntime\/record +100 ns +200 ns +slower, 0\.50x the speed\nnoise: .* by up to 3\.0 % of its speed$/,
  );
  const within: DiffTime = { ...time, verdict: "no difference", noiseFloor: null };
  expect(diffSummary({ ...result, time: within })).toBe(diffSummary(result));
  expect(diffText({ ...result, time: within }, style)).toMatch(
    /\ntime\/record +100 ns +200 ns +no difference\nnoise: .* by up to anything of its speed$/,
  );
  const crawl: DiffTime = { ...time, speed: { ratio: 0.00123, low: 0, high: 1 } };
  expect(diffText({ ...result, time: crawl }, style)).toContain("slower, 0.0012x the speed");
});

test("records that differ are shown so that a terminal can bear them", () => {
  const counts = { ...same, same: 990, changed: 9, failsNow: 1 };
  const failures = [{ code: "module.trap", old: 0, new: 1 }];
  const text = diffText(
    { ...result, same: false, counts, output: "other order", failures, differences: [changed] },
    style,
  );
  expect(text).toMatch(/^✗ new against old, 1,000 records: 10 come out otherwise\n/);
  expect(text).toContain("\n\nthe same records come out in all, in another order\n");
  expect(text).toMatch(/\nfailed with +old +new\nmodule\.trap +0 +1\n/);
  expect(text).toContain(
    `\nrecord 3 is changed: value, from byte 7 on\n    in\n  - ${"a".repeat(200)}… (300 characters)\n`,
  );
  expect(text).not.toContain("\u001B");
  expect(text).toMatch(/\n\nand 9 more records$/);
});
