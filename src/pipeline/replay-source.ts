import type { Where } from "../errors.ts";
import { Batch, type Frame, type FrameBuffer, FrameBuilder } from "../record/index.ts";
import type { Accumulator, Position, Topic } from "../topic/index.ts";
import { openLetter } from "./dead-letter.ts";
import { OffsetCommits } from "./offset-commits.ts";
import type { Reading, Source } from "./ports.ts";

export interface ReplayOptions {
  /** Pipeline whose letters are replayed; under its name the topic keeps how far replays have come. */
  readonly pipeline: string;
  /** Offset to begin at, where it is not the first letter that has not been replayed. */
  readonly from?: number | undefined;
  /** Offset before which to end, where it is not the end that the topic has when this is opened. */
  readonly to?: number | undefined;
  /** Keeps what aggregates have added up, where the sink does not. */
  readonly keep?: ((accumulators: readonly Accumulator[]) => Promise<void>) | undefined;
}

/** What a replay has met so far. */
export interface ReplayCounts {
  /** Letters that were made records again. */
  readonly replayed: number;
  /** Letters that hold only the first bytes of what a source rejected, so that there is no record to be had of them. */
  readonly samples: number;
  /** Letters of other pipelines. */
  readonly others: number;
}

/** A letter that a frame has a record of. */
interface Origin {
  readonly offset: number;
  readonly attempts: number;
}

/**
 * The records of dead letters, as they were before they failed, as the inbound end of a pipeline. It ends where the topic
 * ended when it was opened, so that a letter that fails again, and becomes a new one, is not met in the same run. Places
 * only ever move on: replaying letters once more that were replayed before does not bring back those behind them.
 */
export class ReplaySource implements Source {
  readonly #letters: Topic;
  readonly #options: ReplayOptions;
  readonly #commits: OffsetCommits;
  readonly #stored = new Batch();
  /** By frame, for as long as somebody has the frame. */
  readonly #origins = new WeakMap<Frame, readonly Origin[]>();
  readonly #counts = { replayed: 0, samples: 0, others: 0 };
  #known = 0;
  #offset = 0;
  #end = 0;

  constructor(letters: Topic, options: ReplayOptions) {
    const { pipeline, keep } = options;
    this.#letters = letters;
    this.#options = options;
    this.#commits = new OffsetCommits(async (offset, accumulators) => {
      if (accumulators.length > 0) await keep?.(accumulators);
      await letters.commitConsumerOffset(pipeline, offset);
    });
  }

  get counts(): ReplayCounts {
    return { ...this.#counts };
  }

  async open(position: Position | undefined): Promise<void> {
    const { pipeline, from, to } = this.#options;
    const { first, next } = this.#letters.bounds();
    const atSink = typeof position?.offset === "number" ? position.offset : 0;
    this.#known = Math.max(atSink, this.#letters.consumerOffset(pipeline) ?? 0);
    this.#offset = Math.max(from ?? this.#known, first);
    this.#end = Math.min(to ?? next, next);
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    if (signal.aborted || this.#offset >= this.#end) return undefined;
    const stored = this.#letters.read(this.#offset, this.#stored.buffer);
    if (stored === undefined) return undefined;
    const next = Math.min(stored.baseOffset + stored.recordCount, this.#end);
    const frame = this.#frameOf(stored, next, buffer);
    this.#offset = next;
    this.#known = Math.max(this.#known, next);
    const offset = this.#known;
    return {
      frame,
      rejections: [],
      position: { offset },
      acknowledge: (accumulators) => this.#commits.advance(offset, accumulators),
    };
  }

  async close(): Promise<void> {
    await this.#commits.settled();
  }

  locate(frame: Frame, index: number): Where {
    return { topic: this.#letters.name, offset: this.#originOf(frame, index)?.offset };
  }

  attemptsBefore(frame: Frame, index: number): number {
    return this.#originOf(frame, index)?.attempts ?? 0;
  }

  #originOf(frame: Frame, index: number): Origin | undefined {
    return this.#origins.get(frame)?.[index];
  }

  #frameOf(stored: Frame, next: number, buffer: FrameBuffer): Frame {
    const origins: Origin[] = [];
    const builder = new FrameBuilder(buffer);
    const batch = this.#stored.start(stored);
    for (let i = 0; i < next - stored.baseOffset; i++) {
      const { value, key, timestamp, headers } = batch.at(i);
      const letter = openLetter(headers);
      if (letter?.cause.sample === true) this.#counts.samples++;
      else if (letter?.cause.pipeline !== this.#options.pipeline) this.#counts.others++;
      else {
        this.#counts.replayed++;
        builder.add({ value, key, timestamp, headers: letter.headers });
        origins.push({ offset: stored.baseOffset + i, attempts: letter.cause.attempt });
      }
    }
    batch.release();
    const frame = builder.finish();
    this.#origins.set(frame, origins);
    return frame;
  }
}
