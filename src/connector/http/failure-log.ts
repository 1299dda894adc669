import type { Logger } from "../../base/index.ts";
import type { MillraceError } from "../../errors.ts";

/** Says why polls fail, once for each reason rather than for each poll, and when they succeed again. */
export class FailureLog {
  readonly #log: Logger;
  readonly #url: string;
  #reason: string | undefined;
  #count = 0;

  constructor(url: string, log: Logger) {
    this.#url = url;
    this.#log = log;
  }

  failed(error: MillraceError): void {
    this.#count++;
    // Where a text breaks off may differ from poll to poll, and is no other reason.
    const reason = error.code === "json.invalid" ? error.code : error.message;
    const hint = error.hint === undefined ? "" : ` (${error.hint})`;
    if (reason === this.#reason)
      this.#log.debug(`${this.#url}: ${error.message}; poll ${this.#count} in a row that failed`);
    else this.#log.warn(`${this.#url}: ${error.message}${hint}; trying again, with growing delays`);
    this.#reason = reason;
  }

  succeeded(): void {
    if (this.#count === 0) return;
    const polls = this.#count === 1 ? "1 failed poll" : `${this.#count} failed polls`;
    this.#log.info(`${this.#url}: recovered after ${polls}`);
    this.#reason = undefined;
    this.#count = 0;
  }
}
