import type { Sink } from "../../pipeline/index.ts";
import type { Batch, RecordFailure } from "../../record/index.ts";
import type { ConnectorContext } from "../spec.ts";
import type { HttpRequest } from "./client.ts";
import type { HeaderPair } from "./header.ts";
import { bodyOf, contentTypes, misfit, parcelsOf } from "./parcel.ts";
import { RecordHeaders, type Refusal } from "./record-headers.ts";
import { requestOf } from "./request.ts";
import { Sender } from "./sender.ts";
import type { HttpSinkSettings } from "./settings.ts";

export function createHttpSink(settings: HttpSinkSettings, context: ConnectorContext): Sink {
  return new HttpSink(settings, context);
}

/**
 * Records as requests, one for each or for many. A request that the server took is all that is promised: there is
 * nothing to flush. One that it did not answer, or put off, is sent again with growing delays, a bounded number of
 * times, and then the write fails. One that it refuses fails its record; of many records those that are to blame are
 * found by halves. With one request at a time the order is kept.
 */
class HttpSink implements Sink {
  readonly #settings: HttpSinkSettings;
  readonly #request: HttpRequest;
  readonly #headers: RecordHeaders;
  readonly #sender: Sender;

  constructor(settings: HttpSinkSettings, { topic, clock, log, random }: ConnectorContext) {
    this.#settings = settings;
    this.#request = requestOf(settings, [
      ["accept", "*/*"],
      ["content-type", contentTypes[settings.batch]],
    ]);
    this.#headers = new RecordHeaders(settings, topic, this.#request.headers);
    this.#sender = new Sender(this.#request.url, {
      clock,
      log,
      random,
      timeoutMs: settings.http_request_timeout,
      connectTimeoutMs: settings.http_connect_timeout,
      firstDelayMsMax: settings.backoff_min,
      delayMsMax: settings.backoff_max,
      attemptsMax: settings.attempts,
    });
  }

  async open(): Promise<void> {}

  async write(batch: Batch): Promise<readonly RecordFailure[]> {
    const refused = new Map<number, Refusal>();
    const parcels = this.#parcels(batch, refused);
    this.#headers.start(batch);
    const stop = new AbortController();
    let next = 0;
    const work = async (): Promise<void> => {
      for (let parcel = parcels[next++]; parcel !== undefined; parcel = parcels[next++]) {
        if (stop.signal.aborted) return;
        await this.#send(batch, parcel, refused, stop.signal);
      }
    };
    const workers = Array.from({ length: Math.min(this.#settings.concurrency, parcels.length) }, async () => {
      try {
        await work();
      } catch (error) {
        // What others have under way is given up: the batch comes again as a whole.
        stop.abort(error);
      }
    });
    await Promise.all(workers);
    if (stop.signal.aborted) throw stop.signal.reason;
    return failuresOf(batch, refused);
  }

  // What was taken over was taken by the server.
  async flush(): Promise<void> {}

  async close(): Promise<void> {
    this.#sender.close();
  }

  #parcels(batch: Batch, refused: Map<number, Refusal>): number[][] {
    const { batch: form, batch_records, batch_bytes } = this.#settings;
    const records: number[] = [];
    for (let i = 0; i < batch.count; i++) {
      const problem = form === "record" ? undefined : misfit(batch.at(i).value, form);
      if (problem === undefined) records.push(i);
      else refused.set(i, problem);
    }
    const recordsMax = form === "record" ? 1 : batch_records;
    return parcelsOf(batch, records, { recordsMax, bytesMax: batch_bytes });
  }

  async #send(
    batch: Batch,
    records: readonly number[],
    refused: Map<number, Refusal>,
    signal: AbortSignal,
  ): Promise<void> {
    const [first = 0] = records;
    const own = this.#settings.batch === "record" ? this.#headers.of(batch.at(first)) : [];
    if ("code" in own) {
      refused.set(first, own);
      return;
    }
    const sent = await this.#sender.send(this.#requestFor(batch, records, own), signal);
    if (sent.isAccepted) return;
    if (records.length === 1) {
      refused.set(first, { code: "http.status", message: sent.message });
      return;
    }
    const middle = Math.ceil(records.length / 2);
    await this.#send(batch, records.slice(0, middle), refused, signal);
    await this.#send(batch, records.slice(middle), refused, signal);
  }

  #requestFor(batch: Batch, records: readonly number[], own: readonly HeaderPair[]): HttpRequest {
    const headers = [...this.#request.headers, ...this.#headers.identity(batch, records), ...own];
    return { ...this.#request, headers, body: bodyOf(batch, records, this.#settings.batch) };
  }
}

/** In the order of the records; of an expanded record, whose parts may fail for several reasons, the first. */
function failuresOf(batch: Batch, refused: ReadonlyMap<number, Refusal>): RecordFailure[] {
  const byOrigin = new Map<number, RecordFailure>();
  for (const [index, { code, message }] of [...refused].toSorted(([left], [right]) => left - right)) {
    const origin = batch.originOf(index);
    if (!byOrigin.has(origin)) byOrigin.set(origin, { origin, by: "http-sink", code, message });
  }
  return [...byOrigin.values()];
}
