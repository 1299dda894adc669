import { describe, expect, test } from "vitest";
import { digits, formatNoise, formatShortTime } from "../../../src/cli/bench/numbers.ts";
import {
  parseBatchSizes,
  parseDuration,
  parseFuel,
  parseRatio,
  parseRounds,
  parseSeed,
  parseValueSizes,
} from "../../../src/cli/bench/values.ts";
import { limits } from "../../../src/limits.ts";

const refusal = expect.objectContaining({ code: "cli.usage" });

describe("values of options", () => {
  test("of sizes are lists", () => {
    expect(parseBatchSizes("1, 10,65536")).toEqual([1, 10, 65_536]);
    expect(parseValueSizes("200,1KiB, 1.5 kB")).toEqual([200, 1024, 1500]);
  });

  test("are of rounds at most benchRoundsMax, and enough of them for a verdict", () => {
    const most = limits.benchRoundsMax.default;
    expect([parseRounds("6"), parseRounds(String(most))]).toEqual([6, most]);
    for (const text of ["5", String(most + 1), "ten"]) expect(() => parseRounds(text)).toThrow(refusal);
  });

  test("of the other options", () => {
    expect(parseDuration("1m 30s")).toBe(90_000);
    expect(parseRatio("0.95")).toBe(0.95);
    expect(parseSeed("7")).toBe(7);
    expect(parseFuel("off")).toBe("off");
  });

  test.each([
    [parseBatchSizes, "0"],
    [parseBatchSizes, "10,,20"],
    [parseBatchSizes, "65537"],
    [parseValueSizes, "large"],
    [parseValueSizes, "9MiB"],
    [parseDuration, "10"],
    [parseDuration, "2h"],
    [parseRatio, "0"],
    [parseRatio, "95%"],
    [parseSeed, "-1"],
    [parseFuel, "yes"],
  ])("%s refuses %s", (parse, text) => {
    expect(() => parse(text)).toThrow(refusal);
  });
});

test("numbers have the digits that count", () => {
  expect([1234, 0.0123, 12.34, 0.00045, 2500, Number.NaN].map((ms) => formatShortTime(ms))).toEqual([
    "1.23 s",
    "12.3 µs",
    "12.3 ms",
    "450 ns",
    "2.50 s",
    "-",
  ]);
  expect([0.123, 9.996, 99.96, 1234.5].map(digits)).toEqual(["0.12", "10.0", "100", "1,235"]);
  expect([0.012, Number.POSITIVE_INFINITY].map(formatNoise)).toEqual(["1.2 %", "anything"]);
});
