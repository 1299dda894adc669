import { Backoff } from "../../base/index.ts";
import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import type { Frame, FrameBuffer } from "../../record/index.ts";
import type { ConnectorContext } from "../spec.ts";
import {
  ElementHarvest,
  type Harvest,
  type HarvestOptions,
  placeOfElement,
  WholeHarvest,
} from "./extract.ts";
import type { PollFailure } from "./failure.ts";
import { FailureLog } from "./failure-log.ts";
import { type PollRequest, poll, type Response } from "./poll.ts";
import { requestOf } from "./request.ts";
import type { HttpExtract, HttpSettings } from "./settings.ts";
import { wholeBody } from "./whole-body.ts";

export function createHttpSource(
  settings: HttpSettings,
  extract: HttpExtract,
  context: ConnectorContext,
): Source {
  const isWhole = settings.output_parts === "body" && settings.output_type === "text";
  if (extract !== "body" && !isWhole) {
    throw new MillraceError(
      "config.invalid",
      "`http.output_parts` and `http.output_type` describe a whole body, and `millrace.extract` takes it apart",
      { hint: "remove one or the other" },
    );
  }
  return new HttpSource(settings, extract, context);
}

/**
 * Asks a URL at an interval, from the start of one poll to the start of the next. A poll that fails (no answer, a
 * status other than 2xx, a body that cannot be taken apart) gives no record: it is tried again with growing delays,
 * and reported once for each reason. With `once` there is one poll, of a few attempts where trying again may help,
 * and what remains wrong is thrown.
 */
class HttpSource implements Source {
  readonly #settings: HttpSettings;
  readonly #extract: HttpExtract;
  readonly #context: ConnectorContext;
  readonly #request: PollRequest;
  readonly #backoff: Backoff;
  readonly #failures: FailureLog;
  #harvest: Harvest | undefined;
  #nextPollAt: number | undefined;

  constructor(settings: HttpSettings, extract: HttpExtract, context: ConnectorContext) {
    this.#settings = settings;
    this.#extract = extract;
    this.#context = context;
    this.#request = requestOf(settings);
    this.#backoff = new Backoff({ random: context.random });
    this.#failures = new FailureLog(this.#request.url, context.log);
  }

  async open(): Promise<void> {}

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    for (;;) {
      const reading = this.#harvest?.next(buffer);
      if (reading !== undefined) return reading;
      const isOver = this.#context.once && this.#harvest !== undefined;
      const harvest = isOver ? undefined : await this.#poll(signal);
      if (harvest === undefined) return undefined;
      this.#harvest = harvest;
    }
  }

  async close(): Promise<void> {
    this.#harvest = undefined;
  }

  locate(frame: Frame, index: number): Where {
    const { url } = this.#request;
    if (this.#extract === "body") return { url };
    return placeOfElement(url, this.#extract["json-array"], frame.baseOffset + index);
  }

  /** Polls when it is time, until a poll succeeds; undefined when the signal aborts. */
  async #poll(signal: AbortSignal): Promise<Harvest | undefined> {
    const { clock, once } = this.#context;
    const waitMs = (this.#nextPollAt ?? 0) - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    for (let attempt = 1; !signal.aborted; attempt++) {
      const startedAt = clock.now();
      const result = await poll(this.#request, clock, signal);
      if (signal.aborted) break;
      const harvest = "response" in result ? this.#take(result.response, startedAt) : result.failure;
      if (!("error" in harvest)) {
        this.#nextPollAt = startedAt + this.#settings.interval;
        this.#backoff.reset();
        this.#failures.succeeded();
        return harvest;
      }
      if (once && (!harvest.mayHeal || attempt >= limits.pollAttemptsMax.default)) throw harvest.error;
      this.#failures.failed(harvest.error);
      await clock.sleep(this.#backoff.nextMs(), signal);
    }
    return undefined;
  }

  #take(response: Response, timestamp: number): Harvest | PollFailure {
    const options: HarvestOptions = {
      url: this.#request.url,
      timestamp,
      batchBytes: this.#context.batchBytes ?? limits.batchBytes.default,
    };
    if (this.#extract === "body") return new WholeHarvest(wholeBody(response, this.#settings), options);
    try {
      return new ElementHarvest(response.body, this.#extract["json-array"], options);
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      return { error, mayHeal: false };
    }
  }
}
