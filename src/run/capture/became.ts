import { absent, type Batch, type Frame, readInt64 } from "../../record/index.ts";
import { became } from "./layout.ts";

/** For each record in play, the record of the frame that it was made of; undefined where each is at its own place. */
export function originsOf(batch: Batch): Uint32Array | undefined {
  const { origins } = batch.columns;
  if (origins === undefined) return undefined;
  const own = origins.slice(0, batch.count);
  return own.every((origin, index) => origin === index) ? undefined : own;
}

/**
 * What became of each record of a frame.
 * @param origins of the records after; undefined: each is at its own place
 * @param failed records of the frame that have failed
 */
export function becameOfEach(
  before: Frame,
  after: Frame,
  origins: Uint32Array | undefined,
  failed: ReadonlySet<number>,
  expands: boolean,
): Uint8Array<ArrayBuffer> {
  if (after === before) return new Uint8Array(before.recordCount).fill(became.kept);
  const codes = new Uint8Array(before.recordCount).fill(became.dropped);
  for (let i = 0; i < after.recordCount; i++) {
    const origin = origins?.[i] ?? i;
    if (expands) codes[origin] = became.expanded;
    else codes[origin] = isSameRecord(before, origin, after, i) ? became.kept : became.replaced;
  }
  for (const record of failed) codes[record] = became.failed;
  return codes;
}

/** Whether two records are the same in all that a frame holds of them but their offsets. */
export function isSameRecord(left: Frame, i: number, right: Frame, j: number): boolean {
  return (
    areSame(left.bytes, left.values, i, right.bytes, right.values, j, 0) &&
    areSame(left.bytes, left.keys, i, right.bytes, right.keys, j, absent) &&
    timestampOf(left, i) === timestampOf(right, j) &&
    areSame(left.bytes, left.headers, i, right.bytes, right.headers, j, 0)
  );
}

function timestampOf({ timestamps, baseTimestamp }: Frame, index: number): number {
  return timestamps === undefined ? baseTimestamp : readInt64(timestamps, index * 2);
}

/** @param noneLength length that stands for a column that is not there */
function areSame(
  left: Uint8Array,
  leftSpans: Uint32Array | undefined,
  i: number,
  right: Uint8Array,
  rightSpans: Uint32Array | undefined,
  j: number,
  noneLength: number,
): boolean {
  const length = leftSpans?.[i * 2 + 1] ?? noneLength;
  if (length !== (rightSpans?.[j * 2 + 1] ?? noneLength)) return false;
  if (leftSpans === undefined || rightSpans === undefined || length === absent) return true;
  const a = leftSpans[i * 2] as number;
  const b = rightSpans[j * 2] as number;
  for (let k = 0; k < length; k++) if (left[a + k] !== right[b + k]) return false;
  return true;
}
