import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import { type Frame, type FrameBuffer, FrameBuilder } from "../../record/index.ts";
import type { Position } from "../../topic/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { kinds, type RecordMaker } from "./kinds.ts";
import { Random } from "./random.ts";
import type { GenerateSettings } from "./settings.ts";
import { templateMaker } from "./template.ts";

/** With a rate, records come this many times a second, so that a reading is not one record where many are due. */
const readingsPerSecond = 10;
/** The last time that a JavaScript date can hold. */
const dateMsMax = 8.64e15;
/** How far a source that was held up may catch up with its rate. */
const catchUpMsMax = 1000;

export function createGenerateSource(settings: GenerateSettings, context: ConnectorContext): Source {
  if (context.once && settings.count === undefined) {
    throw new MillraceError(
      "config.invalid",
      "`generate` without `count` never ends, so it cannot run once",
      {
        hint: "set `generate.count`, or run without --once",
      },
    );
  }
  return new GenerateSource(settings, context);
}

/**
 * Records that are made up. Record `index` depends on the settings and its index alone, so any of them can be made
 * again.
 */
class GenerateSource implements Source {
  readonly #settings: GenerateSettings;
  readonly #context: ConnectorContext;
  readonly #make: RecordMaker;
  readonly #startMs: number;
  readonly #count: number;
  #next = 0;
  #dueAt: number;

  constructor(settings: GenerateSettings, context: ConnectorContext) {
    const { template, kind = "log", count } = settings;
    this.#settings = settings;
    this.#context = context;
    this.#make = template === undefined ? kinds[kind] : templateMaker(template);
    this.#startMs = Date.parse(settings.start);
    this.#count = count ?? Number.POSITIVE_INFINITY;
    this.#dueAt = context.clock.now();
  }

  async open(position: Position | undefined): Promise<void> {
    const next = position?.next;
    if (typeof next === "number") this.#next = next;
    this.#dueAt = this.#context.clock.now();
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    const left = this.#count - this.#next;
    const recordsMax = Math.min(left, this.#recordsPerReading());
    if (recordsMax <= 0) return undefined;
    await this.#untilDue(signal);
    if (signal.aborted) return undefined;
    const bytesMax = this.#context.batchBytes ?? limits.batchBytes.default;
    const { seed, step } = this.#settings;
    const builder = new FrameBuilder(buffer);
    const first = this.#next;
    while (builder.recordCount < recordsMax && builder.byteCount < bytesMax) {
      const index = first + builder.recordCount;
      const time = new Date(Math.min(this.#startMs + index * step, dateMsMax)).toISOString();
      builder.add({ value: this.#make(index, time, new Random(seed, index)) });
    }
    this.#next += builder.recordCount;
    this.#delayNext(builder.recordCount);
    const frame = builder.finish({ offset: first, timestamp: this.#context.clock.now() });
    return { frame, rejections: [], position: { next: this.#next } };
  }

  async close(): Promise<void> {}

  locate(frame: Frame, index: number): Where {
    return { url: `generate:${frame.baseOffset + index}` };
  }

  #recordsPerReading(): number {
    const { rate } = this.#settings;
    const most = this.#context.batchRecords ?? limits.batchRecordsMax.default;
    if (rate === undefined) return most;
    return Math.min(most, Math.max(1, Math.round(rate / readingsPerSecond)));
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    const waitMs = this.#dueAt - this.#context.clock.now();
    if (waitMs > 0) await this.#context.clock.sleep(waitMs, signal);
  }

  #delayNext(recordCount: number): void {
    const { rate } = this.#settings;
    if (rate === undefined) return;
    const earliest = this.#context.clock.now() - catchUpMsMax;
    this.#dueAt = Math.max(this.#dueAt, earliest) + (recordCount * 1000) / rate;
  }
}
