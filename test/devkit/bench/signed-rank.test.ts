import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adjustForMany, signedRankTest } from "../../../src/devkit/bench/signed-rank.ts";

/** All ways to give signs to the ranks, counted one by one. */
function pValueByCounting(differences: readonly number[]): number {
  const kept = differences.filter((each) => each !== 0);
  const sizes = kept.map(Math.abs);
  const ranks = sizes.map((size) => {
    const below = sizes.filter((other) => other < size).length;
    const equal = sizes.filter((other) => other === size).length;
    return below + (equal + 1) / 2;
  });
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const sumOf = (isPositive: (index: number) => boolean): number =>
    ranks.reduce((sum, rank, index) => sum + (isPositive(index) ? rank : 0), 0);
  const seen = sumOf((index) => (kept[index] ?? 0) > 0);
  const tail = Math.min(seen, total - seen);
  let asFar = 0;
  for (let signs = 0; signs < 2 ** kept.length; signs++) {
    if (sumOf((index) => (signs & (1 << index)) !== 0) <= tail) asFar++;
  }
  return Math.min(1, (2 * asFar) / 2 ** kept.length);
}

describe("the signed-rank test", () => {
  test("gives the p-values of its tables", () => {
    // Ten pairs whose smaller sum of ranks is 8: the border of 5 % in every table of this test.
    expect(signedRankTest([1, 2, -3, 4, -5, 6, 7, 8, 9, 10], 0.95).pValue).toBeCloseTo(0.0488, 4);
    expect(signedRankTest([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95).pValue).toBe(2 / 1024);
    expect(signedRankTest([0, 0, 0], 0.95).pValue).toBe(1);
    expect(signedRankTest([5], 0.95).pValue).toBe(1);
  });

  test("counts as one does by hand, also with equal values and zeros", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 9 }),
        (differences) => {
          expect(signedRankTest(differences, 0.95).pValue).toBeCloseTo(pValueByCounting(differences), 10);
        },
      ),
    );
  });

  test("has zero outside of its range exactly where the p-value says so", () => {
    // Values without ties, for which range and p-value come from the same counts.
    const distinct = fc.uniqueArray(fc.double({ min: -1, max: 3, noNaN: true }), {
      minLength: 6,
      maxLength: 30,
      selector: (value) => Math.abs(value),
    });
    fc.assert(
      fc.property(distinct, (differences) => {
        const { low, high, pValue, estimate } = signedRankTest(differences, 0.95);
        expect(low > 0 || high < 0).toBe(pValue <= 0.05);
        expect(low).toBeLessThanOrEqual(estimate);
        expect(high).toBeGreaterThanOrEqual(estimate);
      }),
    );
  });

  test("rules nothing out where there are too few pairs", () => {
    const { low, high } = signedRankTest([1, 1, 1, 1, 1], 0.95);
    expect([low, high]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect(signedRankTest([1, 1, 1, 1, 1, 1], 0.95)).toMatchObject({ low: 1, high: 1, pValue: 2 / 64 });
  });
});

test("p-values of many tests are made larger as Holm does", () => {
  expect(adjustForMany([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(adjustForMany([0.5, 0.9])).toEqual([1, 1]);
  expect(adjustForMany([])).toEqual([]);
});
