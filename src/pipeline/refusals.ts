import { Backoff, type Clock } from "../base/index.ts";
import { MillraceError } from "../errors.ts";
import { type Batch, copyOptionalColumns, type RecordFailure } from "../record/index.ts";
import type { ErrorPolicy } from "./policy.ts";
import type { BatchPosition, Sink } from "./ports.ts";

/** What came of handing a batch to a sink. */
export interface Written {
  readonly refused: readonly RecordFailure[];
  /** How often the refused records were handed over. */
  readonly attempts: number;
  /** Records that were handed over again, each as often as it was. */
  readonly retried: number;
  /** True when there was no time for all attempts: then nothing is settled about the refused records. */
  readonly isInterrupted: boolean;
}

export interface Attempts {
  readonly sink: Sink;
  readonly policy: ErrorPolicy;
  readonly clock: Clock;
  readonly random: (() => number) | undefined;
  /** Awaited once, before the first delay. */
  readonly beforeWaiting: () => Promise<void>;
}

/**
 * Hands a batch to a sink, and what it refuses once more, with growing delays, as often as the policy says. Only the
 * refused records go again, in their order; of a record that was expanded all parts do, since a sink names the record
 * and not the part. Meanwhile no other batch is handed over, so that batches stay in order.
 *
 * @param signal ends the waiting at once
 * @throws MillraceError `connector.failed` for a sink that refuses what it was not given; what the sink throws
 */
export async function writeWithRetries(
  batch: Batch,
  position: BatchPosition,
  { sink, policy, clock, random, beforeWaiting }: Attempts,
  signal: AbortSignal,
): Promise<Written> {
  let refused = await sink.write(batch, position);
  let retried = 0;
  const written = (attempts: number, isInterrupted = false): Written => ({
    refused,
    attempts,
    retried,
    isInterrupted,
  });
  if (refused.length === 0) return written(1);
  let origins = refusedOf(batch, refused);
  if (typeof policy === "string") return written(1);
  await beforeWaiting();
  const backoff = new Backoff({ firstMsMax: policy.backoffMs, delayMsMax: policy.backoffMsMax, random });
  for (let attempt = 2; attempt <= policy.attempts; attempt++) {
    await clock.sleep(backoff.nextMs(), signal);
    if (signal.aborted) return written(attempt - 1, true);
    keepOnly(batch, origins);
    retried += batch.count;
    refused = await sink.write(batch, position);
    if (refused.length === 0) return written(attempt);
    origins = refusedOf(batch, refused);
  }
  return written(policy.attempts);
}

/** The records of the frame that were refused. */
function refusedOf(batch: Batch, refused: readonly RecordFailure[]): ReadonlySet<number> {
  const inPlay = new Set<number>();
  for (let i = 0; i < batch.count; i++) inPlay.add(batch.originOf(i));
  const origins = new Set(refused.map(({ origin }) => origin));
  for (const origin of origins) {
    if (inPlay.has(origin)) continue;
    throw new MillraceError("connector.failed", `the sink refused record ${origin}, which it was not given`, {
      hint: "`origin` of a refused record is `batch.originOf(i)`; nothing of this batch counts as delivered",
    });
  }
  return origins;
}

/** Leaves in play what came of some records of the frame. */
function keepOnly(batch: Batch, origins: ReadonlySet<number>): void {
  const present = batch.columns;
  const next = batch.scratch();
  let written = 0;
  for (let i = 0; i < batch.count; i++) {
    const origin = batch.originOf(i);
    if (!origins.has(origin)) continue;
    (next.origins as Uint32Array)[written] = origin;
    next.values[written * 2] = present.values[i * 2] as number;
    next.values[written * 2 + 1] = present.values[i * 2 + 1] as number;
    copyOptionalColumns(present, i, next, written);
    written++;
  }
  batch.adopt(next, written);
}
