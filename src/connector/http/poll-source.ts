import { Backoff } from "../../base/index.ts";
import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import type { Frame, FrameBuffer } from "../../record/index.ts";
import type { Position } from "../../topic/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { HttpClient, type HttpRequest } from "./client.ts";
import { acceptedEncodings } from "./content-encoding.ts";
import {
  ElementHarvest,
  emptyHarvest,
  type Harvest,
  type HarvestOptions,
  placeOfElement,
  WholeHarvest,
} from "./extract.ts";
import type { PollFailure } from "./failure.ts";
import { FailureLog } from "./failure-log.ts";
import { poll, type Response } from "./poll.ts";
import { requestOf } from "./request.ts";
import type { HttpExtract, HttpSettings } from "./settings.ts";
import { shownUrl } from "./shown-url.ts";
import {
  conditionsFor,
  fingerprintOf,
  isSameBody,
  type KnownState,
  positionOf,
  stateOf,
  type Validators,
  validatorsOf,
} from "./validators.ts";
import { wholeBody } from "./whole-body.ts";

/**
 * Asks a URL at an interval, from the start of one poll to the start of the next. A poll that fails (no answer, a
 * status other than 2xx, a body that cannot be taken apart) gives no record: it is tried again with growing delays,
 * and reported once for each reason. With `once` there is one poll, of a few attempts where trying again may help,
 * and what remains wrong is thrown.
 *
 * What a server says of the state of its resource is asked back, so that a body that has not changed gives no records
 * again. It is a part of the position of the last record of its body, and of no other: a body of which not all records
 * have arrived is asked for again after a restart, and those that have are passed over where it is surely the same.
 */
export class PollSource implements Source {
  readonly #settings: HttpSettings;
  readonly #extract: HttpExtract;
  readonly #context: ConnectorContext;
  readonly #request: HttpRequest;
  readonly #url: string;
  readonly #fingerprint: string;
  readonly #client: HttpClient;
  readonly #backoff: Backoff;
  readonly #failures: FailureLog;
  #harvest: Harvest | undefined;
  /** Of the response in hand, where it has any. */
  #validators: Validators | undefined;
  /** The state whose records were given. */
  #known: KnownState | undefined;
  #nextPollAt: number | undefined;

  constructor(settings: HttpSettings, extract: HttpExtract, context: ConnectorContext) {
    this.#settings = settings;
    this.#extract = extract;
    this.#context = context;
    this.#request = requestOf(settings, [
      ["accept", "*/*"],
      ["accept-encoding", acceptedEncodings],
    ]);
    this.#url = shownUrl(this.#request.url);
    const { endpoint, method, body, output_parts, output_type } = settings;
    this.#fingerprint = fingerprintOf([endpoint, method, body ?? null, output_parts, output_type, extract]);
    this.#client = new HttpClient({ clock: context.clock });
    this.#backoff = new Backoff({ random: context.random });
    this.#failures = new FailureLog(this.#url, context.log, "poll");
  }

  async open(position: Position | undefined): Promise<void> {
    this.#known = stateOf(position, this.#fingerprint);
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    for (;;) {
      const reading = this.#harvest?.next(buffer);
      if (reading !== undefined) return { ...reading, position: this.#position() };
      if (this.#validators !== undefined) this.#known = { ...this.#validators, taken: undefined };
      this.#validators = undefined;
      const isOver = this.#context.once && this.#harvest !== undefined;
      const harvest = isOver ? undefined : await this.#poll(signal);
      if (harvest === undefined) return undefined;
      this.#harvest = harvest;
    }
  }

  async close(): Promise<void> {
    this.#harvest = undefined;
    this.#client.close();
  }

  locate(frame: Frame, index: number): Where {
    if (this.#extract === "body") return { url: this.#url };
    return placeOfElement(this.#url, this.#extract["json-array"], frame.baseOffset + index);
  }

  /** The place behind the reading in hand. */
  #position(): Position | undefined {
    const { taken } = this.#harvest ?? emptyHarvest;
    if (this.#validators === undefined) return undefined;
    // Without a tag that tells bodies apart byte by byte, a number of records says nothing about another body.
    if (taken !== undefined && !isSameBody(this.#validators, this.#validators)) return undefined;
    return positionOf(this.#fingerprint, { ...this.#validators, taken });
  }

  /** Polls when it is time, until a poll succeeds; undefined when the signal aborts. */
  async #poll(signal: AbortSignal): Promise<Harvest | undefined> {
    const { clock, once } = this.#context;
    const waitMs = (this.#nextPollAt ?? 0) - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    for (let attempt = 1; !signal.aborted; attempt++) {
      const startedAt = clock.now();
      const result = await poll(this.#request, this.#pollOptions(), signal);
      if (signal.aborted) break;
      const harvest = "response" in result ? this.#take(result.response, startedAt) : result.failure;
      if (!("error" in harvest)) {
        this.#nextPollAt = startedAt + this.#settings.interval;
        this.#backoff.reset();
        this.#failures.succeeded();
        return harvest;
      }
      const delayMs = Math.max(this.#backoff.nextMs(), harvest.retryAfterMs ?? 0);
      // With `once` somebody waits for the end.
      const isLong = delayMs > limits.retryDelayMsMax.default;
      if (once && (!harvest.mayHeal || isLong || attempt >= limits.pollAttemptsMax.default))
        throw harvest.error;
      this.#failures.failed(harvest.error, harvest.retryAfterMs);
      await clock.sleep(delayMs, signal);
    }
    return undefined;
  }

  #pollOptions(): Parameters<typeof poll>[1] {
    const { method, headers } = this.#request;
    const isReading = method === "GET" || method === "HEAD";
    const hasOwn = headers.some(([name]) => /^if-(none-match|modified-since)$/i.test(name));
    return {
      client: this.#client,
      clock: this.#context.clock,
      timeoutMs: this.#settings.timeout,
      conditions: isReading && !hasOwn ? conditionsFor(this.#known) : [],
    };
  }

  /** @param response undefined where it is the same as before */
  #take(response: Response | undefined, timestamp: number): Harvest | PollFailure {
    if (response === undefined) return emptyHarvest;
    const options: HarvestOptions = {
      url: this.#url,
      timestamp,
      batchBytes: this.#context.batchBytes ?? limits.batchBytes.default,
      batchRecords: this.#context.batchRecords ?? limits.batchRecordsMax.default,
    };
    const validators = validatorsOf(response);
    const isSame =
      this.#known !== undefined && validators !== undefined && isSameBody(this.#known, validators);
    const taken = isSame ? (this.#known?.taken ?? 0) : 0;
    try {
      const harvest =
        this.#extract === "body"
          ? new WholeHarvest(wholeBody(response, this.#settings), options)
          : new ElementHarvest(response.body, this.#extract["json-array"], options, taken);
      this.#validators = validators;
      return harvest;
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      return { error, mayHeal: false };
    }
  }
}
