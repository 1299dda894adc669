import { BoundedQueue } from "../base/index.ts";
import { addCounts, noCounts, type TransformCounts } from "../engine/index.ts";
import { limits } from "../limits.ts";
import type { Batch } from "../record/index.ts";
import type { Position } from "../topic/index.ts";
import { type PipelineCounts, type StageCounts, stepCounts } from "./counts.ts";
import { FailureDesk, type Kept } from "./failure-desk.ts";
import { Fates, type Outcome } from "./fates.ts";
import type { PipelineParts } from "./parts.ts";
import type { Reading } from "./ports.ts";
import type { Processed, Processor } from "./processor.ts";
import { writeWithRetries } from "./refusals.ts";
import { Turnstile } from "./turnstile.ts";

/** A buffer on its way round: filled by the source, worked on, drained by the sink, filled again. */
interface Slot {
  readonly batch: Batch;
  reading: Reading | undefined;
  processed: Promise<Processed> | undefined;
  /** What failed before the sink, where its letters were stored ahead of the batch's turn. */
  kept: Kept | undefined;
}

/** What the sink has taken over. */
interface Unflushed {
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
 *
 * Dead letters are stored before the batch they come from is handed to the sink, and those of what the sink refuses
 * before the batch is acknowledged: a crash in between may leave a letter of a record that is read again, and so comes
 * twice, but never none. Towards a sink that refuses nothing, they are stored while the batch before is being written. A
 * stop ends the delays between attempts at the sink at once: the batch in hand is not acknowledged then, and the next run
 * begins with it.
 */
export class Pipeline {
  readonly #parts: PipelineParts;
  #processor: Processor;
  /** What the steps of earlier processors have done, by their places. */
  #stepsBefore: readonly TransformCounts[] = [];
  /** Batches are inside from their first step until they are settled. */
  readonly #turnstile = new Turnstile();
  readonly #desk: FailureDesk;
  readonly #framesInFlight: number;
  readonly #free: BoundedQueue<Slot>;
  readonly #filled: BoundedQueue<Slot>;
  readonly #started: BoundedQueue<Slot>;
  readonly #processed: BoundedQueue<Slot>;
  readonly #stop = new AbortController();
  /** Batches behind the settling of their steps whose letters wait until they are written. */
  #lettersWaiting = 0;
  /** True when no batch is to be begun any more. */
  #failed = false;
  /** Written, but not flushed yet. */
  #unflushed: Unflushed[] = [];
  #unflushedBytes = 0;
  #read = 0;
  #rejected = 0;
  #refused = 0;
  #retried = 0;
  #written = 0;
  #delivered = 0;
  #filtered = 0;
  #deadLettered = 0;
  #skipped = 0;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#processor = parts.processor;
    this.#desk = new FailureDesk(parts, () => this.#processor.steps);
    const slots = parts.framesInFlight ?? limits.framesInFlightMax.default;
    this.#framesInFlight = slots;
    this.#free = new BoundedQueue(slots);
    this.#filled = new BoundedQueue(slots);
    this.#started = new BoundedQueue(slots);
    this.#processed = new BoundedQueue(slots);
  }

  get counts(): PipelineCounts {
    const settled = this.#delivered + this.#filtered + this.#deadLettered + this.#skipped;
    return {
      read: this.#read,
      delivered: this.#delivered,
      filtered: this.#filtered,
      deadLettered: this.#deadLettered,
      skipped: this.#skipped,
      inFlight: this.#read - settled,
    };
  }

  /** Counts of each stage, in the order in which records pass them. */
  get stages(): readonly StageCounts[] {
    const { source, sink } = this.#parts;
    const { steps } = this.#processor;
    return [
      {
        stage: "source",
        name: source.name,
        in: this.#read,
        out: this.#read - this.#rejected,
        dropped: 0,
        failed: this.#rejected,
        deadLettered: this.#desk.deadLetteredAt(0),
        retried: 0,
      },
      ...steps.map((step, index) => {
        const counts = addCounts(step.counts, this.#stepsBefore[index] ?? noCounts());
        return stepCounts({ ...step, counts }, this.#desk.deadLetteredAt(index + 1));
      }),
      {
        stage: "sink",
        name: sink.name,
        in: this.#written,
        out: this.#delivered,
        dropped: 0,
        failed: this.#refused,
        deadLettered: this.#desk.deadLetteredAt(steps.length + 1),
        retried: this.#retried,
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

  /**
   * Puts another processor in the place of the present one, between two batches: those that it has begun are durable and
   * acknowledged then, and no other one is begun meanwhile. What the steps have done is counted on by their places.
   * @param make gives the other one, or undefined where everything is to stay as it is; it works on the same batches
   * @returns the processor that has nothing to do any more; undefined when everything has stayed, or the run ends
   */
  async exchange(make: () => Promise<Processor | undefined>): Promise<Processor | undefined> {
    try {
      if (!(await this.#turnstile.close())) return undefined;
      const next = await make();
      if (next === undefined) return undefined;
      const before = this.#processor;
      this.#stepsBefore = before.steps.map(({ counts }, index) =>
        addCounts(counts, this.#stepsBefore[index] ?? noCounts()),
      );
      this.#processor = next;
      this.#desk.exchange(before.steps.length);
      return before;
    } finally {
      this.#turnstile.open();
    }
  }

  async #flow(): Promise<void> {
    for (let i = 0; i < this.#framesInFlight; i++) {
      this.#free.put({
        batch: this.#processor.newBatch(),
        reading: undefined,
        processed: undefined,
        kept: undefined,
      });
    }
    const loops = [this.#readAll(), this.#startAll(), this.#settleAll(), this.#writeAll()];
    const results = await Promise.allSettled(loops);
    this.#turnstile.end();
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
        await this.#turnstile.pass();
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
        await this.#settleSteps(slot);
        this.#processed.put(slot);
      }
    } catch (error) {
      this.#end();
      throw error;
    } finally {
      this.#processed.end();
    }
  }

  /** Where the sink refuses no record, letters are stored while the batch before is being written. */
  async #settleSteps(slot: Slot): Promise<void> {
    const { batch, reading } = slot;
    const processed = await (slot.processed as Promise<Processed>);
    this.#desk.checkSteps(batch, processed);
    const isAhead = this.#mayKeepAhead(batch, reading as Reading);
    if (!isAhead) this.#lettersWaiting++;
    slot.kept = isAhead ? await this.#desk.keepBeforeSink(batch, reading as Reading, processed) : undefined;
  }

  /** Letters come in the order of the batches, so none is stored ahead of those that wait. */
  #mayKeepAhead({ failures }: Batch, { rejections }: Reading): boolean {
    if (this.#parts.sink.port.refusesNone !== true || this.#failed || this.#lettersWaiting > 0) return false;
    return failures.length + rejections.length <= limits.lettersAheadMax.default;
  }

  async #writeAll(): Promise<void> {
    try {
      for (let slot = await this.#nextToWrite(); slot !== undefined; slot = await this.#nextToWrite()) {
        const isSettled = await this.#write(slot);
        if (!isSettled) return this.#end();
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
    this.#turnstile.end();
  }

  #start(slot: Slot, reading: Reading): void {
    const { batch } = slot;
    batch.start(reading.frame);
    this.#read += reading.frame.recordCount + reading.rejections.length;
    this.#rejected += reading.rejections.length;
    this.#desk.checkSource(reading);
    this.#turnstile.enter();
    slot.processed = this.#processor.process(batch);
    // Whoever settles it hears of its failure; until then no other batch is to be begun.
    slot.processed.catch(() => {
      this.#failed = true;
    });
  }

  /** Hands a batch to the sink; tells whether all that can be done about its records was done. */
  async #write({ batch, kept, ...slot }: Slot): Promise<boolean> {
    const { sink, onError, clock, random } = this.#parts;
    const reading = slot.reading as Reading;
    const processed = await (slot.processed as Promise<Processed>);
    const { accumulators } = processed;
    const fates = new Fates(reading);
    const keep = (): Promise<Kept> => this.#desk.keepBeforeSink(batch, reading, processed);
    this.#desk.settleBeforeSink(batch, kept ?? (await this.#orFlush(keep)), fates);
    if (kept === undefined) this.#lettersWaiting--;
    this.#written += batch.count;
    const attempts = {
      sink: sink.port,
      policy: sink.onError ?? onError,
      clock,
      random,
      beforeWaiting: () => this.#flush(),
    };
    const position = { source: reading.position, accumulators };
    const written = await writeWithRetries(batch, position, attempts, this.#stop.signal);
    this.#retried += written.retried;
    if (written.refused.length > 0) {
      // What happens now may end the run, and the batches before are to be delivered all the same.
      await this.#flush();
      if (written.isInterrupted) return false;
      this.#refused += written.refused.length;
      await this.#desk.settleRefused(batch, reading, written.refused, written.attempts, fates);
    }
    this.#unflushed.push({ reading, outcome: fates.outcome(), accumulators });
    this.#unflushedBytes += reading.frame.bytes.length;
    return true;
  }

  /** Does some work that ends the run when it fails; the batches before are delivered all the same. */
  async #orFlush<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      await this.#flush();
      throw error;
    }
  }

  /** Makes what was written durable, then says so to the source and in the counts. */
  async #flush(): Promise<void> {
    if (this.#unflushed.length === 0) return;
    await this.#parts.sink.port.flush();
    for (const { reading, outcome, accumulators } of this.#unflushed) {
      await reading.acknowledge?.(accumulators, outcome.leftOut);
      this.#delivered += outcome.delivered;
      this.#filtered += outcome.filtered;
      this.#deadLettered += outcome.deadLettered;
      this.#skipped += outcome.skipped;
    }
    const { length } = this.#unflushed;
    this.#unflushed = [];
    this.#unflushedBytes = 0;
    this.#turnstile.leave(length);
  }
}
