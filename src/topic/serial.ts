/** Runs tasks one after another, in the order in which they were given. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the task does; a task that fails does not keep the next one from running. */
  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => {});
    return result;
  }

  /** Resolves when the tasks that were given so far have ended. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
