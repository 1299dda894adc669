import type { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Frame, FrameBuffer } from "../../record/index.ts";
import { accumulatorKey, decodeAccumulator } from "../accumulators.ts";
import { corrupt, topicDeleted } from "../failures.ts";
import { cutFrame, openStoredFrame } from "../stored-frame.ts";
import type { Accumulator, AccumulatorOwner, Position, TopicBounds } from "../topic.ts";
import { type Environment, isDeleted } from "./environment.ts";
import { storeError } from "./store-error.ts";

const trimFramesMax = limits.topicTrimFramesMax.default;

/** The oldest frames of a topic that may go. */
interface TrimmableFrames {
  /** Offset of the oldest record now, and once they are gone. */
  readonly first: number;
  readonly kept: number;
  readonly keys: readonly number[];
}

/** Reads what an environment holds of a topic, and trusts none of it. Everything is read inside of `now`. */
export class StoredTopic {
  readonly #name: string;
  readonly #environment: Environment;

  constructor(name: string, environment: Environment) {
    this.#name = name;
    this.#environment = environment;
  }

  /** Runs reads on one state of the topic, the newest there is. */
  now<Result>(read: (stored: StoredTopic) => Result): Result {
    try {
      // Without this, what another process has committed in this turn of the event loop would not be seen.
      this.#environment.root.resetReadTxn();
      return read(this);
    } catch (error) {
      throw storeError("reading the topic", error, { topic: this.#name });
    }
  }

  bounds(): TopicBounds {
    return { first: this.#bound("first"), next: this.#bound("next") };
  }

  read(offset: number, buffer: FrameBuffer): Frame | undefined {
    const { first, next } = this.bounds();
    if (offset >= next || first === next) return undefined;
    const wanted = Math.max(offset, first);
    const key = this.#frameWith(wanted);
    const stored = key === undefined ? undefined : this.#environment.frames.getBinaryFast(key);
    if (key === undefined || stored === undefined) throw this.#frameIsGone(wanted);
    if (stored.length > limits.frameBytesMax.default) throw this.#frameIsGone(key);
    buffer.reset();
    buffer.reserve(stored.length);
    // What lmdb gives is overwritten by the next read, and its buffer is larger than `length` says.
    buffer.bytes.set(new Uint8Array(stored.buffer, stored.byteOffset, stored.length));
    const following = (): number => this.#frameAfter(key) ?? next;
    const frame = openStoredFrame(buffer, { topic: this.#name, first: key, next, following });
    if (wanted - key >= frame.recordCount) throw this.#frameIsGone(wanted);
    return cutFrame(buffer, frame, wanted - key);
  }

  batchStart(offset: number): number {
    const { first } = this.bounds();
    return this.#frameWith(Math.max(offset, first)) ?? first;
  }

  position(pipeline: string): Position | undefined {
    const text = this.#environment.positions.get(pipeline);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as Position;
    } catch (error) {
      throw corrupt(this.#name, undefined, "a stored position of a source is not JSON", error);
    }
  }

  accumulators(owner: AccumulatorOwner): readonly Accumulator[] {
    const start = accumulatorKey(owner, "");
    const found: Accumulator[] = [];
    for (const { key, value } of this.#environment.accumulators.getRange({ start })) {
      const [kind, name, step] = key;
      if (kind !== start[0] || name !== start[1]) break;
      found.push({ step, bytes: decodeAccumulator(value, this.#name, step) });
    }
    return found;
  }

  consumerOffset(consumer: string): number | undefined {
    const text = this.#environment.consumers.get(consumer);
    return text === undefined ? undefined : this.#offset(text);
  }

  consumers(): ReadonlyMap<string, number> {
    const offsets = new Map<string, number>();
    for (const { key, value } of this.#environment.consumers.getRange({}))
      offsets.set(key, this.#offset(value));
    return offsets;
  }

  /** The oldest frames that end at or before `offset`, not more than one transaction should free. */
  framesBefore(offset: number): TrimmableFrames {
    const { first, next } = this.bounds();
    const keys = [...this.#environment.frames.getKeys({ start: first, limit: trimFramesMax + 1 })];
    const ends = [...keys.slice(1), next];
    const count = ends.slice(0, trimFramesMax).filter((end) => end <= offset).length;
    return { first, kept: ends[count - 1] ?? first, keys: keys.slice(0, count) };
  }

  /** The frame that should hold `offset`: the last one that does not begin after it. */
  #frameWith(offset: number): number | undefined {
    const [key] = this.#environment.frames.getKeys({ start: offset, reverse: true, limit: 1 });
    return key;
  }

  #frameAfter(key: number): number | undefined {
    const [, after] = this.#environment.frames.getKeys({ start: key, limit: 2 });
    return after;
  }

  #frameIsGone(offset: number): MillraceError {
    return corrupt(this.#name, offset, "the frame with this record is not there");
  }

  #bound(name: "first" | "next"): number {
    const entry = this.#environment.meta.getEntry(name);
    if (entry === undefined && isDeleted(this.#environment)) throw topicDeleted(this.#name);
    const offset = entry === undefined ? undefined : this.#offset(entry.value);
    // A write that depends on the version would be tried for ever.
    if (offset === undefined || entry?.version !== offset) {
      throw corrupt(this.#name, undefined, `the topic does not know its ${name} offset any more`);
    }
    return offset;
  }

  #offset(text: string): number {
    const offset = Number(text);
    if (!Number.isSafeInteger(offset) || offset < 0) {
      throw corrupt(this.#name, undefined, `the topic has ${JSON.stringify(text)} where it keeps an offset`);
    }
    return offset;
  }
}
