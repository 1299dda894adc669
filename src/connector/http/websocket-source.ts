import type { Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import { type Frame, type FrameBuffer, FrameBuilder } from "../../record/index.ts";
import type { ConnectorContext } from "../spec.ts";
import type { HttpRequest } from "./client.ts";
import { Reconnection } from "./reconnection.ts";
import { requestOf } from "./request.ts";
import type { HttpSettings } from "./settings.ts";
import { shownUrl } from "./shown-url.ts";
import { WebsocketConnection, type WebsocketOptions } from "./websocket-connection.ts";

/**
 * Reads what a server sends over a websocket: each message is a record, of text or of bytes, as it came. Where the server
 * closes the connection it is opened again, an interval after the last time; where it breaks or brings nothing for too long,
 * with growing delays. With `once` it is read until the server closes it.
 *
 * Nothing brings back what a server sends while nobody listens.
 */
export class WebsocketSource implements Source {
  readonly #context: ConnectorContext;
  readonly #request: HttpRequest;
  readonly #url: string;
  readonly #options: WebsocketOptions;
  readonly #reconnection: Reconnection;
  readonly #batchBytes: number;
  readonly #batchRecords: number;
  #connection: WebsocketConnection | undefined;
  #isOver = false;
  #recordCount = 0;

  constructor(settings: HttpSettings, context: ConnectorContext) {
    this.#context = context;
    this.#request = requestOf(settings, []);
    this.#url = shownUrl(this.#request.url);
    this.#batchBytes = context.batchBytes ?? limits.batchBytes.default;
    this.#batchRecords = context.batchRecords ?? limits.batchRecordsMax.default;
    const {
      subscription_message: first,
      subscription_messages: others,
      ping_interval_ms,
    } = settings.websocket_config;
    this.#options = {
      clock: context.clock,
      timeoutMs: settings.timeout,
      idleMs: settings.idle_timeout,
      pingMs: ping_interval_ms,
      greetings: first === undefined ? others : [first, ...others],
      waitingBytesMax: this.#batchBytes,
      waitingMessagesMax: this.#batchRecords,
    };
    this.#reconnection = new Reconnection(this.#url, settings.interval, context);
  }

  async open(): Promise<void> {}

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    while (!signal.aborted) {
      const connection = this.#connection ?? (await this.#connect(signal));
      if (connection === undefined) return undefined;
      const first = connection.take();
      if (first !== undefined) return this.#reading(connection, first, buffer);
      if (connection.failure !== undefined || connection.hasEnded) {
        const rejected = this.#end(connection, buffer);
        if (rejected !== undefined) return rejected;
      } else await connection.wait(signal);
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#connection?.close();
    this.#connection = undefined;
  }

  locate(frame: Frame, index: number): Where {
    return this.#placeOf(frame.baseOffset + index);
  }

  /** Records count from the start of the run. */
  #placeOf(index: number): Where {
    return { url: `${this.#url}#${index + 1}` };
  }

  /** What has come, as far as it goes into a batch. */
  #reading(connection: WebsocketConnection, first: Uint8Array, buffer: FrameBuffer): Reading {
    const builder = new FrameBuilder(buffer);
    for (let message: Uint8Array | undefined = first; message !== undefined; ) {
      builder.add({ value: message });
      const isFull = builder.byteCount >= this.#batchBytes || builder.recordCount >= this.#batchRecords;
      message = isFull ? undefined : connection.take();
    }
    this.#reconnection.succeeded();
    const frame = builder.finish({ offset: this.#recordCount, timestamp: this.#context.clock.now() });
    this.#recordCount += frame.recordCount;
    return { frame, rejections: [], position: undefined };
  }

  /** Connects when it is time, until that succeeds; undefined when the signal aborts or nothing more will come. */
  async #connect(signal: AbortSignal): Promise<WebsocketConnection | undefined> {
    while (!this.#isOver && !signal.aborted) {
      await this.#reconnection.wait(signal);
      if (signal.aborted) break;
      const opened = await WebsocketConnection.open(this.#request, this.#options, signal);
      if (signal.aborted) {
        if (opened instanceof WebsocketConnection) opened.close();
        break;
      }
      if (opened instanceof WebsocketConnection) {
        this.#reconnection.connected();
        this.#connection = opened;
        return opened;
      }
      this.#reconnection.failed(opened.failure);
    }
    return undefined;
  }

  /** Takes the end of a connection as it was. A message that is too large ends it, and is told as a record that was refused. */
  #end(connection: WebsocketConnection, buffer: FrameBuffer): Reading | undefined {
    const { once, log } = this.#context;
    if (connection.takeTooLarge()) return this.#refusal(buffer);
    const { failure } = connection;
    connection.close();
    this.#connection = undefined;
    if (failure === undefined) {
      if (once) this.#isOver = true;
      else log.debug(`${this.#url}: the server has closed the connection; it is opened again`);
      return undefined;
    }
    // Somebody waits for the end, which this is not.
    if (once) throw failure.error;
    this.#reconnection.failed(failure);
    return undefined;
  }

  #refusal(buffer: FrameBuffer): Reading {
    const where = this.#placeOf(this.#recordCount);
    const frame = new FrameBuilder(buffer).finish({ offset: this.#recordCount++ });
    const limit = `the message has more than ${limits.recordBytesMax.default} bytes, which is the limit`;
    const message = `${limit}; what the server sent behind it is lost`;
    const rejection = { where, code: "record.too-large", message, sample: new Uint8Array(0) } as const;
    return { frame, rejections: [rejection], position: undefined };
  }
}
