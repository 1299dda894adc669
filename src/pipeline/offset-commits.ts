import type { Accumulator } from "../topic/index.ts";

/** How far a consumer has come. */
interface Progress {
  readonly offset: number;
  readonly accumulators: readonly Accumulator[];
}

type Commit = (offset: number, accumulators: readonly Accumulator[]) => Promise<void>;

/**
 * Commits how far a consumer has come, one commit at a time. Offsets that come while one is under way are covered by
 * the next, so that a pipeline does not wait for the disk with each reading; after a crash it reads again what the
 * last commit did not cover.
 */
export class OffsetCommits {
  readonly #commit: Commit;
  #wanted: Progress | undefined;
  #running: Promise<void> | undefined;
  #failure: { readonly reason: unknown } | undefined;

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  /** Resolves at once; rejects when an earlier commit failed. */
  async advance(offset: number, accumulators: readonly Accumulator[] = []): Promise<void> {
    this.#throwFailure();
    this.#wanted = { offset, accumulators };
    this.#running ??= this.#run();
  }

  /** Resolves when everything is committed; rejects when a commit failed. */
  async settled(): Promise<void> {
    await this.#running;
    this.#throwFailure();
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted !== undefined) {
        const { offset, accumulators } = this.#wanted;
        this.#wanted = undefined;
        await this.#commit(offset, accumulators);
      }
    } catch (reason) {
      this.#failure = { reason };
    } finally {
      this.#running = undefined;
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
