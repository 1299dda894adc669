/**
 * Lets batches in, and can be closed: then nothing comes in, and who closed it is told when everything that came in before is
 * out again.
 */
export class Turnstile {
  #inside = 0;
  #isEnded = false;
  #opened: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #onEmpty: ((isEmpty: boolean) => void) | undefined;

  /** Resolves when something may come in. */
  async pass(): Promise<void> {
    while (this.#opened !== undefined && !this.#isEnded) await this.#opened.promise;
  }

  enter(): void {
    this.#inside++;
  }

  leave(count: number): void {
    this.#inside -= count;
    if (this.#inside === 0) this.#onEmpty?.(true);
  }

  /** Resolves when nothing is inside any more, to false when the end comes first. Nothing comes in until `open`. */
  close(): Promise<boolean> {
    if (this.#isEnded) return Promise.resolve(false);
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    this.#opened = { promise, resolve };
    if (this.#inside === 0) return Promise.resolve(true);
    return new Promise((done) => {
      this.#onEmpty = done;
    });
  }

  open(): void {
    this.#onEmpty = undefined;
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /** Nobody waits any more. */
  end(): void {
    this.#isEnded = true;
    this.#onEmpty?.(false);
    this.open();
  }
}
