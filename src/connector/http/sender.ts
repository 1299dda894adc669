import { Backoff, type Clock, type Logger } from "../../base/index.ts";
import { type ErrorCode, MillraceError } from "../../errors.ts";
import { HttpClient, type HttpRequest, type HttpResponse, headerOf } from "./client.ts";
import { Deadline } from "./deadline.ts";
import { discard } from "./discard.ts";
import { mayHeal, type PollFailure, statusFailure, unreachable } from "./failure.ts";
import { FailureLog } from "./failure-log.ts";
import { isSuccess } from "./poll.ts";
import { sendFollowing } from "./redirect.ts";
import { retryAfterMs } from "./retry-after.ts";
import { shownUrl } from "./shown-url.ts";

export interface SenderOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: (() => number) | undefined;
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly firstDelayMsMax: number;
  readonly delayMsMax: number;
  readonly attemptsMax: number;
}

/** What became of a request: the server took it, or refused what it carries. */
export type Sent = { readonly isAccepted: true } | { readonly isAccepted: false; readonly message: string };

/**
 * These speak of who sends and where to, and not of what is sent: every record would fare the same, so that to leave
 * this one out would be to leave out all.
 */
const statusesOfEndpoint: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 410]);

/** Sends requests until a server has taken or refused them. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #client: HttpClient;
  readonly #failures: FailureLog;

  constructor(url: URL, options: SenderOptions) {
    const { clock, connectTimeoutMs } = options;
    this.#options = options;
    this.#client = new HttpClient({ clock, connectTimeoutMs });
    this.#failures = new FailureLog(shownUrl(url), options.log, "request");
  }

  close(): void {
    this.#client.close();
  }

  /**
   * Sends a request, again and again where that may help. Resolves soon when the signal aborts, whatever was sent.
   * @throws MillraceError `http.status`, `http.unreachable`, `http.redirect` where the server takes nothing, or not in
   * so many attempts
   */
  async send(request: HttpRequest, signal: AbortSignal): Promise<Sent> {
    const { clock, random, firstDelayMsMax, delayMsMax, attemptsMax } = this.#options;
    const backoff = new Backoff({ firstMsMax: firstDelayMsMax, delayMsMax, random });
    for (let attempt = 1; ; attempt++) {
      const result = await this.#attempt(request, signal);
      if ("isAccepted" in result) {
        this.#failures.succeeded();
        return result;
      }
      if (signal.aborted || !result.mayHeal) throw result.error;
      if (attempt >= attemptsMax) throw givenUp(result.error, attempt);
      this.#failures.failed(result.error, result.retryAfterMs);
      await clock.sleep(Math.max(backoff.nextMs(), result.retryAfterMs ?? 0), signal);
    }
  }

  async #attempt(request: HttpRequest, signal: AbortSignal): Promise<Sent | PollFailure> {
    const { clock, timeoutMs } = this.#options;
    const asked = { method: request.method, url: shownUrl(request.url) };
    const deadline = new Deadline(timeoutMs, clock, signal);
    try {
      const response = await sendFollowing(this.#client, request, deadline.signal, { keepsMethod: true });
      await discard(response.body);
      return this.#judge(asked, response);
    } catch (error) {
      if (MillraceError.is(error)) return { error, mayHeal: false };
      return deadline.isOver ? lateFailure(asked, timeoutMs) : unreachable(asked, error);
    } finally {
      await deadline.end();
    }
  }

  #judge(
    asked: { readonly method: string; readonly url: string },
    response: HttpResponse,
  ): Sent | PollFailure {
    const { status, statusText } = response;
    if (isSuccess(status)) return { isAccepted: true };
    const isOfRecord = status >= 400 && !mayHeal(status) && !statusesOfEndpoint.has(status);
    if (isOfRecord) {
      return {
        isAccepted: false,
        message: `${asked.method} was answered with ${status} ${statusText}`.trim(),
      };
    }
    return statusFailure(
      asked,
      response,
      retryAfterMs(headerOf(response, "retry-after"), this.#options.clock.now()),
    );
  }
}

function lateFailure(
  { method, url }: { readonly method: string; readonly url: string },
  timeoutMs: number,
): PollFailure {
  const error = new MillraceError("http.unreachable", `${method} had no answer within ${timeoutMs} ms`, {
    where: { url },
    hint: "check the server, or set a longer `http.http_request_timeout`",
  });
  return { error, mayHeal: true };
}

function givenUp(error: MillraceError, attempts: number): MillraceError {
  const code: ErrorCode = error.code;
  const times = attempts === 1 ? "in 1 attempt" : `in ${attempts} attempts`;
  return new MillraceError(code, `${error.message}, ${times}`, {
    where: error.where,
    hint: "nothing is lost: the next run begins with what was not taken; `http.attempts` says how often it is tried",
    cause: error,
  });
}
