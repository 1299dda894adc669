/**
 * Commits how far a consumer has come, one commit at a time. Offsets that come while one is under way are covered by
 * the next, so that a pipeline does not wait for the disk with each reading; after a crash it reads again what the
 * last commit did not cover.
 */
export class OffsetCommits {
  readonly #commit: (offset: number) => Promise<void>;
  #wanted: number | undefined;
  #running: Promise<void> | undefined;
  #failure: { readonly reason: unknown } | undefined;

  constructor(commit: (offset: number) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves at once; rejects when an earlier commit failed. */
  async advance(offset: number): Promise<void> {
    this.#throwFailure();
    this.#wanted = offset;
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
        const offset = this.#wanted;
        this.#wanted = undefined;
        await this.#commit(offset);
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
