import { statSync } from "node:fs";
import { assert, type Clock } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { type Batch, type Frame, FrameBuffer } from "../../record/index.ts";
import { corrupt, storeClosed } from "../failures.ts";
import { checkHolderName } from "../names.ts";
import { RecordWaiters } from "../record-waiters.ts";
import { Serial } from "../serial.ts";
import { cutFrame, encodeFrame, openStoredFrame, stampFrame } from "../stored-frame.ts";
import type { Appended, Position, SourcePosition, Topic, TopicBounds, TopicSummary } from "../topic.ts";
import { checkRoom, type FreeBytes } from "./disk.ts";
import { dataFileOf, type Environment } from "./environment.ts";
import { causeOf, storeError } from "./store-error.ts";
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
    const { frames, meta, positions } = this.#environment;
    const bytes = batch.count === 0 ? undefined : encodeFrame(batch, this.#buffer);
    const position = source === undefined ? undefined : JSON.stringify(source.position);
    const timestamp = this.#surroundings.clock.now();
    for (;;) {
      const first = this.#reading(() => this.#next());
      const next = first + batch.count;
      if (bytes === undefined && source === undefined) return { firstOffset: first, nextOffset: next };
      this.#checkRoom(bytes?.length ?? 0, first);
      if (bytes !== undefined) stampFrame(bytes, this.#buffer.words, { offset: first, timestamp });
      // Nothing in here may throw: what has been handed over by then would be committed without the rest.
      const isStored = await this.#commit("appending to the topic", first, () =>
        meta.ifVersion("next", first, () => {
          if (source !== undefined && position !== undefined) void positions.put(source.pipeline, position);
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
    this.#checkOpen();
    return this.#reading(() => {
      const { frames } = this.#environment;
      const next = this.#next();
      const first = this.#frameAt(offset);
      if (first === undefined || offset >= next) return undefined;
      const stored = frames.getBinaryFast(first);
      if (stored === undefined || stored.length > limits.frameBytesMax.default) {
        throw corrupt(this.name, first, "what is stored is not a frame");
      }
      buffer.reset();
      buffer.reserve(stored.length);
      // What lmdb gives is a view that the next read overwrites, in a buffer that is larger than its `length` says.
      buffer.bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.length));
      const frame = openStoredFrame(buffer, { topic: this.name, first, next });
      const cut = Math.max(0, offset - first);
      if (cut >= frame.recordCount)
        throw corrupt(this.name, offset, "the frame with this record is not there");
      return cutFrame(buffer, frame, cut);
    });
  }

  bounds(): TopicBounds {
    this.#checkOpen();
    return this.#reading(() => {
      const next = this.#next();
      return { first: this.#firstKey({ start: 0 }) ?? next, next };
    });
  }

  sourcePosition(pipeline: string): Position | undefined {
    this.#checkOpen();
    return this.#reading(() => {
      const text = this.#environment.positions.get(pipeline);
      return text === undefined ? undefined : this.#parse(text);
    });
  }

  consumerOffset(consumer: string): number | undefined {
    this.#checkOpen();
    return this.#reading(() => {
      const text = this.#environment.consumers.get(consumer);
      return text === undefined ? undefined : this.#offset(text);
    });
  }

  async commitConsumerOffset(consumer: string, offset: number): Promise<void> {
    this.#checkOpen();
    checkHolderName("consumer", consumer);
    assert(Number.isSafeInteger(offset) && offset >= 0, "an offset is a whole number from 0 on");
    const { consumers } = this.#environment;
    await this.#commits.run(async () => {
      this.#checkRoom(0, offset);
      await this.#commit("committing an offset", offset, () => consumers.put(consumer, String(offset)));
    });
  }

  consumers(): ReadonlyMap<string, number> {
    this.#checkOpen();
    return this.#reading(() => {
      const offsets = new Map<string, number>();
      for (const { key, value } of this.#environment.consumers.getRange({})) {
        offsets.set(key, this.#offset(value));
      }
      return offsets;
    });
  }

  async trim(offset: number): Promise<void> {
    this.#checkOpen();
    await this.#writes.run(async () => {
      const { frames, root } = this.#environment;
      let ended = this.#reading(() => this.#framesBefore(offset));
      while (ended.length > 0) {
        const removed = ended;
        await this.#commit("trimming the topic", offset, () =>
          root.batch(() => {
            for (const first of removed) void frames.remove(first);
          }),
        );
        ended = this.#reading(() => this.#framesBefore(offset));
      }
    });
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

  #next(): number {
    const text = this.#environment.meta.get("next");
    if (text === undefined) throw corrupt(this.name, undefined, "the topic's next offset is not there");
    return this.#offset(text);
  }

  /** The frame that holds `offset`, or the oldest one after it. */
  #frameAt(offset: number): number | undefined {
    return this.#firstKey({ start: offset, reverse: true }) ?? this.#firstKey({ start: offset });
  }

  /** The oldest frames that end at or before `offset`, as many as one transaction frees. */
  #framesBefore(offset: number): readonly number[] {
    const limit = limits.topicTrimFramesMax.default;
    const firsts = [...this.#environment.frames.getKeys({ start: 0, limit: limit + 1 })];
    const ends = [...firsts.slice(1), firsts.length > limit ? Number.POSITIVE_INFINITY : this.#next()];
    return firsts.filter((_, index) => (ends[index] as number) <= offset);
  }

  #firstKey(range: { readonly start: number; readonly reverse?: boolean }): number | undefined {
    for (const key of this.#environment.frames.getKeys({ ...range, limit: 1 })) return key;
    return undefined;
  }

  #offset(text: string): number {
    const offset = Number(text);
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw corrupt(this.name, undefined, `the topic has ${JSON.stringify(text)} where it keeps an offset`);
    }
    return offset;
  }

  #parse(text: string): Position {
    try {
      return JSON.parse(text) as Position;
    } catch (error) {
      throw corrupt(this.name, undefined, "a stored position of a source is not JSON", error);
    }
  }

  /** Runs reads on one state of the topic, the newest there is. */
  #reading<Result>(read: () => Result): Result {
    try {
      // Without this, what another process has committed in this turn of the event loop would not be seen.
      this.#environment.root.resetReadTxn();
      return read();
    } catch (error) {
      throw storeError("reading the topic", error, { topic: this.name });
    }
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

  #checkOpen(): void {
    if (this.#closed) throw this.#closedError();
  }

  #closedError(): MillraceError {
    return storeClosed(`the topic "${this.name}"`);
  }
}
