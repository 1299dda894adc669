import { assert, type Clock } from "../../base/index.ts";
import { type Batch, type Frame, FrameBuffer } from "../../record/index.ts";
import { accumulatorKey, accumulatorOwner } from "../accumulators.ts";
import { storeClosed } from "../failures.ts";
import { checkHolderName } from "../names.ts";
import { RecordWaiters } from "../record-waiters.ts";
import { cutFrame, encodeFrame, openStoredFrame, stampFrame } from "../stored-frame.ts";
import type {
  Accumulator,
  AccumulatorOwner,
  Appended,
  Position,
  SourcePosition,
  Topic,
  TopicBounds,
  TopicSummary,
} from "../topic.ts";

interface Stored {
  readonly first: number;
  readonly next: number;
  readonly bytes: Uint8Array;
}

/** A topic that lives as long as its process. Frames are kept in the same stored form as on disk. */
export class MemoryTopic implements Topic {
  readonly name: string;
  readonly #clock: Clock;
  readonly #frames: Stored[] = [];
  readonly #positions = new Map<string, string>();
  readonly #consumers = new Map<string, number>();
  /** By owner, then by step. */
  readonly #accumulators = new Map<string, Map<string, Uint8Array>>();
  readonly #waiters = new RecordWaiters((offset) => this.#hasRecord(offset));
  #next = 0;
  #closed = false;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  async append(batch: Batch, source?: SourcePosition): Promise<Appended> {
    this.#checkOpen();
    if (source !== undefined) checkHolderName("pipeline", source.pipeline);
    const firstOffset = this.#next;
    if (batch.count > 0) {
      const buffer = new FrameBuffer(0);
      const bytes = encodeFrame(batch, buffer);
      stampFrame(bytes, buffer.words, { offset: firstOffset, timestamp: this.#clock.now() });
      this.#next += batch.count;
      this.#frames.push({ first: firstOffset, next: this.#next, bytes });
    }
    if (source !== undefined) {
      if (source.position !== undefined)
        this.#positions.set(source.pipeline, JSON.stringify(source.position));
      this.#keep(accumulatorOwner(source), source.accumulators ?? []);
    }
    this.#waiters.wake();
    return { firstOffset, nextOffset: this.#next };
  }

  read(offset: number, buffer: FrameBuffer): Frame | undefined {
    this.#checkOpen();
    const stored = this.#frames.find(({ next }) => next > offset);
    if (stored === undefined) return undefined;
    buffer.reset();
    buffer.reserve(stored.bytes.length);
    buffer.bytes.set(stored.bytes);
    const frame = openStoredFrame(buffer, {
      topic: this.name,
      first: stored.first,
      next: this.#next,
      following: () => stored.next,
    });
    return cutFrame(buffer, frame, Math.max(0, offset - stored.first));
  }

  bounds(): TopicBounds {
    this.#checkOpen();
    return { first: this.#frames[0]?.first ?? this.#next, next: this.#next };
  }

  batchStart(offset: number): number {
    this.#checkOpen();
    return this.#frames.find(({ next }) => next > offset)?.first ?? offset;
  }

  sourcePosition(pipeline: string): Position | undefined {
    this.#checkOpen();
    const text = this.#positions.get(pipeline);
    return text === undefined ? undefined : (JSON.parse(text) as Position);
  }

  accumulators(owner: AccumulatorOwner): readonly Accumulator[] {
    this.#checkOpen();
    const kept = this.#accumulators.get(ownerKey(owner)) ?? new Map<string, Uint8Array>();
    return Array.from(kept, ([step, bytes]) => ({ step, bytes: new Uint8Array(bytes) })).sort((a, b) =>
      a.step < b.step ? -1 : 1,
    );
  }

  #keep(owner: AccumulatorOwner, accumulators: readonly Accumulator[]): void {
    const kept = this.#accumulators.get(ownerKey(owner)) ?? new Map<string, Uint8Array>();
    for (const { step, bytes } of accumulators) kept.set(step, new Uint8Array(bytes));
    this.#accumulators.set(ownerKey(owner), kept);
  }

  consumerOffset(consumer: string): number | undefined {
    this.#checkOpen();
    return this.#consumers.get(consumer);
  }

  async commitConsumerOffset(
    consumer: string,
    offset: number,
    accumulators: readonly Accumulator[] = [],
  ): Promise<void> {
    this.#checkOpen();
    checkHolderName("consumer", consumer);
    assert(Number.isSafeInteger(offset) && offset >= 0, "an offset is a whole number from 0 on");
    this.#consumers.set(consumer, offset);
    this.#keep({ consumer }, accumulators);
  }

  consumers(): ReadonlyMap<string, number> {
    this.#checkOpen();
    return new Map(this.#consumers);
  }

  async trim(offset: number): Promise<void> {
    this.#checkOpen();
    const kept = this.#frames.findIndex(({ next }) => next > offset);
    this.#frames.splice(0, kept === -1 ? this.#frames.length : kept);
  }

  async waitFor(offset: number, signal: AbortSignal): Promise<void> {
    this.#checkOpen();
    await this.#waiters.wait(offset, signal);
  }

  summary(): TopicSummary {
    const storedBytes = this.#frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return { name: this.name, ...this.bounds(), storedBytes };
  }

  close(): void {
    this.#closed = true;
    this.#waiters.rejectAll(storeClosed(`the topic "${this.name}"`));
  }

  #hasRecord(offset: number): boolean {
    const last = this.#frames.at(-1);
    return last !== undefined && last.next > offset;
  }

  #checkOpen(): void {
    if (this.#closed) throw storeClosed(`the topic "${this.name}"`);
  }
}

function ownerKey(owner: AccumulatorOwner): string {
  return JSON.stringify(accumulatorKey(owner, ""));
}
