import { expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  perSecond,
  plural,
} from "../../../src/cli/output/index.ts";

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1_234_567, "1,234,567"],
])("the count %d is shown as %s", (count, text) => {
  expect(formatCount(count)).toBe(text);
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [999_949, "999.9 kB"],
  [999_950, "1.0 MB"],
  [12_345_678, "12.3 MB"],
  [5e18, "5000.0 PB"],
])("%d bytes are shown as %s", (byteCount, text) => {
  expect(formatBytes(byteCount)).toBe(text);
});

test.each([
  [0, "0 ms"],
  [0.4, "0 ms"],
  [999.4, "999 ms"],
  [999.6, "1.0 s"],
  [59_940, "59.9 s"],
  [59_960, "1 min 00 s"],
  [185_000, "3 min 05 s"],
  [3_599_600, "1 h 00 min"],
  [7_620_000, "2 h 07 min"],
])("%d ms are shown as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("a rate is counted per second, and unknown for no time at all", () => {
  expect(perSecond(500, 250)).toBe(2000);
  expect(perSecond(500, 0)).toBeUndefined();
  expect(formatRate(1999.6)).toBe("2,000");
  expect(formatRate(undefined)).toBe("-");
});

test("one is singular", () => {
  expect(plural(1, "record")).toBe("1 record");
  expect(plural(0, "record")).toBe("0 records");
  expect(plural(1234, "entry", "entries")).toBe("1,234 entries");
});
