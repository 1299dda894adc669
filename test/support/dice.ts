import { Random } from "../../src/connector/generate/random.ts";

/** Chance that is the same again for the same seed, on every machine. */
export class Dice {
  readonly #random: Random;

  /** Each pair of numbers has a sequence of its own. */
  constructor(seed: number, index = 0) {
    this.#random = new Random(seed, index);
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    return this.#random.below(limit);
  }

  /** A whole number between both, which may be either of them. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in so many times; never for 0. */
  oneIn(times: number): boolean {
    return times > 0 && this.below(times) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.below(256));
  }
}
