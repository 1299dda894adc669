import type { InHand, Progress } from "./progress.ts";

/** The longest delay that the platform's timers take. */
const timerMsMax = 2_147_483_647;

/**
 * Looks at what a guest thread has in hand, as seldom as it can: not once for each batch, but when half or all of the deadline
 * of what was in hand the last time is over.
 */
export class Watch {
  readonly #progress: Progress;
  readonly #deadlinesMs: readonly number[];
  readonly #onSuspicion: () => void;
  readonly #onOverdue: (late: InHand) => void;
  #timer: NodeJS.Timeout | undefined;
  #isNeeded: () => boolean;

  /**
   * @param deadlinesMs of each step
   * @param isNeeded false while nothing was asked of the thread
   * @param onSuspicion told when something has been in hand for half of the deadline of its step
   * @param onOverdue told once of what is in hand for longer than the deadline of its step
   */
  constructor(
    progress: Progress,
    deadlinesMs: readonly number[],
    isNeeded: () => boolean,
    onSuspicion: () => void,
    onOverdue: (late: InHand) => void,
  ) {
    this.#progress = progress;
    this.#deadlinesMs = deadlinesMs;
    this.#isNeeded = isNeeded;
    this.#onSuspicion = onSuspicion;
    this.#onOverdue = onOverdue;
  }

  /** Looks from now on, until nothing is asked of the thread any more. */
  start(): void {
    if (this.#timer === undefined) this.#wait(Math.min(...this.#deadlinesMs) / 2);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#look(), Math.min(ms, timerMsMax));
  }

  #look(): void {
    this.#timer = undefined;
    if (!this.#isNeeded()) return;
    const inHand = this.#progress.read();
    const deadlineMs = this.#deadlinesMs[inHand?.step ?? -1];
    if (inHand === undefined || deadlineMs === undefined) return void this.start();
    const { forMs } = inHand;
    if (forMs >= deadlineMs) return void this.#onOverdue(inHand);
    const isEarly = forMs < deadlineMs / 2;
    if (!isEarly) this.#onSuspicion();
    this.#wait((isEarly ? deadlineMs / 2 : deadlineMs) - forMs);
  }
}
