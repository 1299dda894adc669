import type { Clock } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { type HttpClient, type HttpRequest, type HttpResponse, headerOf } from "./client.ts";
import { Deadline } from "./deadline.ts";
import { idleFailure, type PollFailure, statusFailure, timeoutFailure, unreachable } from "./failure.ts";
import { isSuccess } from "./poll.ts";
import { sendFollowing } from "./redirect.ts";
import { retryAfterMs } from "./retry-after.ts";
import { shownUrl } from "./shown-url.ts";
import { Wake } from "./wake.ts";

export interface StreamOptions {
  readonly client: HttpClient;
  readonly clock: Clock;
  /** How long the head of the response may take. */
  readonly timeoutMs: number;
  /** How long nothing may come behind it. */
  readonly idleMs: number;
}

/** A response that does not end, read as its bytes come. */
export class StreamConnection {
  readonly response: HttpResponse;
  readonly #request: HttpRequest;
  readonly #options: StreamOptions;
  #hasEnded = false;
  #failure: PollFailure | undefined;
  readonly #wake = new Wake();

  private constructor(response: HttpResponse, request: HttpRequest, options: StreamOptions) {
    this.response = response;
    this.#request = request;
    this.#options = options;
    const { body } = response;
    body.on("readable", this.#wake.now);
    body.once("end", () => {
      this.#hasEnded = true;
      this.#wake.now();
    });
    body.once("error", (error) => this.#fail(unreachable(this.#asked, error)));
    body.once("close", () => {
      if (!this.#hasEnded) this.#fail(unreachable(this.#asked, new Error("the connection was closed")));
    });
  }

  /** Sends a request, and gives its response once the head is there. When the signal aborts, that is a failure too. */
  static async open(
    request: HttpRequest,
    options: StreamOptions,
    signal: AbortSignal,
  ): Promise<StreamConnection | { readonly failure: PollFailure }> {
    const { client, clock, timeoutMs } = options;
    const asked = { method: request.method, url: shownUrl(request.url) };
    const deadline = new Deadline(timeoutMs, clock, signal);
    try {
      const response = await sendFollowing(client, request, deadline.signal);
      if (isSuccess(response.status)) return new StreamConnection(response, request, options);
      response.body.destroy();
      const waitMs = retryAfterMs(headerOf(response, "retry-after"), clock.now());
      return { failure: statusFailure(asked, response, waitMs) };
    } catch (error) {
      if (MillraceError.is(error)) return { failure: { error, mayHeal: false } };
      return {
        failure: deadline.isOver ? timeoutFailure({ ...asked, timeoutMs }) : unreachable(asked, error),
      };
    } finally {
      await deadline.end();
    }
  }

  /** The body came to its end as it should. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** What broke the connection. */
  get failure(): PollFailure | undefined {
    return this.#failure;
  }

  /** What has come; undefined where nothing has. */
  take(): Uint8Array | undefined {
    return (this.response.body.read() as Uint8Array | null) ?? undefined;
  }

  /** Resolves when something has come or happened, also to the signal. Nothing for too long is a failure. */
  async wait(signal: AbortSignal): Promise<void> {
    const { body } = this.response;
    if (signal.aborted || this.#hasEnded || this.#failure !== undefined || body.readableLength > 0) return;
    const { idleMs, clock } = this.#options;
    if (await this.#wake.wait(idleMs, clock, signal)) this.#fail(idleFailure(this.#asked, idleMs));
  }

  close(): void {
    this.response.body.destroy();
  }

  get #asked(): { readonly method: string; readonly url: string } {
    return { method: this.#request.method, url: shownUrl(this.#request.url) };
  }

  #fail(failure: PollFailure): void {
    this.#failure ??= failure;
    this.#wake.now();
  }
}
