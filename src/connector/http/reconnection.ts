import { Backoff } from "../../base/index.ts";
import { limits } from "../../limits.ts";
import type { ConnectorContext } from "../spec.ts";
import type { PollFailure } from "./failure.ts";
import { FailureLog } from "./failure-log.ts";

/**
 * When to connect again: an interval after the last time, or when the server says; where that failed, with growing delays.
 * With `once` somebody waits for the end, and what will not heal, or does not soon, is thrown.
 */
export class Reconnection {
  readonly #intervalMs: number;
  readonly #context: ConnectorContext;
  readonly #backoff: Backoff;
  readonly #failures: FailureLog;
  #dueAt = 0;
  #startedAt = 0;
  #attempts = 0;

  /** @param url as messages show it */
  constructor(url: string, intervalMs: number, context: ConnectorContext) {
    this.#intervalMs = intervalMs;
    this.#context = context;
    this.#backoff = new Backoff({ random: context.random });
    this.#failures = new FailureLog(url, context.log, "connection");
  }

  /** Waits until it is time to connect, or the signal aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    const waitMs = this.#dueAt - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
    this.#startedAt = clock.now();
  }

  /** There is a connection. */
  connected(): void {
    this.#dueAt = this.#startedAt + this.#intervalMs;
  }

  /** The server says when it wants to be asked again. */
  postpone(ms: number): void {
    this.#dueAt = this.#context.clock.now() + ms;
  }

  /** Something has come over the connection. */
  succeeded(): void {
    this.#backoff.reset();
    this.#attempts = 0;
    this.#failures.succeeded();
  }

  /**
   * Says what went wrong, and when it is tried again.
   * @param retryMs how long the server wants to be left alone at the least
   * @throws MillraceError with `once`: what will not heal, or does not soon
   */
  failed({ error, mayHeal, retryAfterMs }: PollFailure, retryMs = 0): void {
    const { clock, once } = this.#context;
    this.#attempts++;
    const delayMs = Math.max(this.#backoff.nextMs(), retryAfterMs ?? 0, retryMs);
    const isLong = delayMs > limits.retryDelayMsMax.default;
    if (once && (!mayHeal || isLong || this.#attempts >= limits.pollAttemptsMax.default)) throw error;
    this.#failures.failed(error, retryAfterMs);
    this.#dueAt = clock.now() + delayMs;
  }
}
