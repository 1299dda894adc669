import type { Clock } from "../../base/index.ts";

/** A signal that aborts with another one, or when a time is over. */
export class Deadline {
  readonly #exchange = new AbortController();
  readonly #lifted = new AbortController();
  readonly #outer: AbortSignal;
  readonly #stop = (): void => this.#exchange.abort();
  readonly #timer: Promise<void>;
  #isOver = false;

  constructor(ms: number, clock: Clock, outer: AbortSignal) {
    this.#outer = outer;
    outer.addEventListener("abort", this.#stop, { once: true });
    if (outer.aborted) this.#stop();
    this.#timer = clock.sleep(ms, this.#lifted.signal).then(() => {
      this.#isOver = !this.#lifted.signal.aborted;
      if (this.#isOver) this.#stop();
    });
  }

  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  /** True when the time was over before it was lifted. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The time does not count any more. */
  async lift(): Promise<void> {
    this.#lifted.abort();
    await this.#timer;
  }

  /** Neither the time nor the other signal counts any more. */
  async end(): Promise<void> {
    this.#outer.removeEventListener("abort", this.#stop);
    await this.lift();
  }
}
