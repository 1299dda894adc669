import { limits } from "../../limits.ts";

/** What a module was shown of earlier records, kept to be shown to an instance that takes another one's place. */
export class ShownInputs {
  #inputs: Uint8Array[] = [];
  #bytes = 0;

  /** True when there is nothing that an instance was shown and another one could not be. */
  get canRepeat(): boolean {
    return this.#bytes <= limits.replayedLookBackBytesMax.default;
  }

  /** In the order in which they were shown. */
  get inputs(): readonly Uint8Array[] {
    return this.#inputs;
  }

  keep(input: Uint8Array): void {
    this.#bytes += input.length;
    if (this.canRepeat) this.#inputs.push(input);
    else this.#inputs = [];
  }
}
