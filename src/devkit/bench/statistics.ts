/** Where most of some values lie: the median, with the 10th and the 90th percentile. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Median with the 10th and 90th percentile. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = ascending(values);
  return { low: quantileOf(sorted, 0.1), median: quantileOf(sorted, 0.5), high: quantileOf(sorted, 0.9) };
}

export function ascending(values: readonly number[]): readonly number[] {
  return values.toSorted((a, b) => a - b);
}

/** The value that the share of sorted values is below of; NaN where there are none. */
export function quantileOf(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function medianOf(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The mean of the middle half. What interrupts a program now and then, such as other programs, is not in it, and unlike a median
 * it makes use of more than one value.
 */
export function midmeanOf(values: readonly number[]): number {
  return meanAt(values, middleHalf(values));
}

/** The indexes of the middle half of the values; of fewer than four, of all that are there. */
export function middleHalf(values: readonly number[]): readonly number[] {
  const order = [...values.keys()].toSorted((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const cut = order.length >> 2;
  return order.slice(cut, order.length - cut);
}

export function meanAt(values: readonly number[], indexes: readonly number[]): number {
  let sum = 0;
  for (const index of indexes) sum += values[index] ?? 0;
  return sum / indexes.length;
}
