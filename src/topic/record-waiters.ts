interface Waiter {
  readonly offset: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Those who wait for a record that is not there yet. */
export class RecordWaiters {
  readonly #hasRecord: (offset: number) => boolean;
  readonly #waiters = new Set<Waiter>();

  /** @param hasRecord whether there is a record at an offset or later */
  constructor(hasRecord: (offset: number) => boolean) {
    this.#hasRecord = hasRecord;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Resolves once there is a record at `offset` or later; rejects with the signal's reason on abort. */
  wait(offset: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener("abort", abort);
      };
      const waiter: Waiter = {
        offset,
        resolve: () => {
          leave();
          resolve();
        },
        reject: (reason) => {
          leave();
          reject(reason);
        },
      };
      const abort = (): void => waiter.reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
      this.#look(waiter);
    });
  }

  /** Looks again for everybody who waits. */
  wake(): void {
    for (const waiter of [...this.#waiters]) this.#look(waiter);
  }

  rejectAll(reason: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(reason);
  }

  #look(waiter: Waiter): void {
    try {
      if (this.#hasRecord(waiter.offset)) waiter.resolve();
    } catch (error) {
      waiter.reject(error);
    }
  }
}
