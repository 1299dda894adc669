import { setImmediate } from "node:timers/promises";
import type { Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import { type Frame, type FrameBuffer, FrameBuilder } from "../../record/index.ts";
import type { ConnectorContext } from "../spec.ts";
import type { Delivery } from "./delivery.ts";
import { Intake } from "./intake.ts";
import { type Listening, listen } from "./server.ts";
import type { WebhookExtract, WebhookSettings } from "./settings.ts";

export function createWebhookSource(
  settings: WebhookSettings,
  extract: WebhookExtract,
  context: ConnectorContext,
): Source {
  return new WebhookSource(settings, extract, context);
}

/** Records of one delivery that stand in a row in a frame. */
interface Part {
  readonly delivery: Delivery;
  readonly from: number;
  readonly count: number;
}

/**
 * Requests that others send. What waits goes on together, and a sender has its answer when its records are stored: 200,
 * or 422 where they were left out because something refused them. A sender whose records did not get there is told so
 * with 503, and one that gets no answer sends again: records may come twice, and none is lost. With `once` the first
 * requests are the only ones.
 */
class WebhookSource implements Source {
  readonly #settings: WebhookSettings;
  readonly #context: ConnectorContext;
  readonly #intake: Intake;
  readonly #batchBytes: number;
  readonly #batchRecords: number;
  #waiting: Delivery[] = [];
  #wake: () => void = () => {};
  #listening: Listening | undefined;
  #recordCount = 0;

  constructor(settings: WebhookSettings, extract: WebhookExtract, context: ConnectorContext) {
    this.#settings = settings;
    this.#context = context;
    this.#batchBytes = context.batchBytes ?? limits.batchBytes.default;
    this.#batchRecords = context.batchRecords ?? limits.batchRecordsMax.default;
    this.#intake = new Intake(settings, extract, (delivery) => {
      this.#waiting.push(delivery);
      this.#wake();
    });
  }

  async open(): Promise<void> {
    this.#listening = await listen(this.#settings, this.#intake);
    const { log } = this.#context;
    const place = `takes requests at ${this.#listening.url}`;
    // Who is to send has to be told, also where only what needs attention is shown.
    if (this.#settings.port === 0) log.warn(`${place}, a port that was free`);
    else log.info(place);
    const isLocal = /^(127\.|localhost$|::1$)/.test(this.#settings.host);
    if (!isLocal && !this.#intake.isProtected) {
      log.warn("anybody who can reach this machine can send; set `token`, `shared_secret` or `signature`");
    }
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    if (this.#context.once && this.#recordCount > 0 && this.#waiting[0]?.isBegun !== true)
      this.#intake.close();
    else await this.#wait(signal);
    if (signal.aborted) this.#intake.close();
    return signal.aborted || this.#waiting.length === 0 ? undefined : this.#fill(buffer);
  }

  async close(): Promise<void> {
    this.#waiting = [];
    this.#intake.giveUp();
    await this.#listening?.close(this.#context.clock);
    this.#listening = undefined;
  }

  /** Records count from the start of the run. */
  locate(frame: Frame, index: number): Where {
    return { url: `${this.#listening?.url ?? "webhook"}#${frame.baseOffset + index + 1}` };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#waiting = this.#waiting.filter((delivery) => !this.#isGone(delivery));
      if (this.#waiting.length > 0 || signal.aborted) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", this.#wake, { once: true });
      });
      signal.removeEventListener("abort", this.#wake);
      this.#wake = () => {};
      // What has come over other connections at the same moment goes along.
      await setImmediate();
    }
  }

  /** Records whose sender has gone before any of them was taken will be sent again. */
  #isGone(delivery: Delivery): boolean {
    if (!delivery.isGone) return false;
    delivery.settle(503, "");
    return true;
  }

  #fill(buffer: FrameBuffer): Reading {
    const builder = new FrameBuilder(buffer);
    const parts: Part[] = [];
    let done = 0;
    for (const delivery of this.#waiting) {
      const from = builder.recordCount;
      this.#take(delivery, builder);
      if (builder.recordCount > from) parts.push({ delivery, from, count: builder.recordCount - from });
      if (delivery.next !== undefined) break;
      done++;
    }
    this.#waiting.splice(0, done);
    const frame = builder.finish({ offset: this.#recordCount, timestamp: this.#context.clock.now() });
    this.#recordCount += frame.recordCount;
    return {
      frame,
      rejections: [],
      position: undefined,
      acknowledge: async (_accumulators, leftOut) => {
        for (const part of parts) tell(part, leftOut);
      },
    };
  }

  /** Puts records of a delivery into a frame, as far as they fit. */
  #take(delivery: Delivery, builder: FrameBuilder): void {
    const { key, headers } = delivery;
    for (let value = delivery.next; value !== undefined; value = delivery.next) {
      const isFull =
        builder.recordCount >= this.#batchRecords ||
        (builder.recordCount > 0 && builder.byteCount + value.length > this.#batchBytes);
      if (isFull) return;
      builder.add({ value, key, headers });
      delivery.take();
    }
  }
}

function tell({ delivery, from, count }: Part, leftOut: ReadonlySet<number> | undefined): void {
  let failed = 0;
  for (let i = from; leftOut !== undefined && leftOut.size > 0 && i < from + count; i++) {
    if (leftOut.has(i)) failed++;
  }
  delivery.stored(count, failed);
}
