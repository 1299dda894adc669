import type { Logger } from "../../base/index.ts";
import type { MillraceError } from "../../errors.ts";

/** Says why requests fail, once for each reason rather than for each request, and when they succeed again. */
export class FailureLog {
  readonly #log: Logger;
  readonly #url: string;
  readonly #noun: string;
  #reason: string | undefined;
  #count = 0;

  /** @param noun what a request is called */
  constructor(url: string, log: Logger, noun: string) {
    this.#url = url;
    this.#log = log;
    this.#noun = noun;
  }

  /** @param retryAfterMs how long the server wants to be left alone, where it says so */
  failed(error: MillraceError, retryAfterMs?: number): void {
    this.#count++;
    // Where a text breaks off may differ from poll to poll, and is no other reason.
    const reason = error.code === "json.invalid" ? error.code : error.message;
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    if (reason === this.#reason)
      this.#log.debug(`${this.#url}: ${error.message}; ${this.#noun} ${this.#count} in a row that failed`);
    else this.#log.warn(`${this.#url}: ${error.message}${hint}; trying again, ${delayText(retryAfterMs)}`);
    this.#reason = reason;
  }

  succeeded(): void {
    if (this.#count === 0) return;
    const failed = this.#count === 1 ? `1 failed ${this.#noun}` : `${this.#count} failed ${this.#noun}s`;
    this.#log.info(`${this.#url}: recovered after ${failed}`);
    this.#reason = undefined;
    this.#count = 0;
  }
}

function delayText(retryAfterMs: number | undefined): string {
  return retryAfterMs === undefined
    ? "with growing delays"
    : `not before ${Math.ceil(retryAfterMs / 1000)} s have passed, as the server asks`;
}
