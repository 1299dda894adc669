interface Sample {
  readonly atMs: number;
  readonly count: number;
}

/** The speed at which a count rises, over the last few seconds. */
export class RateMeter {
  readonly #windowMs: number;
  readonly #samples: Sample[] = [];

  /** @param windowMs how far back the speed is looked for; samples are to be closer than that */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Takes the count of now, and returns counts per second, or undefined while there is nothing to compare with. */
  sample(count: number, atMs: number): number | undefined {
    this.#samples.push({ atMs, count });
    while (this.#samples.length > 2 && (this.#samples[0]?.atMs ?? 0) < atMs - this.#windowMs)
      this.#samples.shift();
    const oldest = this.#samples[0];
    if (oldest === undefined || oldest.atMs >= atMs) return undefined;
    return ((count - oldest.count) * 1000) / (atMs - oldest.atMs);
  }
}
