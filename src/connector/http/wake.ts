import type { Clock } from "../../base/index.ts";

/** Lets one wait until something happens on a connection, but not for ever. */
export class Wake {
  #wake: () => void = () => {};

  /** Something has happened. */
  readonly now = (): void => this.#wake();

  /** Resolves when something has happened, also to the signal; true when nothing has for so long. */
  async wait(idleMs: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    const woken = new AbortController();
    let isIdle = false;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      signal.addEventListener("abort", this.#wake, { once: true });
      void clock.sleep(idleMs, woken.signal).then(() => {
        isIdle = !woken.signal.aborted;
        resolve();
      });
    });
    signal.removeEventListener("abort", this.#wake);
    this.#wake = () => {};
    woken.abort();
    return isIdle;
  }
}
