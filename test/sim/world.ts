import type { Clock } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import type { Dice } from "../support/dice.ts";

interface Event {
  readonly atMs: number;
  readonly order: number;
  /** Such as a look at intervals: a run that waits for nothing else waits for ever. */
  readonly isBackground: boolean;
  readonly act: () => void;
}

/** What the clock says when a world begins. */
const epochMs = 1_700_000_000_000;

/**
 * Time and chance of one simulation. Whatever takes time in it is an event in one queue; between two events everything
 * runs until it waits for another one. So a run depends on its seed alone, and can end between any two events as it would
 * if the process were killed there.
 */
export class World {
  readonly dice: Dice;
  /** The longest that an operation takes. */
  readonly slowestMs: number;
  readonly #log: string[] = [];
  #events: Event[] = [];
  #nowMs = 0;
  #lastChangeMs = 0;
  #order = 0;

  constructor(dice: Dice, slowestMs: number) {
    this.dice = dice;
    this.slowestMs = slowestMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get log(): readonly string[] {
    return this.#log;
  }

  readonly clock: Clock = {
    now: () => epochMs + Math.floor(this.#nowMs),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = (): void => {
          cancel();
          signal.removeEventListener("abort", end);
          resolve();
        };
        const cancel = this.after(ms, end);
        signal.addEventListener("abort", end, { once: true });
      }),
  };

  note(text: string): void {
    this.#log.push(`${this.#nowMs.toFixed(1).padStart(9)}  ${text}`);
  }

  /** Takes as long as it takes: mostly a moment, sometimes up to `slowestMs`. */
  pause(): Promise<void> {
    const ms = this.dice.oneIn(4) ? this.dice.between(1, this.slowestMs) : this.dice.below(100) / 100;
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** @returns what takes the event back */
  after(ms: number, act: () => void, isBackground = false): () => void {
    const event = { atMs: this.#nowMs + ms, order: this.#order++, isBackground, act };
    // Few events are under way at a time.
    const at = this.#events.findIndex(({ atMs }) => atMs > event.atMs);
    this.#events.splice(at === -1 ? this.#events.length : at, 0, event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  /** Whether something is under way that can change anything, or may not have been noticed yet. */
  get isBusy(): boolean {
    if (this.#events.some(({ isBackground }) => !isBackground)) return true;
    return this.#events.length > 0 && this.#nowMs < this.#lastChangeMs + limits.topicRecheckMs.default * 2;
  }

  /** Lets the next event happen, and all that follows from it without waiting for another. */
  async step(): Promise<void> {
    const event = this.#events.shift();
    if (event !== undefined) {
      this.#nowMs = event.atMs;
      if (!event.isBackground) this.#lastChangeMs = event.atMs;
      event.act();
    }
    await this.settled();
  }

  /** Everything that need not wait for an event has happened. */
  settled(): Promise<void> {
    // All promise callbacks run before the next turn of the event loop.
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Nothing that was under way goes on: whoever waits for it does so for ever. */
  forgetAll(): void {
    this.#events = [];
  }

  /** Puts this world's time in the place of the platform's timers until the returned function is called. */
  takeOverTimers(): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    const timers = new Map<number, () => void>();
    let ids = 0;
    const start = (act: () => void, ms: number, repeats: boolean): number => {
      const id = ids++;
      const fire = (): void => {
        if (repeats) timers.set(id, this.after(ms, fire, true));
        else timers.delete(id);
        act();
      };
      timers.set(id, this.after(ms, fire, repeats));
      return id;
    };
    const stop = (id: number | undefined): void => {
      if (id === undefined) return;
      timers.get(id)?.();
      timers.delete(id);
    };
    Object.assign(globalThis, {
      setTimeout: (act: () => void, ms: number) => start(act, ms, false),
      setInterval: (act: () => void, ms: number) => start(act, ms, true),
      clearTimeout: stop,
      clearInterval: stop,
    });
    return () => Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
  }
}
