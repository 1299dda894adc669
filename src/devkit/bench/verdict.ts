import type { Comparison, SpeedRatio, Verdict } from "./result.ts";
import { adjustForMany, signedRankTest } from "./signed-rank.ts";

/** How often a difference may be called where there is none, for all comparisons of a call together. */
export const falsePositiveShareMax = 0.05;

/** What the rounds of a case say of the modules, before all cases are looked at together. */
export interface CaseTimes {
  /** Nanoseconds for each record, by module and round. */
  readonly nsByModule: readonly (readonly number[])[];
  /** The first module once more, in the same rounds. */
  readonly nsAgain: readonly number[];
}

export interface JudgedCase {
  readonly noise: SpeedRatio;
  readonly noiseFloor: number;
  readonly comparisons: readonly Comparison[];
}

/**
 * Compares each module with the first one, case by case. In each round all of them do the same work in an order drawn by lot, so
 * that without a difference each is as likely to be the faster one; Wilcoxon's signed-rank test on the logarithms of the ratios
 * is exact then. A difference is called where that test gives a p-value of at most 5 %, with all comparisons counted (Holm), and
 * where the ratio is outside of the noise floor as well: the far end of the range in which the first module lies against itself.
 */
export function judge(cases: readonly CaseTimes[]): readonly JudgedCase[] {
  const tested = cases.map(({ nsByModule: [base = [], ...others], nsAgain }) => ({
    noise: testOf(base, nsAgain),
    others: others.map((ns) => testOf(base, ns)),
  }));
  const adjusted = adjustForMany(tested.flatMap(({ others }) => others.map(({ pValue }) => pValue)));
  let next = 0;
  return tested.map(({ noise, others }) => {
    const noiseFloor = Math.exp(Math.max(Math.abs(Math.log(noise.low)), Math.abs(Math.log(noise.high)))) - 1;
    const comparisons = others.map(({ ratio, low, high }, index): Comparison => {
      const pValue = adjusted[next++] ?? 1;
      return { module: index + 1, ratio, low, high, pValue, verdict: verdictOf(ratio, pValue, noiseFloor) };
    });
    const { ratio, low, high } = noise;
    return { noise: { ratio, low, high }, noiseFloor, comparisons };
  });
}

function verdictOf(ratio: number, pValue: number, noiseFloor: number): Verdict {
  const isInside = Math.abs(Math.log(ratio)) <= Math.log1p(noiseFloor);
  if (pValue > falsePositiveShareMax || isInside) return "no difference";
  return ratio > 1 ? "faster" : "slower";
}

function testOf(base: readonly number[], other: readonly number[]): SpeedRatio & { readonly pValue: number } {
  const logarithms = base.map((ns, round) => {
    const logarithm = Math.log(ns / (other[round] ?? Number.NaN));
    // Both took less than the clock can tell, or one did: that is no difference that could be told.
    return Number.isFinite(logarithm) ? logarithm : 0;
  });
  const { estimate, low, high, pValue } = signedRankTest(logarithms, 0.95);
  return { ratio: Math.exp(estimate), low: Math.exp(low), high: Math.exp(high), pValue };
}
