import { BoundedQueue, type Clock } from "../base/index.ts";
import { limits } from "../limits.ts";
import type { Batch, RecordFailure } from "../record/index.ts";
import type { Position } from "../topic/index.ts";
import { type PipelineCounts, type StageCounts, stepCounts } from "./counts.ts";
import { type ErrorPolicy, type FailedRecord, failureOf } from "./policy.ts";
import type { Reading, Sink, Source } from "./ports.ts";
import type { Processed, Processor, ProcessorStep } from "./processor.ts";

export interface PipelineEnd<Port> {
  /** What people call it: a connector's type, or `topic NAME`. */
  readonly name: string;
  readonly port: Port;
}

export interface PipelineParts {
  readonly source: PipelineEnd<Source>;
  readonly processor: Processor;
  readonly sink: PipelineEnd<Sink>;
  /** For records that the source or the sink refuses. */
  readonly onError: ErrorPolicy;
  readonly clock: Clock;
  /** Told of every record that is left out. */
  readonly onSkip: (record: FailedRecord) => void;
}

/** What became of the records of one batch. */
interface Outcome {
  readonly delivered: number;
  readonly filtered: number;
  readonly skipped: number;
  /** Indexes in the frame of records that were left out. */
  readonly leftOut: ReadonlySet<number>;
}

/** A buffer on its way round: filled by the source, worked on, drained by the sink, filled again. */
interface Slot {
  readonly batch: Batch;
  reading: Reading | undefined;
  processed: Promise<Processed> | undefined;
}

/** What the sink has taken over. */
interface Written {
  readonly reading: Reading;
  readonly outcome: Outcome;
  readonly accumulators: Processed["accumulators"];
}

/**
 * Moves records from a source through the steps of a processor to a sink. Reading, processing and writing overlap, each
 * in order; a fixed number of buffers goes round between them, so that a slow sink slows the source and memory stays
 * bounded.
 *
 * A batch is acknowledged after its records are durable at the other end. The sink is flushed when
 * nothing was there to be written for `flushDelayMsMax`, and at the latest after `unflushedBytesMax`. When a batch
 * fails, the ones before it are still delivered, it is not, and the run ends with the cause; the next run begins with
 * that batch. When the sink itself fails, the next run begins with what it has not flushed.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  readonly #free: BoundedQueue<Slot> = new BoundedQueue(limits.framesInFlightMax.default);
  readonly #filled: BoundedQueue<Slot> = new BoundedQueue(limits.framesInFlightMax.default);
  readonly #started: BoundedQueue<Slot> = new BoundedQueue(limits.framesInFlightMax.default);
  readonly #processed: BoundedQueue<Slot> = new BoundedQueue(limits.framesInFlightMax.default);
  readonly #stop = new AbortController();
  /** True when no batch is to be begun any more. */
  #failed = false;
  /** Written, but not flushed yet. */
  #unflushed: Written[] = [];
  #unflushedBytes = 0;
  #read = 0;
  #rejected = 0;
  #refused = 0;
  #written = 0;
  #delivered = 0;
  #filtered = 0;
  #skipped = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
  }

  get counts(): PipelineCounts {
    const settled = this.#delivered + this.#filtered + this.#skipped;
    return {
      read: this.#read,
      delivered: this.#delivered,
      filtered: this.#filtered,
      skipped: this.#skipped,
      inFlight: this.#read - settled,
    };
  }

  /** Counts of each stage, in the order in which records pass them. */
  get stages(): readonly StageCounts[] {
    const { source, processor, sink } = this.#parts;
    const taken = this.#read - this.#rejected;
    return [
      { stage: "source", name: source.name, in: this.#read, out: taken, dropped: 0, failed: this.#rejected },
      ...processor.steps.map(stepCounts),
      {
        stage: "sink",
        name: sink.name,
        in: this.#written,
        out: this.#delivered,
        dropped: 0,
        failed: this.#refused,
      },
    ];
  }

  /**
   * Runs until the source ends or `signal` aborts; then what was read is delivered, and both ends are closed.
   *
   * @param position where the source goes on, as it was stored with the last records of an earlier run
   * @throws MillraceError what ended the run: of the source, a module, a record under `fail`, or the sink
   */
  async run(position: Position | undefined, signal: AbortSignal): Promise<void> {
    const { source, sink } = this.#parts;
    const stop = (): void => this.#stop.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    try {
      await sink.port.open();
      try {
        await source.port.open(position);
        await this.#flow();
      } finally {
        await source.port.close();
      }
    } finally {
      signal.removeEventListener("abort", stop);
      await sink.port.close();
    }
  }

  async #flow(): Promise<void> {
    for (let i = 0; i < limits.framesInFlightMax.default; i++) {
      this.#free.put({ batch: this.#parts.processor.newBatch(), reading: undefined, processed: undefined });
    }
    const loops = [this.#readAll(), this.#startAll(), this.#settleAll(), this.#writeAll()];
    const results = await Promise.allSettled(loops);
    // The last loop that failed is the cause nearest to the records that were not delivered first.
    for (const result of results.reverse()) if (result.status === "rejected") throw result.reason;
  }

  async #readAll(): Promise<void> {
    try {
      let next = this.#readNext();
      for (let slot = await next; slot !== undefined; slot = await next) {
        // The next read is under way before this one is handed on: processing it will occupy the thread.
        next = this.#readNext();
        this.#filled.put(slot);
      }
    } finally {
      this.#filled.end();
    }
  }

  /** Fills the next free slot, or gives undefined at the end. */
  async #readNext(): Promise<Slot | undefined> {
    const { signal } = this.#stop;
    const slot = await this.#free.take();
    if (slot === undefined || signal.aborted) return undefined;
    slot.reading = await this.#parts.source.port.read(slot.batch.buffer, signal);
    return slot.reading === undefined ? undefined : slot;
  }

  /** Begins with each batch as soon as it was read: how many are under way is bounded by the slots. */
  async #startAll(): Promise<void> {
    try {
      for (let slot = await this.#filled.take(); slot !== undefined; slot = await this.#filled.take()) {
        if (this.#failed) return;
        this.#start(slot, slot.reading as Reading);
        this.#started.put(slot);
      }
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#started.end();
    }
  }

  async #settleAll(): Promise<void> {
    try {
      for (let slot = await this.#started.take(); slot !== undefined; slot = await this.#started.take()) {
        this.#settleSteps(slot.batch, await (slot.processed as Promise<Processed>));
        this.#processed.put(slot);
      }
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#processed.end();
    }
  }

  async #writeAll(): Promise<void> {
    try {
      for (let slot = await this.#nextToWrite(); slot !== undefined; slot = await this.#nextToWrite()) {
        await this.#write(slot, slot.reading as Reading);
        slot.batch.release();
        this.#free.put(slot);
        if (this.#unflushedBytes >= limits.unflushedBytesMax.default) await this.#flush();
      }
      await this.#flush();
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  /** The next batch to write. Where it keeps the sink waiting, what was written before is flushed meanwhile. */
  async #nextToWrite(): Promise<Slot | undefined> {
    if (this.#unflushed.length === 0 || this.#processed.size > 0) return this.#processed.take();
    const next = this.#processed.take();
    const arrived = new AbortController();
    const delay = this.#parts.clock.sleep(limits.flushDelayMsMax.default, arrived.signal);
    const isLate = await Promise.race([next.then(() => false), delay.then(() => true)]);
    arrived.abort();
    if (isLate) await this.#flush();
    return next;
  }

  /** Nothing more is to be read or begun; loops that wait are let go. */
  #end(): void {
    this.#failed = true;
    this.#stop.abort();
    this.#free.end();
  }

  #start(slot: Slot, reading: Reading): void {
    const { batch } = slot;
    batch.start(reading.frame);
    this.#read += reading.frame.recordCount + reading.rejections.length;
    this.#rejected += reading.rejections.length;
    const { source, processor, onError } = this.#parts;
    this.#settle(
      onError,
      reading.rejections.map((rejection) => ({ stage: "source", by: source.name, ...rejection })),
    );
    slot.processed = processor.process(batch);
    // Whoever settles it hears of its failure; until then no other batch is to be begun.
    slot.processed.catch(() => {
      this.#failed = true;
    });
  }

  /** Does with the records that steps failed what their policies say. */
  #settleSteps(batch: Batch, { failedBySteps }: Processed): void {
    let from = 0;
    for (const [index, failed] of failedBySteps.entries()) {
      const { stage, onError } = this.#parts.processor.steps[index] as ProcessorStep;
      this.#settle(onError, this.#locate(stage, batch, batch.failures.slice(from, from + failed)));
      from += failed;
    }
  }

  async #write(slot: Slot, reading: Reading): Promise<void> {
    const { sink, onError } = this.#parts;
    const { batch } = slot;
    this.#written += batch.count;
    const { accumulators } = await (slot.processed as Promise<Processed>);
    const refused = await sink.port.write(batch, { source: reading.position, accumulators });
    this.#refused += refused.length;
    const failed = refused.map((failure) => ({ ...failure, by: sink.name }));
    // If this ends the run, the batches before are to be delivered all the same.
    if (failed.length > 0) await this.#flush();
    this.#settle(onError, this.#locate("sink", batch, failed));
    const outcome = outcomeOf(batch, reading, refused);
    this.#unflushed.push({ reading, outcome, accumulators });
    this.#unflushedBytes += reading.frame.bytes.length;
  }

  /** Makes what was written durable, then says so to the source and in the counts. */
  async #flush(): Promise<void> {
    if (this.#unflushed.length === 0) return;
    await this.#parts.sink.port.flush();
    for (const { reading, outcome, accumulators } of this.#unflushed) {
      await reading.acknowledge?.(accumulators, outcome.leftOut);
      this.#delivered += outcome.delivered;
      this.#filtered += outcome.filtered;
      this.#skipped += outcome.skipped;
    }
    this.#unflushed = [];
    this.#unflushedBytes = 0;
  }

  #locate(stage: string, batch: Batch, failures: readonly RecordFailure[]): FailedRecord[] {
    const source = this.#parts.source.port;
    return failures.map((failure) => ({
      stage,
      ...failure,
      where: source.locate(batch.frame, failure.origin),
    }));
  }

  /** Does with failed records what the policy says. */
  #settle(policy: ErrorPolicy, failed: readonly FailedRecord[]): void {
    const [first] = failed;
    if (first === undefined) return;
    if (policy === "fail") throw failureOf(first, failed.length - 1);
    for (const record of failed) this.#parts.onSkip(record);
  }
}

/** What became of the records that one reading brought, each counted once. */
function outcomeOf(batch: Batch, { frame, rejections }: Reading, refused: readonly RecordFailure[]): Outcome {
  const failed = new Set<number>();
  for (const { origin } of batch.failures) failed.add(origin);
  for (const { origin } of refused) failed.add(origin);
  const { origins } = batch.columns;
  let delivered = origins === undefined ? batch.count - failed.size : 0;
  let last = -1;
  for (let i = 0; origins !== undefined && i < batch.count; i++) {
    const origin = origins[i] as number;
    // Parts of an expanded record stand in a row.
    if (origin === last) continue;
    last = origin;
    if (failed.size === 0 || !failed.has(origin)) delivered++;
  }
  return {
    delivered,
    filtered: frame.recordCount - failed.size - delivered,
    skipped: rejections.length + failed.size,
    leftOut: failed,
  };
}
