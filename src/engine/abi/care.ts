import type { ErrorCode } from "../../errors.ts";
import type { Batch } from "../../record/index.ts";
import type { Caretaker, PartOfRecord } from "./contract.ts";

/** What takes the answers for a batch, and can fail a record of which there is none. */
interface Reader {
  fail(index: number, code: ErrorCode, message: string): void;
}

/** A batch on its way through one step, one record after another, as its caretaker wants it. */
export class Care {
  readonly #batch: Batch;
  readonly #caretaker: Caretaker;
  #index = 0;
  #origin: number;
  #part = 0;

  constructor(batch: Batch, caretaker: Caretaker) {
    this.#batch = batch;
    this.#origin = batch.originOf(0);
    this.#caretaker = caretaker;
  }

  /** Fails a record that its caretaker does not want to go in; false where it may. */
  isRefused(index: number, reader: Reader): boolean {
    const refusal = this.#caretaker.refusal(this.#at(index));
    if (refusal === undefined) return false;
    reader.fail(index, refusal.code, refusal.message);
    return true;
  }

  begin(index: number): void {
    this.#caretaker.begin(this.#at(index));
  }

  end(): void {
    this.#caretaker.end();
  }

  /** @param index never less than the one before */
  #at(index: number): PartOfRecord {
    while (this.#index < index) {
      const origin = this.#batch.originOf(++this.#index);
      // Parts of an expanded record stand in a row.
      this.#part = origin === this.#origin ? this.#part + 1 : 0;
      this.#origin = origin;
    }
    return { origin: this.#origin, part: this.#part };
  }
}
