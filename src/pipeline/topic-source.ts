import { MillraceError, type Where } from "../errors.ts";
import { type Frame, type FrameBuffer, FrameBuilder, readInt64 } from "../record/index.ts";
import type { Position, StartOffset, Topic } from "../topic/index.ts";
import { OffsetCommits } from "./offset-commits.ts";
import type { Reading, Source } from "./ports.ts";

interface TopicSourceOptions {
  /** Name under which the topic keeps how far the pipeline has come; undefined where the sink keeps it. */
  readonly consumer: string | undefined;
  /** False: no place is stored, and it begins at `start` each time. */
  readonly keepsPosition?: boolean;
  /** Where a consumer that has not committed yet begins. */
  readonly start: StartOffset;
  /** End where the topic ended when the source was opened, instead of waiting for more. */
  readonly once: boolean;
}

/**
 * A topic as the inbound end of a pipeline. It goes on from the position that it is given, where a sink keeps one with
 * the records; else from the consumer's committed offset, which follows the readings that are acknowledged; else from
 * `start`. Who begins at the end has its place stored at once, by a commit or by a first reading without records, so
 * that what comes while it is stopped is not left out. Who keeps no position begins at `start` in any case. Whoever
 * opened the topic closes it.
 */
export function createTopicSource(topic: Topic, options: TopicSourceOptions): Source {
  return new TopicSource(topic, options);
}

class TopicSource implements Source {
  readonly #topic: Topic;
  readonly #options: TopicSourceOptions;
  readonly #commits: OffsetCommits | undefined;
  #offset = 0;
  #end = Number.POSITIVE_INFINITY;
  /** The place where it began is to be told to the sink before there are records. */
  #isPlaceUntold = false;

  constructor(topic: Topic, options: TopicSourceOptions) {
    this.#topic = topic;
    this.#options = options;
    const { consumer, keepsPosition = true } = options;
    if (consumer === undefined || !keepsPosition) return;
    this.#commits = new OffsetCommits((offset, accumulators) =>
      topic.commitConsumerOffset(consumer, offset, accumulators),
    );
  }

  async open(position: Position | undefined): Promise<void> {
    const { consumer, start, once, keepsPosition = true } = this.#options;
    const { next } = this.#topic.bounds();
    if (once) this.#end = next;
    if (!keepsPosition) {
      this.#offset = startOf(start, this.#topic.bounds());
      return;
    }
    const committed = consumer === undefined ? undefined : this.#topic.consumerOffset(consumer);
    const known = offsetOf(position) ?? committed;
    if (known !== undefined && known > next) throw this.#beyondEnd(known, next);
    this.#offset = known ?? startOf(start, this.#topic.bounds());
    if (known === undefined && start.from === "end") {
      if (consumer === undefined) this.#isPlaceUntold = true;
      else await this.#topic.commitConsumerOffset(consumer, this.#offset);
    }
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    if (this.#isPlaceUntold && !signal.aborted) {
      this.#isPlaceUntold = false;
      return this.#reading(new FrameBuilder(buffer).finish({ offset: this.#offset }));
    }
    while (!signal.aborted && this.#offset < this.#end) {
      const frame = this.#topic.read(this.#offset, buffer);
      if (frame !== undefined) return this.#reading(frame);
      if (this.#options.once) return undefined;
      try {
        await this.#topic.waitFor(this.#offset, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
    return undefined;
  }

  async close(): Promise<void> {
    await this.#commits?.settled();
  }

  locate(frame: Frame, index: number): Where {
    const { offsets, baseOffset } = frame;
    return {
      topic: this.#topic.name,
      offset: offsets === undefined ? baseOffset + index : readInt64(offsets, index * 2),
    };
  }

  get #reader(): string {
    const { consumer } = this.#options;
    return consumer === undefined ? "the pipeline" : `the consumer "${consumer}"`;
  }

  /** What a place is stored under. */
  get #nameToChange(): string {
    return this.#options.consumer === undefined ? "`meta.name`" : "consumer name";
  }

  #reading(frame: Frame): Reading {
    // Not the offset that was asked for: what was trimmed away meanwhile is passed over.
    const next = frame.baseOffset + frame.recordCount;
    this.#offset = next;
    return {
      frame,
      rejections: [],
      position: { offset: next },
      acknowledge: async (accumulators) => this.#commits?.advance(next, accumulators),
    };
  }

  #beyondEnd(offset: number, next: number): MillraceError {
    return new MillraceError(
      "topic.corrupt",
      `${this.#reader} goes on from offset ${offset}, but the topic ends at ${next}`,
      {
        where: { topic: this.#topic.name, offset },
        hint: `the topic is not the one that was read before; give the pipeline another ${this.#nameToChange} to begin anew`,
      },
    );
  }
}

/** The offset where a consumer begins that has not committed yet. */
export function startOf(
  start: StartOffset,
  { first, next }: { readonly first: number; readonly next: number },
): number {
  switch (start.from) {
    case "beginning":
      return first + start.skip;
    case "end":
      return Math.max(first, next - start.back);
    case "offset":
      return start.offset;
  }
}

function offsetOf(position: Position | undefined): number | undefined {
  const offset = position?.offset;
  return typeof offset === "number" ? offset : undefined;
}
