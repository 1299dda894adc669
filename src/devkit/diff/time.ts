import type { RecordInput } from "../../record/index.ts";
import type { Contender } from "../bench/contender.ts";
import { type MeasureOptions, measure } from "../bench/measure.ts";
import type { DiffTime } from "./result.ts";

export interface TimeOptions extends Pick<MeasureOptions, "rounds" | "durationMs" | "signal" | "onProgress"> {
  readonly batchRecords: number;
}

/**
 * Measures two versions side by side, as `bench` does.
 * @returns undefined where it was stopped before there was anything to tell
 * @throws MillraceError what ends a module
 */
export async function timeOf(
  old: Contender,
  now: Contender,
  records: readonly RecordInput[],
  { batchRecords, ...options }: TimeOptions,
): Promise<DiffTime | undefined> {
  const { cases } = await measure({
    ...options,
    contenders: [old, now],
    records: [{ from: "memory", records }],
    batchSizes: [batchRecords],
  });
  const [measured] = cases;
  const [oldFigures, newFigures] = measured?.figures ?? [];
  const comparison = measured?.comparisons[0];
  if (
    measured === undefined ||
    oldFigures === undefined ||
    newFigures === undefined ||
    comparison === undefined
  )
    return undefined;
  const { ratio, low, high, pValue, verdict } = comparison;
  return {
    batchRecords,
    rounds: measured.rounds,
    oldNsPerRecord: oldFigures.nsPerRecord,
    newNsPerRecord: newFigures.nsPerRecord,
    speed: { ratio: finite(ratio), low: finite(low), high: finite(high) },
    pValue,
    noiseFloor: finite(measured.noiseFloor),
    verdict,
  };
}

/** JSON has no infinite numbers. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
