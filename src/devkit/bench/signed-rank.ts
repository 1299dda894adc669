import { ascending, medianOf } from "./statistics.ts";

/** What differences in pairs say of the difference behind them. */
export interface PairedTest {
  /** The difference, as the median of the means of each two of the differences (Hodges and Lehmann). */
  readonly estimate: number;
  /** The range that has the true difference in it with the wanted confidence. */
  readonly low: number;
  readonly high: number;
  /** How often chance alone gives differences as far from zero as these, where the true difference is none. */
  readonly pValue: number;
}

/**
 * Wilcoxon's signed-rank test, exact, on differences within pairs. It asks nothing of how the values are spread, only that
 * without a true difference each sign is as likely as the other. That holds when a coin decides which of a pair is measured
 * first, whatever the machine does meanwhile.
 *
 * @param differences at least one; those that are zero say nothing of a direction and are left out of the test
 * @param confidence of the range, such as 0.95
 */
export function signedRankTest(differences: readonly number[], confidence: number): PairedTest {
  const means = ascending(walshMeans(differences));
  const outside = rankSumsBelow(differences.length, (1 - confidence) / 2);
  return {
    estimate: medianOf(means),
    // Too few pairs for this confidence: nothing can be ruled out.
    low: outside < 0 ? Number.NEGATIVE_INFINITY : (means[outside] ?? Number.NEGATIVE_INFINITY),
    high: outside < 0 ? Number.POSITIVE_INFINITY : (means.at(-1 - outside) ?? Number.POSITIVE_INFINITY),
    pValue: pValueOf(differences.filter((each) => each !== 0)),
  };
}

/** The p-values as they count when several tests are made and none of them is to be wrong (Holm). */
export function adjustForMany(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, index) => index).toSorted((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted: number[] = pValues.map(() => 1);
  let least = 0;
  for (const [rank, index] of order.entries()) {
    least = Math.max(least, Math.min(1, (pValues[index] ?? 1) * (pValues.length - rank)));
    adjusted[index] = least;
  }
  return adjusted;
}

function walshMeans(values: readonly number[]): number[] {
  return values.flatMap((one, index) => values.slice(index).map((other) => (one + other) / 2));
}

function pValueOf(differences: readonly number[]): number {
  if (differences.length === 0) return 1;
  const ranks = doubledRanks(differences.map(Math.abs));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const positive = ranks.reduce((sum, rank, i) => sum + ((differences[i] ?? 0) > 0 ? rank : 0), 0);
  const tail = Math.min(positive, total - positive);
  const shares = rankSumShares(ranks);
  let share = 0;
  for (let sum = 0; sum <= tail; sum++) share += shares[sum] ?? 0;
  return Math.min(1, share * 2);
}

/** Ranks from the smallest on, times two so that equal values share a whole one. */
function doubledRanks(values: readonly number[]): readonly number[] {
  return values.map((value) => {
    let below = 0;
    let equal = 0;
    for (const other of values) {
      if (other < value) below++;
      else if (other === value) equal++;
    }
    return below * 2 + equal + 1;
  });
}

/** How likely each sum of the ranks with a plus is, when each sign is drawn with a coin. */
function rankSumShares(ranks: readonly number[]): Float64Array {
  const shares = new Float64Array(ranks.reduce((sum, rank) => sum + rank, 1));
  shares[0] = 1;
  let most = 0;
  for (const rank of ranks) {
    most += rank;
    for (let sum = most; sum >= 0; sum--) {
      const without = shares[sum] ?? 0;
      shares[sum] = (without + (sum >= rank ? (shares[sum - rank] ?? 0) : 0)) / 2;
    }
  }
  return shares;
}

/** How many of the sorted means lie outside of the range at each end; -1 where the pairs are too few for any range. */
function rankSumsBelow(pairCount: number, tailMax: number): number {
  const shares = rankSumShares(Array.from({ length: pairCount }, (_, index) => index + 1));
  let tail = 0;
  for (let sum = 0; sum < shares.length; sum++) {
    tail += shares[sum] ?? 0;
    if (tail > tailMax) return sum - 1;
  }
  return -1;
}
