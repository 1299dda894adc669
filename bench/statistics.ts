export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** Median with the 10th and 90th percentile. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { low: at(0.1), median: at(0.5), high: at(0.9) };
}
