import { limits } from "../limits.ts";

export interface BackoffOptions {
  /** Longest first delay. */
  readonly firstMsMax?: number;
  /** Longest delay of all. */
  readonly delayMsMax?: number;
  /** A number from 0 to below 1; tests and simulations bring their own. */
  readonly random?: (() => number) | undefined;
}

/**
 * How long to wait before each further attempt: exponential with full jitter, so that many clients of a server that
 * comes back do not all call at the same moment.
 */
export class Backoff {
  readonly #firstMsMax: number;
  readonly #delayMsMax: number;
  readonly #random: () => number;
  #ceilingMs: number;

  constructor(options: BackoffOptions = {}) {
    this.#firstMsMax = options.firstMsMax ?? limits.retryFirstDelayMsMax.default;
    this.#delayMsMax = options.delayMsMax ?? limits.retryDelayMsMax.default;
    this.#random = options.random ?? Math.random;
    this.#ceilingMs = this.#firstMsMax;
  }

  /** The next delay in whole ms: evenly from 0 to a ceiling that doubles with each call, up to the longest delay. */
  nextMs(): number {
    const ceilingMs = Math.min(this.#ceilingMs, this.#delayMsMax);
    this.#ceilingMs = ceilingMs * 2;
    return Math.floor(this.#random() * (ceilingMs + 1));
  }

  /** Starts over, after a success. */
  reset(): void {
    this.#ceilingMs = this.#firstMsMax;
  }
}
