import { MillraceError, type Where } from "../../src/errors.ts";
import type { Reading, Rejection, Source } from "../../src/pipeline/index.ts";
import { type Frame, type FrameBuffer, FrameBuilder } from "../../src/record/index.ts";
import type { Accumulator, Position } from "../../src/topic/index.ts";
import { type Item, itemOf, type Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

export type FeedKind = "replayable" | "gone once read" | "acknowledged";

/** The system that a source reads from: it goes on while pipelines come and go. */
export class Feed {
  readonly kind: FeedKind;
  readonly items: readonly Item[];
  /** Items before this one were read, by whomever. */
  read = 0;
  /** Items before this one were acknowledged, and what the aggregates had added up there. */
  acknowledged = 0;
  accumulators: readonly Accumulator[] = [];

  constructor(kind: FeedKind, scenario: Scenario) {
    this.kind = kind;
    this.items = Array.from(scenario.letters, (_, index) => itemOf(scenario, index));
  }

  startFor(position: Position | undefined): number {
    switch (this.kind) {
      case "replayable":
        return typeof position?.next === "number" ? position.next : 0;
      case "gone once read":
        return this.read;
      case "acknowledged":
        return this.acknowledged;
    }
  }
}

export interface SourceOptions {
  readonly itemsPerReadMax: number;
  readonly follows: boolean;
  /** A read fails once in so many times. */
  readonly failsOneIn: number;
  readonly onRange: (from: number, to: number) => void;
}

/** Reads a feed, in readings of other sizes in each run, and fills its buffer bit by bit. */
export class SimulatedSource implements Source {
  readonly #world: World;
  readonly #feed: Feed;
  readonly #options: SourceOptions;
  #next = 0;

  constructor(world: World, feed: Feed, options: SourceOptions) {
    this.#world = world;
    this.#feed = feed;
    this.#options = options;
  }

  async open(position: Position | undefined): Promise<void> {
    await this.#world.pause();
    this.#next = this.#feed.startFor(position);
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    const { dice } = this.#world;
    await this.#world.pause();
    if (dice.oneIn(this.#options.failsOneIn)) throw simulatedFailure("the source");
    const isAtEnd = this.#next === this.#feed.items.length;
    if (isAtEnd && this.#options.follows) await aborted(signal);
    if (isAtEnd || signal.aborted) return undefined;
    const from = this.#next;
    const to = Math.min(this.#feed.items.length, from + dice.below(this.#options.itemsPerReadMax + 1));
    const builder = new FrameBuilder(buffer);
    const rejections: Rejection[] = [];
    for (const item of this.#feed.items.slice(from, to)) {
      if (item.isRejected) rejections.push(rejectionOf(item));
      else builder.add({ value: item.value, key: item.key });
      if (dice.oneIn(20)) await this.#world.pause();
    }
    this.#next = to;
    this.#feed.read = Math.max(this.#feed.read, to);
    this.#options.onRange(from, to);
    return this.#reading(builder.finish({ offset: from }), rejections, to);
  }

  async close(): Promise<void> {
    await this.#world.pause();
  }

  locate(frame: Frame, index: number): Where {
    return { topic: "feed", offset: frame.baseOffset + index };
  }

  #reading(frame: Frame, rejections: readonly Rejection[], to: number): Reading {
    if (this.#feed.kind !== "acknowledged") {
      return { frame, rejections, position: this.#feed.kind === "replayable" ? { next: to } : undefined };
    }
    return {
      frame,
      rejections,
      position: undefined,
      acknowledge: async (accumulators = []) => {
        await this.#world.pause();
        this.#feed.acknowledged = to;
        this.#feed.accumulators = accumulators;
        await this.#world.pause();
      },
    };
  }
}

function rejectionOf({ index, value }: Item): Rejection {
  return {
    where: { topic: "feed", offset: index },
    code: "record.too-large",
    message: "no record",
    sample: Buffer.from(value.slice(0, 10)),
  };
}

/** The error of something that fails by chance. */
export function simulatedFailure(what: string): MillraceError {
  return new MillraceError("connector.failed", `simulated failure of ${what}`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
