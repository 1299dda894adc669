import { assert } from "./assert.ts";

/**
 * Hands items from one asynchronous loop to another, in order, never more than `capacity` at once. Who puts must know
 * that there is room, which holds where the items themselves are a fixed set that goes round.
 */
export class BoundedQueue<Item> {
  readonly #capacity: number;
  readonly #items: Item[] = [];
  readonly #takers: ((item: Item | undefined) => void)[] = [];
  #ended = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#items.length;
  }

  put(item: Item): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker(item);
      return;
    }
    assert(this.#items.length < this.#capacity, "a queue never holds more than its capacity");
    this.#items.push(item);
  }

  /** The next item, or undefined once the queue has ended and is empty. */
  take(): Promise<Item | undefined> {
    const item = this.#items.shift();
    if (item !== undefined || this.#ended) return Promise.resolve(item);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** No more items will come. What is in the queue can still be taken. */
  end(): void {
    this.#ended = true;
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }
}
