import type { IncomingMessage } from "node:http";
import { type RawData, WebSocket } from "ws";
import type { Clock } from "../../base/index.ts";
import { limits } from "../../limits.ts";
import { type HttpRequest, headersObject } from "./client.ts";
import { Deadline } from "./deadline.ts";
import { idleFailure, type PollFailure, statusFailure, timeoutFailure, unreachable } from "./failure.ts";
import { retryAfterMs } from "./retry-after.ts";
import { shownUrl } from "./shown-url.ts";
import { Wake } from "./wake.ts";

/** A closing handshake with one of these is an end, and no failure: done, going away, and one that gives no reason. */
const usualCloseCodes: readonly number[] = [1000, 1001, 1005];

export interface WebsocketOptions {
  readonly clock: Clock;
  /** How long the handshake may take. */
  readonly timeoutMs: number;
  /** How long nothing may come behind it, not even the answer to a ping. */
  readonly idleMs: number;
  readonly pingMs: number;
  /** Sent once the connection is there, in this order. */
  readonly greetings: readonly string[];
  /** The server is not listened to while so much waits to be taken. */
  readonly waitingBytesMax: number;
  readonly waitingMessagesMax: number;
}

/** The messages that a server sends over a websocket, in order. */
export class WebsocketConnection {
  readonly #socket: WebSocket;
  readonly #request: HttpRequest;
  readonly #options: WebsocketOptions;
  readonly #closed = new AbortController();
  #messages: Uint8Array[] = [];
  #waitingBytes = 0;
  #isTooLarge = false;
  #hasEnded = false;
  #failure: PollFailure | undefined;
  readonly #wake = new Wake();

  private constructor(socket: WebSocket, request: HttpRequest, options: WebsocketOptions) {
    this.#socket = socket;
    this.#request = request;
    this.#options = options;
    socket.on("message", (data) => this.#take(data));
    socket.on("pong", this.#wake.now);
    socket.on("ping", this.#wake.now);
    socket.on("error", (error) => {
      this.#isTooLarge = "code" in error && error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH";
      this.#fail(unreachable(this.#asked, error));
    });
    socket.on("close", (code, reason) => this.#end(code, reason.toString()));
  }

  /** Opens a websocket. When the signal aborts, that is a failure too. */
  static async open(
    request: HttpRequest,
    options: WebsocketOptions,
    signal: AbortSignal,
  ): Promise<WebsocketConnection | { readonly failure: PollFailure }> {
    const { clock, timeoutMs, greetings } = options;
    const asked = askedOf(request);
    const deadline = new Deadline(timeoutMs, clock, signal);
    const socket = new WebSocket(request.url, {
      headers: headersObject(request.headers),
      maxPayload: limits.recordBytesMax.default,
    });
    const connection = new WebsocketConnection(socket, request, options);
    const giveUp = (): void => socket.terminate();
    try {
      const refusal = await new Promise<PollFailure | undefined>((resolve) => {
        socket.once("open", () => resolve(undefined));
        socket.once("error", (error) => resolve(unreachable(asked, error)));
        socket.once("unexpected-response", (_request, response) => {
          resolve(refusalOf(asked, response, clock));
          giveUp();
        });
        deadline.signal.addEventListener("abort", giveUp, { once: true });
        if (deadline.signal.aborted) giveUp();
      });
      if (refusal !== undefined) {
        return { failure: deadline.isOver ? timeoutFailure({ ...asked, timeoutMs }) : refusal };
      }
      for (const greeting of greetings) socket.send(greeting);
      void connection.#ping();
      return connection;
    } finally {
      deadline.signal.removeEventListener("abort", giveUp);
      await deadline.end();
    }
  }

  /** The server has closed the connection as it should. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What broke the connection. */
  get failure(): PollFailure | undefined {
    return this.#failure;
  }

  /** Whether it broke because the next message is larger than a record may be; told once. */
  takeTooLarge(): boolean {
    const isTooLarge = this.#isTooLarge;
    this.#isTooLarge = false;
    return isTooLarge;
  }

  /** The next message; undefined where none has come. */
  take(): Uint8Array | undefined {
    const message = this.#messages.shift();
    this.#waitingBytes -= message?.length ?? 0;
    if (!this.#isFull && this.#socket.isPaused) this.#socket.resume();
    return message;
  }

  /** Resolves when something has come or happened, also to the signal. Nothing for too long is a failure. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#hasEnded || this.#failure !== undefined || this.#messages.length > 0) return;
    const { idleMs, clock } = this.#options;
    if (await this.#wake.wait(idleMs, clock, signal)) this.#fail(idleFailure(this.#asked, idleMs));
  }

  /** Says goodbye, and does not wait for the answer. */
  close(): void {
    this.#closed.abort();
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000);
    else this.#socket.terminate();
  }

  get #asked(): ReturnType<typeof askedOf> {
    return askedOf(this.#request);
  }

  get #isFull(): boolean {
    const { waitingBytesMax, waitingMessagesMax } = this.#options;
    return this.#waitingBytes >= waitingBytesMax || this.#messages.length >= waitingMessagesMax;
  }

  #take(data: RawData): void {
    // One message is one buffer, unless somebody asks for fragments.
    const message = data as Buffer;
    this.#messages.push(message);
    this.#waitingBytes += message.length;
    if (this.#isFull) this.#socket.pause();
    this.#wake.now();
  }

  /** A connection that is gone shows in pings that are not answered. */
  async #ping(): Promise<void> {
    const { clock, pingMs } = this.#options;
    while (!this.#closed.signal.aborted) {
      await clock.sleep(pingMs, this.#closed.signal);
      if (this.#socket.readyState === WebSocket.OPEN && !this.#closed.signal.aborted) this.#socket.ping();
    }
  }

  #end(code: number, reason: string): void {
    this.#closed.abort();
    if (usualCloseCodes.includes(code) && this.#failure === undefined) {
      this.#hasEnded = true;
      this.#wake.now();
      return;
    }
    const why = reason === "" ? String(code) : `${code}: ${reason}`;
    this.#fail(unreachable(this.#asked, new Error(`the connection was closed (${why})`)));
  }

  #fail(failure: PollFailure): void {
    this.#failure ??= failure;
    this.#wake.now();
  }
}

function askedOf({ url }: HttpRequest): { readonly method: string; readonly url: string } {
  return { method: "the websocket", url: shownUrl(url) };
}

function refusalOf(asked: ReturnType<typeof askedOf>, response: IncomingMessage, clock: Clock): PollFailure {
  const { statusCode = 0, statusMessage = "", headers } = response;
  const waitMs = retryAfterMs(headers["retry-after"], clock.now());
  return statusFailure(asked, { status: statusCode, statusText: statusMessage }, waitMs);
}
