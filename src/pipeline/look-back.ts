import { type Batch, type Frame, readInt64 } from "../record/index.ts";
import type { Topic } from "../topic/index.ts";

/** Which earlier records a step is shown: the last ones, or those up to an age; both together, those that are in both. */
export interface LookBack {
  readonly last?: number | undefined;
  readonly ageMs?: number | undefined;
}

export interface LookBackRange extends LookBack {
  /** Records before this offset count. */
  readonly before: number;
  /** Milliseconds since 1970 that ages count from. */
  readonly now: number;
}

/**
 * The earlier records of a topic, oldest first, a stored batch at a time: the same one is filled again and again, so
 * memory stays bounded however far this looks back. The search for an age goes from the end to the first stored batch
 * that has no record of it.
 * @param batch filled with each of them; empty
 */
export function* lookBackBatches(topic: Topic, range: LookBackRange, batch: Batch): Generator<Batch> {
  const { before, last, ageMs, now } = range;
  if ((last ?? 0) === 0 && (ageMs ?? 0) === 0) return;
  const { first } = topic.bounds();
  const youngerThan = ageMs === undefined || ageMs === 0 ? undefined : now - ageMs;
  let offset = last === undefined || last === 0 ? first : Math.max(first, before - last);
  if (youngerThan !== undefined)
    offset = Math.max(offset, firstOfAge(topic, batch, offset, before, youngerThan));
  while (offset < before) {
    const frame = topic.read(offset, batch.buffer);
    if (frame === undefined) return;
    batch.start(frame);
    offset = frame.baseOffset + frame.recordCount;
    keep(batch, before, youngerThan);
    if (batch.count > 0) yield batch;
    batch.release();
  }
}

/** Offset where the oldest of the stored batches begins that, read from the end, each have a record of the age. */
function firstOfAge(topic: Topic, batch: Batch, from: number, before: number, youngerThan: number): number {
  let found = before;
  while (found > from) {
    const start = topic.batchStart(found - 1);
    const frame = topic.read(start, batch.buffer);
    if (frame === undefined || !hasYounger(frame, youngerThan)) return found;
    found = start;
  }
  return found;
}

function hasYounger({ timestamps, baseTimestamp, recordCount }: Frame, youngerThan: number): boolean {
  if (timestamps === undefined) return baseTimestamp >= youngerThan;
  for (let i = 0; i < recordCount; i++) if (readInt64(timestamps, i * 2) >= youngerThan) return true;
  return false;
}

/** Leaves the records in play that come before an offset and are of the age. */
function keep(batch: Batch, before: number, youngerThan: number | undefined): void {
  const { frame } = batch;
  const { values, keys, timestamps, headers } = frame;
  const next = batch.scratch();
  let written = 0;
  for (let i = 0; i < frame.recordCount; i++) {
    if (frame.baseOffset + i >= before) break;
    const timestamp = timestamps === undefined ? frame.baseTimestamp : readInt64(timestamps, i * 2);
    if (youngerThan !== undefined && timestamp < youngerThan) continue;
    (next.origins as Uint32Array)[written] = i;
    for (const [from, to] of [
      [values, next.values],
      [keys, next.keys],
      [timestamps, next.timestamps],
      [headers, next.headers],
    ]) {
      to?.set(from?.subarray(i * 2, i * 2 + 2) ?? [], written * 2);
    }
    written++;
  }
  if (written < batch.count) batch.adopt(next, written);
}
