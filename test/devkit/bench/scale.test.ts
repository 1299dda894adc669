import { describe, expect, test } from "vitest";
import { scaleOf } from "../../../src/devkit/bench/report/scale.ts";

describe("a scale", () => {
  test("has round marks around the values", () => {
    const { marks, at } = scaleOf("linear", [0, 4_700_000], 100, 0);
    expect(marks).toEqual([0, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000]);
    expect([at(0), at(2_500_000), at(5_000_000)]).toEqual([100, 50, 0]);
  });

  test("has powers of ten where it is logarithmic", () => {
    const { marks, at } = scaleOf("logarithmic", [2, 350], 0, 300);
    expect(marks).toEqual([1, 10, 100, 1000]);
    expect([at(1), at(10), at(1000)].map(Math.round)).toEqual([0, 100, 300]);
  });

  test.each([
    ["no value", "linear", []],
    ["one value", "linear", [7]],
    ["zero", "linear", [0, 0]],
    ["no value", "logarithmic", []],
    ["one value", "logarithmic", [1]],
    ["what has no place", "logarithmic", [0, Number.NaN, Number.POSITIVE_INFINITY]],
  ] as const)("has places for %s on a %s axis, too", (_name, kind, values) => {
    const { marks, at } = scaleOf(kind, values, 0, 100);
    expect(marks.length).toBeGreaterThan(0);
    for (const value of [...values, 1])
      expect(Number.isFinite(at(value)) || !Number.isFinite(value)).toBe(true);
  });

  test("keeps what is outside of given marks at their ends", () => {
    const { at } = scaleOf("linear", [1], 0, 100, [0, 5]);
    expect(at(2.5)).toBe(50);
    expect(at(1)).toBe(20);
  });
});
