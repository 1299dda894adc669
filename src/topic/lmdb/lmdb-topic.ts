import { statSync } from "node:fs";
import { assert, type Clock } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { type Batch, type Frame, FrameBuffer } from "../../record/index.ts";
import { type AccumulatorKey, accumulatorKey, accumulatorOwner, encodeAccumulator } from "../accumulators.ts";
import { storeClosed } from "../failures.ts";
import { checkHolderName } from "../names.ts";
import { RecordWaiters } from "../record-waiters.ts";
import { Serial } from "../serial.ts";
import { encodeFrame, stampFrame } from "../stored-frame.ts";
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
import { checkRoom, type FreeBytes } from "./disk.ts";
import { dataFileOf, type Environment } from "./environment.ts";
import { causeOf, storeError } from "./store-error.ts";
import { StoredTopic } from "./stored-topic.ts";
import { TailWatch } from "./tail-watch.ts";

/** What a topic asks about the world around it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly freeBytes: FreeBytes;
}

/** A topic in an LMDB environment of its own, shared with other processes. */
export class LmdbTopic implements Topic {
  readonly name: string;
  readonly #folder: string;
  readonly #environment: Environment;
  readonly #stored: StoredTopic;
  readonly #surroundings: Surroundings;
  /** Appends and trims, one after the other: each depends on the offset that the one before leaves. */
  readonly #writes = new Serial();
  readonly #commits = new Serial();
  readonly #waiters = new RecordWaiters((offset) => this.#hasRecord(offset));
  readonly #tail: TailWatch;
  /** Encoded frames are put here. lmdb keeps addresses, so it is left alone until the commit has ended. */
  readonly #buffer = new FrameBuffer(0);
  /** Why nothing is written any more. */
  #broken: MillraceError | undefined;
  #closed = false;

  constructor(name: string, folder: string, environment: Environment, surroundings: Surroundings) {
    this.name = name;
    this.#folder = folder;
    this.#environment = environment;
    this.#stored = new StoredTopic(name, environment);
    this.#surroundings = surroundings;
    this.#tail = new TailWatch(folder, () => this.#waiters.wake());
  }

  async append(batch: Batch, source?: SourcePosition): Promise<Appended> {
    this.#checkOpen();
    if (source !== undefined) checkHolderName("pipeline", source.pipeline);
    const appended = await this.#writes.run(() => this.#append(batch, source));
    this.#waiters.wake();
    return appended;
  }

  async #append(batch: Batch, source: SourcePosition | undefined): Promise<Appended> {
    const { frames, meta, positions, accumulators } = this.#environment;
    const bytes = batch.count === 0 ? undefined : encodeFrame(batch, this.#buffer);
    const position = source?.position === undefined ? undefined : JSON.stringify(source.position);
    const kept =
      source === undefined ? [] : storedAccumulators(accumulatorOwner(source), source.accumulators ?? []);
    const timestamp = this.#surroundings.clock.now();
    for (;;) {
      const first = this.#stored.now((stored) => stored.bounds().next);
      const next = first + batch.count;
      if (bytes === undefined && position === undefined && kept.length === 0)
        return { firstOffset: first, nextOffset: next };
      const keptBytes = kept.reduce((sum, { bytes: each }) => sum + each.length, 0);
      this.#checkRoom((bytes?.length ?? 0) + keptBytes, first);
      if (bytes !== undefined) stampFrame(bytes, this.#buffer.words, { offset: first, timestamp });
      // Nothing in here may throw: what has been handed over by then would be committed without the rest.
      const isStored = await this.#commit("appending to the topic", first, () =>
        meta.ifVersion("next", first, () => {
          if (source !== undefined && position !== undefined) void positions.put(source.pipeline, position);
          for (const { key, bytes: each } of kept) void accumulators.put(key, each);
          if (bytes === undefined) return;
          void meta.put("next", String(next), next);
          void frames.put(first, bytes);
        }),
      );
      if (isStored) return { firstOffset: first, nextOffset: next };
      // Another process appended since the offset was read; its records come before these.
    }
  }

  read(offset: number, buffer: FrameBuffer): Frame | undefined {
    return this.#opened.now((stored) => stored.read(offset, buffer));
  }

  bounds(): TopicBounds {
    return this.#opened.now((stored) => stored.bounds());
  }

  batchStart(offset: number): number {
    return this.#opened.now((stored) => stored.batchStart(offset));
  }

  sourcePosition(pipeline: string): Position | undefined {
    return this.#opened.now((stored) => stored.position(pipeline));
  }

  accumulators(owner: AccumulatorOwner): readonly Accumulator[] {
    return this.#opened.now((stored) => stored.accumulators(owner));
  }

  consumerOffset(consumer: string): number | undefined {
    return this.#opened.now((stored) => stored.consumerOffset(consumer));
  }

  consumers(): ReadonlyMap<string, number> {
    return this.#opened.now((stored) => stored.consumers());
  }

  async commitConsumerOffset(
    consumer: string,
    offset: number,
    accumulators: readonly Accumulator[] = [],
  ): Promise<void> {
    this.#checkOpen();
    checkHolderName("consumer", consumer);
    assert(Number.isSafeInteger(offset) && offset >= 0, "an offset is a whole number from 0 on");
    const { consumers, accumulators: stored } = this.#environment;
    const kept = storedAccumulators({ consumer }, accumulators);
    await this.#commits.run(async () => {
      this.#checkRoom(
        kept.reduce((sum, { bytes }) => sum + bytes.length, 0),
        offset,
      );
      await this.#commit("committing an offset", offset, () =>
        consumers.batch(() => {
          void consumers.put(consumer, String(offset));
          for (const { key, bytes } of kept) void stored.put(key, bytes);
        }),
      );
    });
  }

  async trim(offset: number): Promise<void> {
    this.#checkOpen();
    await this.#writes.run(async () => {
      while (await this.#trimSome(offset));
    });
  }

  /** Removes as many frames as one transaction should, and tells whether there may be more. */
  async #trimSome(offset: number): Promise<boolean> {
    const { frames, meta } = this.#environment;
    const { first, kept, keys } = this.#stored.now((stored) => stored.framesBefore(offset));
    if (keys.length === 0) return false;
    // Where another process has trimmed meanwhile, it is looked at anew.
    await this.#commit("trimming the topic", offset, () =>
      meta.ifVersion("first", first, () => {
        void meta.put("first", String(kept), kept);
        for (const key of keys) void frames.remove(key);
      }),
    );
    return true;
  }

  async waitFor(offset: number, signal: AbortSignal): Promise<void> {
    this.#checkOpen();
    signal.throwIfAborted();
    // The watch begins before the look, so that nothing falls between them.
    this.#tail.start();
    try {
      await this.#waiters.wait(offset, signal);
    } finally {
      if (this.#waiters.size === 0) this.#tail.stop();
    }
  }

  summary(): TopicSummary {
    return { name: this.name, ...this.bounds(), storedBytes: statSync(dataFileOf(this.#folder)).size };
  }

  /** Waits for the writes that are under way: closing an environment under one of them ends the process. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#tail.close();
    this.#waiters.rejectAll(this.#closedError());
    await this.#writes.settled();
    await this.#commits.settled();
    await this.#environment.root.close();
  }

  #hasRecord(offset: number): boolean {
    const { first, next } = this.bounds();
    return first < next && next > offset;
  }

  /** Resolves when a write is durable, with whether its condition held. */
  async #commit(doing: string, offset: number, write: () => Promise<boolean>): Promise<boolean> {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      return await write();
    } catch (error) {
      const where = { topic: this.name, offset };
      const failure = storeError(doing, await causeOf(error), where);
      // After some failures the next write would never end, and after others lmdb's memory is not to be trusted.
      this.#broken = new MillraceError("topic.store", `the topic takes no more writes: ${failure.message}`, {
        where,
        hint: failure.hint,
        cause: failure,
      });
      throw failure;
    }
  }

  #checkRoom(byteCount: number, offset: number): void {
    checkRoom(this.#surroundings.freeBytes(this.#folder), byteCount, { topic: this.name, offset });
  }

  /** What is stored, for callers who may come after `close`. */
  get #opened(): StoredTopic {
    this.#checkOpen();
    return this.#stored;
  }

  #checkOpen(): void {
    if (this.#closed) throw this.#closedError();
  }

  #closedError(): MillraceError {
    return storeClosed(`the topic "${this.name}"`);
  }
}

function storedAccumulators(
  owner: AccumulatorOwner,
  accumulators: readonly Accumulator[],
): readonly { readonly key: AccumulatorKey; readonly bytes: Uint8Array }[] {
  return accumulators.map(({ step, bytes }) => ({
    key: accumulatorKey(owner, step),
    bytes: encodeAccumulator(bytes),
  }));
}
