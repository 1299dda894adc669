import type { ServerResponse } from "node:http";
import type { Header } from "../../record/index.ts";
import { answer } from "./answer.ts";

export interface DeliveryParts {
  readonly values: readonly Uint8Array[];
  readonly key: Uint8Array | undefined;
  readonly headers: readonly Header[];
  readonly bytes: number;
  /** True when no further request is wanted on the connection. */
  isLast(): boolean;
}

/** The records of one request, on their way until all of them are stored and the sender is told. */
export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #response: ServerResponse;
  readonly #onSettled: (delivery: Delivery) => void;
  /** Records that were put into frames, those of which it is known what became of them, and those left out. */
  #given = 0;
  #settled = 0;
  #leftOut = 0;
  #isSettled = false;

  constructor(parts: DeliveryParts, response: ServerResponse, onSettled: (delivery: Delivery) => void) {
    this.#parts = parts;
    this.#response = response;
    this.#onSettled = onSettled;
  }

  get bytes(): number {
    return this.#parts.bytes;
  }

  get key(): Uint8Array | undefined {
    return this.#parts.key;
  }

  get headers(): readonly Header[] {
    return this.#parts.headers;
  }

  /** The next record to be put into a frame. */
  get next(): Uint8Array | undefined {
    return this.#parts.values[this.#given];
  }

  /** True when the sender has gone before any record of it was taken: it will send again. */
  get isGone(): boolean {
    return this.#given === 0 && this.#response.req.socket.destroyed;
  }

  /** True when some of its records are in a frame and others are not. */
  get isBegun(): boolean {
    return this.#given > 0 && this.next !== undefined;
  }

  take(): void {
    this.#given++;
  }

  /** So many records of it are stored, apart from those that were left out. */
  stored(count: number, leftOut: number): void {
    this.#settled += count;
    this.#leftOut += leftOut;
    if (this.#settled < this.#parts.values.length) return;
    if (this.#leftOut === 0) this.settle(200, "");
    else if (this.#parts.values.length === 1) this.settle(422, "the record was refused");
    else
      this.settle(
        422,
        `${this.#leftOut} of ${this.#parts.values.length} records were refused, the others are stored`,
      );
  }

  /** Tells the sender what became of it, once. */
  settle(status: number, text: string, headers: Record<string, string> = {}): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    const last = this.#parts.isLast() ? { connection: "close" } : {};
    answer(this.#response, status, text, { ...last, ...headers });
    this.#onSettled(this);
  }
}
