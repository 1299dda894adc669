import type { Frame } from "../../record/index.ts";
import type { ColdStart, Figures, MemoryPoint } from "./result.ts";
import type { Slice, SplitSlice } from "./slice.ts";
import {
  ascending,
  meanAt,
  medianOf,
  middleHalf,
  midmeanOf,
  quantileOf,
  type Spread,
  spreadOf,
} from "./statistics.ts";

/** What the rounds of one module gave. */
export interface RoundTimes {
  readonly slices: Slice[];
  readonly splits: SplitSlice[];
}

/** Where the picture of the times of batches has its points: closer together towards the rare ones. */
const shares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999, 1];

export function figuresOf(
  { slices, splits }: RoundTimes,
  frames: readonly Frame[],
  cold: ColdStart,
  memory: readonly MemoryPoint[],
): Figures {
  const batchRecords = frames[0]?.recordCount ?? 0;
  const wholes = slices.map(msPerRecord);
  const parts = splits.map((split) => splitPerRecord(split, batchRecords));
  const times = ascending(slices.flatMap(({ batchMs }) => batchMs));
  const ns = spreadOf(wholes.map((ms) => ms * 1e6));
  const last = slices.at(-1);
  const counts = last?.transform.counts;
  const valueBytes = sum(frames.map(valueBytesOf)) / sum(frames.map((frame) => frame.recordCount));
  const perSecond = wholes.map((ms) => 1000 / ms);
  const records = counts?.records ?? 0;
  return {
    recordsPerSecond: spreadOf(perSecond),
    megabytesPerSecond: scaled(spreadOf(perSecond), valueBytes / 1e6),
    nsPerRecord: ns,
    hostNsPerRecord: spreadOf(parts.map(({ hostMs }) => hostMs * 1e6)),
    guestNsPerRecord: spreadOf(parts.map(({ guestMs }) => guestMs * 1e6)),
    partsToWhole: medianOf(
      parts.map(({ hostMs, guestMs }, i) => (hostMs + guestMs) / (wholes[i] ?? Number.NaN)),
    ),
    batchMs: {
      p50: quantileOf(times, 0.5),
      p99: quantileOf(times, 0.99),
      p999: quantileOf(times, 0.999),
      max: times.at(-1) ?? Number.NaN,
    },
    batchQuantiles: shares.map((share) => ({ share, ms: quantileOf(times, share) })),
    firstBatchMs: spreadOf(slices.map(({ batchMs: [first = 0] }) => first)),
    instantiateMs: spreadOf(slices.map(({ instantiateMs }) => instantiateMs)),
    cold,
    fuelPerRecord: (counts?.fuel ?? 0) / records,
    copiesPerRecord: ((counts?.bytesIn ?? 0) + (counts?.bytesOut ?? 0)) / (records * valueBytes),
    guestMemoryBytes: last?.transform.memoryBytes ?? 0,
    memory,
    outcome: {
      records,
      kept: counts?.kept ?? 0,
      replaced: counts?.replaced ?? 0,
      expanded: counts?.expanded ?? 0,
      dropped: counts?.dropped ?? 0,
      failed: counts?.failed ?? 0,
      renewals: counts?.renewals ?? 0,
    },
  };
}

/** Milliseconds for a record, in the middle half of the batches of a slice. */
export function msPerRecord({ batchMs, records }: Pick<Slice, "batchMs" | "records">): number {
  return (midmeanOf(batchMs) * batchMs.length) / records;
}

function splitPerRecord(
  { hostMs, guestMs }: SplitSlice,
  batchRecords: number,
): { readonly hostMs: number; readonly guestMs: number } {
  const middle = middleHalf(hostMs.map((ms, index) => ms + (guestMs[index] ?? 0)));
  return { hostMs: meanAt(hostMs, middle) / batchRecords, guestMs: meanAt(guestMs, middle) / batchRecords };
}

function valueBytesOf({ values }: Frame): number {
  let bytes = 0;
  for (let i = 1; i < values.length; i += 2) bytes += values[i] ?? 0;
  return bytes;
}

function scaled({ low, median, high }: Spread, by: number): Spread {
  return { low: low * by, median: median * by, high: high * by };
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
