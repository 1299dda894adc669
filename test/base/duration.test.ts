import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDurationMs } from "../../src/base/index.ts";

describe("a duration", () => {
  test.each([
    ["10s", 10_000],
    ["1h 30m", 5_400_000],
    ["12 s", 12_000],
    ["1w", 604_800_000],
    ["100ms", 100],
    ["0s", 0],
    ["2h37min", 9_420_000],
    ["1year 2months 3days", 31_557_600_000 + 2 * 2_630_016_000 + 3 * 86_400_000],
    ["1M", 2_630_016_000],
    ["1m", 60_000],
    ["1500us", 1.5],
    ["1500µs", 1.5],
    ["5 ns", 5e-6],
    ["  3sec  ", 3000],
    ["1 000 ms", 1000],
    ["5s 5s", 10_000],
  ])("%s", (text, ms) => expect(parseDurationMs(text)).toBeCloseTo(ms, 9));

  test.each(["", " ", "5", "300", "s", "-5s", "1.5s", "5 lightyears", "5S", "5s!", "5s 3", "0x5s", "١s"])(
    "is not %j",
    (text) => expect(parseDurationMs(text)).toBeUndefined(),
  );

  test("is not what cannot be counted exactly", () => {
    expect(parseDurationMs("9007199254740991ms")).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseDurationMs("9007199254740992ms")).toBeUndefined();
    expect(parseDurationMs(`${"9".repeat(400)}y`)).toBeUndefined();
  });

  test("has the sum of its parts, in any order", () => {
    const part = fc.tuple(fc.nat(10_000), fc.constantFrom("ms", "s", "m", "h", "d"));
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 5 }),
        fc.constantFrom("", " "),
        (parts, space) => {
          const texts = parts.map(([count, unit]) => `${count}${space}${unit}`);
          const sum = texts.reduce((total, text) => total + (parseDurationMs(text) ?? Number.NaN), 0);
          expect(parseDurationMs(texts.toReversed().join(" "))).toBe(sum);
        },
      ),
    );
  });

  test("of hostile length is read in one pass", () => {
    expect(parseDurationMs(`${"1".repeat(100_000)} ${"s".repeat(100_000)}!`)).toBeUndefined();
    expect(parseDurationMs(`${"1 ".repeat(100_000)}!`)).toBeUndefined();
    expect(parseDurationMs(`${"1s ".repeat(100_000)}!`)).toBeUndefined();
  });
});
