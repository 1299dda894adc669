import { limits } from "../../limits.ts";
import { none, type RecordInput } from "../../record/index.ts";
import type { TrialLookBack } from "./trial-step.ts";

/** Some of the input records. */
export interface InputSlice {
  /** Index of the first one. */
  readonly first: number;
  readonly records: readonly RecordInput[];
}

/** Cuts input records into batches as a pipeline would: by their number, and by their bytes. */
export function* slicesOf(records: readonly RecordInput[], recordsMax: number): Generator<InputSlice> {
  let first = 0;
  let byteCount = 0;
  for (const [index, record] of records.entries()) {
    if (index > first && (index - first >= recordsMax || byteCount >= limits.batchBytes.default)) {
      yield { first, records: records.slice(first, index) };
      first = index;
      byteCount = 0;
    }
    byteCount += record.value.length + (record.key?.length ?? 0);
  }
  if (first < records.length) yield { first, records: records.slice(first) };
}

/** Earlier records that follow one another. */
export interface EarlierRun {
  readonly offset: number;
  readonly records: readonly RecordInput[];
}

/**
 * The earlier records that a step is to be shown, oldest first.
 * @param now milliseconds since 1970 that ages count from
 */
export function* earlierRuns(
  earlier: readonly RecordInput[],
  lookBack: TrialLookBack | undefined,
  now: number,
): Generator<EarlierRun> {
  const { last, ageMs } = lookBack ?? { last: earlier.length };
  if (!last && !ageMs) return;
  const oldest = ageMs ? now - ageMs : undefined;
  let run: RecordInput[] = [];
  for (let offset = last ? Math.max(0, earlier.length - last) : 0; offset <= earlier.length; offset++) {
    const record = earlier[offset];
    if (record !== undefined && (oldest === undefined || isYounger(record, oldest))) {
      run.push(record);
      continue;
    }
    for (const { first, records } of slicesOf(run, limits.batchRecordsMax.default)) {
      yield { offset: offset - run.length + first, records };
    }
    run = [];
  }
}

/** A record that does not say when it happened has no age. */
function isYounger({ timestamp = none }: RecordInput, oldest: number): boolean {
  return timestamp !== none && timestamp >= oldest;
}
