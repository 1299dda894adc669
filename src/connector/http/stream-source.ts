import type { Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import type { Frame, FrameBuffer } from "../../record/index.ts";
import type { Position } from "../../topic/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { HttpClient, type HttpRequest, type HttpResponse, headerOf } from "./client.ts";
import { rejectionOf } from "./extract.ts";
import type { PollFailure } from "./failure.ts";
import { DelimitedFramer, EventFramer, type Framer, WrappingFramer } from "./framer.ts";
import { headerProblem } from "./header.ts";
import { Reconnection } from "./reconnection.ts";
import { requestOf } from "./request.ts";
import type { HttpSettings } from "./settings.ts";
import { shownUrl } from "./shown-url.ts";
import { StreamConnection } from "./stream-connection.ts";
import { fingerprintOf } from "./validators.ts";
import { wholeBody } from "./whole-body.ts";

const defaultDelimiter = "\n";

/**
 * Reads a response that does not end: its records are between delimiters, or are the events of a server. Where the
 * response ends, it is asked for again, an interval after the last time or when the server says; where the connection
 * breaks or brings nothing for too long, with growing delays. With `once` one response is read to its end.
 *
 * An event id is a part of the position, so that a server which keeps its events goes on where reading stopped, also
 * after a restart. Nothing else brings back what a server sent while nobody listened.
 */
export class StreamSource implements Source {
  readonly #settings: HttpSettings;
  readonly #context: ConnectorContext;
  readonly #request: HttpRequest;
  readonly #url: string;
  readonly #fingerprint: string;
  readonly #client: HttpClient;
  readonly #reconnection: Reconnection;
  #connection: StreamConnection | undefined;
  #framer: Framer | undefined;
  /** The rest of a chunk that did not fit the frame before. */
  #chunk: Uint8Array | undefined;
  #chunkFrom = 0;
  #lastEventId = "";
  #isOver = false;
  #recordCount = 0;

  constructor(settings: HttpSettings, context: ConnectorContext) {
    this.#settings = settings;
    this.#context = context;
    this.#request = requestOf(settings, [
      ["accept", "*/*"],
      // What is compressed comes in blocks, and later.
      ["accept-encoding", "identity"],
    ]);
    this.#url = shownUrl(this.#request.url);
    this.#fingerprint = fingerprintOf([settings.endpoint, settings.method, settings.body ?? null]);
    this.#client = new HttpClient({ clock: context.clock });
    this.#reconnection = new Reconnection(this.#url, settings.interval, context);
  }

  async open(position: Position | undefined): Promise<void> {
    const { request, lastEventId } = position ?? {};
    if (request === this.#fingerprint && typeof lastEventId === "string") this.#lastEventId = lastEventId;
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    for (;;) {
      const framer = this.#framer ?? (await this.#connect(signal));
      if (framer === undefined || signal.aborted) return undefined;
      framer.start(buffer);
      await this.#fill(framer, signal);
      const reading = this.#reading(framer);
      if (reading !== undefined) return reading;
      if (signal.aborted) return undefined;
      buffer.reset();
    }
  }

  async close(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
    this.#client.close();
  }

  locate(frame: Frame, index: number): Where {
    return this.#placeOf(frame.baseOffset + index);
  }

  /** Records count from the start of the run. */
  #placeOf(index: number): Where {
    return { url: `${this.#url}#${index + 1}` };
  }

  /** Gives the framer what comes, until it has something and nothing more is there, or the connection is over. */
  async #fill(framer: Framer, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (framer.isFull) return;
      this.#chunk ??= this.#connection?.take();
      if (this.#chunk !== undefined) {
        this.#push(framer, this.#chunk);
        continue;
      }
      if (framer.recordCount > 0 || signal.aborted) return;
      const connection = this.#connection;
      if (connection === undefined) return;
      if (connection.failure !== undefined) return this.#breakOff(framer, connection.failure);
      if (connection.hasEnded) return this.#endResponse(framer);
      await connection.wait(signal);
    }
  }

  #push(framer: Framer, chunk: Uint8Array): void {
    this.#chunkFrom = framer.push(chunk, this.#chunkFrom);
    if (this.#chunkFrom < chunk.length) return;
    this.#chunk = undefined;
    this.#chunkFrom = 0;
    this.#reconnection.succeeded();
  }

  #reading(framer: Framer): Reading | undefined {
    const count = framer.recordCount;
    const { frame, oversize } = framer.finish({
      offset: this.#recordCount,
      timestamp: this.#context.clock.now(),
    });
    this.#recordCount += frame.recordCount;
    const rejections = oversize.map((record) => rejectionOf(this.#placeOf(this.#recordCount++), record));
    this.#lastEventId = framer.lastEventId ?? "";
    if (count === 0) return undefined;
    const position =
      this.#lastEventId === "" ? undefined : { request: this.#fingerprint, lastEventId: this.#lastEventId };
    return { frame, rejections, position };
  }

  /** Connects when it is time, until that succeeds; undefined when the signal aborts or nothing more will come. */
  async #connect(signal: AbortSignal): Promise<Framer | undefined> {
    while (!this.#isOver && !signal.aborted) {
      await this.#reconnection.wait(signal);
      if (signal.aborted) break;
      const opened = await StreamConnection.open(this.#requestNow(), this.#streamOptions(), signal);
      if (signal.aborted) {
        if (opened instanceof StreamConnection) opened.close();
        break;
      }
      if (!(opened instanceof StreamConnection)) {
        this.#reconnection.failed(opened.failure);
        continue;
      }
      if (opened.response.status === 204) {
        // This is how a server says that it has no more events.
        this.#context.log.info(`${this.#url}: the server has no more (204); this is the end`);
        opened.close();
        return undefined;
      }
      this.#reconnection.connected();
      this.#connection = opened;
      this.#framer = this.#framerFor(opened.response);
      return this.#framer;
    }
    return undefined;
  }

  #requestNow(): HttpRequest {
    const { headers } = this.#request;
    const line = Buffer.from(this.#lastEventId).toString("latin1");
    if (line === "" || headerProblem(`last-event-id: ${line}`) !== undefined) return this.#request;
    return { ...this.#request, headers: [...headers, ["last-event-id", line]] };
  }

  #streamOptions(): Parameters<typeof StreamConnection.open>[1] {
    const { timeout, idle_timeout } = this.#settings;
    return { client: this.#client, clock: this.#context.clock, timeoutMs: timeout, idleMs: idle_timeout };
  }

  #framerFor(response: HttpResponse): Framer {
    const { delimiter, output_parts, output_type } = this.#settings;
    const size = {
      batchBytes: this.#context.batchBytes ?? limits.batchBytes.default,
      recordsMax: this.#context.batchRecords ?? limits.batchRecordsMax.default,
    };
    const type = headerOf(response, "content-type") ?? "";
    if (delimiter === undefined && /^text\/event-stream\s*(;|$)/i.test(type)) {
      return new EventFramer(this.#lastEventId, size);
    }
    const separator = delimiter ?? defaultDelimiter;
    if (output_parts === "body" && output_type === "text") return new DelimitedFramer(separator, size);
    return new WrappingFramer(separator, size, (body) => wholeBody({ ...response, body }, this.#settings));
  }

  #endResponse(framer: Framer): void {
    const { log, once } = this.#context;
    framer.end();
    if (framer.retryMs !== undefined) this.#reconnection.postpone(framer.retryMs);
    if (once) this.#isOver = true;
    else log.debug(`${this.#url}: the response has ended; it is asked for again`);
    this.#disconnect();
  }

  #breakOff(framer: Framer, failure: PollFailure): void {
    const lostBytes = framer.cut();
    if (lostBytes > 0) {
      this.#context.log.warn(
        `${this.#url}: the connection broke in the middle of a record; its ${lostBytes} bytes are left out`,
      );
    }
    this.#disconnect();
    // Somebody waits for the end, which this is not, and another response would begin with the same records.
    if (this.#context.once) throw failure.error;
    this.#reconnection.failed(failure, framer.retryMs);
  }

  #disconnect(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#framer = undefined;
  }
}
