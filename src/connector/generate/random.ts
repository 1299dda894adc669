/**
 * A small generator of pseudo-random numbers that is the same on every machine. Good enough for made-up records only.
 */
export class Random {
  #state: number;

  /** Each pair of numbers has a sequence of its own, so that any record can be made without those before it. */
  constructor(seed: number, index: number) {
    const high = Math.floor(index / 4294967296);
    this.#state = mix(mix(mix(seed | 0) ^ (index | 0)) ^ high ^ Math.floor(seed / 4294967296));
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    return Math.floor((mix(this.#state) / 4294967296) * limit);
  }

  /** One of the given things. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }

  /** A hexadecimal text of `digits` digits. */
  hex(digits: number): string {
    let text = "";
    for (; text.length < digits; ) text += this.below(65_536).toString(16).padStart(4, "0");
    return text.slice(0, digits);
  }
}

/**
 * Scatters 32 bits, so that neighbouring inputs have nothing in common. The constants are those of MurmurHash3's last
 * step.
 */
function mix(input: number): number {
  let bits = input | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
