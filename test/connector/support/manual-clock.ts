import type { Clock } from "../../../src/base/index.ts";

interface Sleeper {
  readonly ms: number;
  readonly until: number;
  wake(): void;
}

/** A clock that a test moves by hand. */
export class ManualClock implements Clock {
  readonly #skipBelowMs: number;
  #now = Date.UTC(2024, 0, 1);
  readonly #sleepers = new Set<Sleeper>();
  #watchers: (() => void)[] = [];

  /** @param skipBelowMs shorter sleeps than this pass at once */
  constructor(skipBelowMs = 0) {
    this.#skipBelowMs = skipBelowMs;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms < this.#skipBelowMs) {
      this.advance(ms);
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        ms,
        until: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener("abort", sleeper.wake);
          resolve();
        },
      };
      if (signal.aborted) return resolve();
      signal.addEventListener("abort", sleeper.wake, { once: true });
      this.#sleepers.add(sleeper);
      for (const watcher of this.#watchers.splice(0)) watcher();
    });
  }

  /** Resolves once somebody sleeps for exactly this long. */
  async sleeping(ms: number): Promise<void> {
    while (![...this.#sleepers].some((sleeper) => sleeper.ms === ms)) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Resolves once somebody begins to sleep for exactly this long, from now on. */
  async nextSleep(ms: number): Promise<void> {
    const before = new Set(this.#sleepers);
    while (![...this.#sleepers].some((sleeper) => sleeper.ms === ms && !before.has(sleeper))) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** How long those who sleep now do so, in all. */
  get sleeps(): number[] {
    return [...this.#sleepers].map(({ ms }) => ms);
  }

  /** Lets time pass, and wakes whose time has come. */
  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) sleeper.wake();
  }
}
