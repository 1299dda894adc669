import { textOf } from "../base/index.ts";
import { MillraceError } from "../errors.ts";
import type { Columns } from "./columns.ts";
import type { Frame } from "./frame.ts";
import { absent, none, readInt64 } from "./layout.ts";
import { decodeHeaders, type Header } from "./record.ts";

/** What a view reads: a batch, of which it needs no more than this. */
export interface ViewedBatch {
  readonly generation: number;
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly frame: Frame;
  readonly columns: Readonly<Columns>;
  originOf(index: number): number;
  offsetOf(origin: number): number | undefined;
}

/**
 * One record of a batch, borrowed: it reads the batch's memory, and ends when a step changes the batch or the batch is
 * released. Copy what has to live longer (`value.slice()`, `text`); used later, a view throws `record.view-expired`.
 */
export class RecordView {
  readonly #batch: ViewedBatch;
  readonly #index: number;
  readonly #generation: number;

  constructor(batch: ViewedBatch, index: number) {
    this.#batch = batch;
    this.#index = index;
    this.#generation = batch.generation;
  }

  /** The value's bytes, not copied. */
  get value(): Uint8Array {
    return this.#span(this.#live().columns.values) as Uint8Array;
  }

  /** The value as UTF-8 text. */
  get text(): string {
    return textOf(this.value);
  }

  /** The key's bytes, not copied; undefined where the record has no key. */
  get key(): Uint8Array | undefined {
    const keys = this.#live().columns.keys;
    return keys === undefined ? undefined : this.#span(keys);
  }

  /** Milliseconds since 1970, or undefined. */
  get timestamp(): number | undefined {
    const batch = this.#live();
    const { timestamps } = batch.columns;
    const value =
      timestamps === undefined ? batch.frame.baseTimestamp : readInt64(timestamps, this.#index * 2);
    return value === none ? undefined : value;
  }

  /** Offset in the topic or file the record came from, or undefined. */
  get offset(): number | undefined {
    const batch = this.#live();
    return batch.offsetOf(batch.originOf(this.#index));
  }

  get headers(): readonly Header[] {
    const { headers } = this.#live().columns;
    return headers === undefined ? [] : decodeHeaders(this.#span(headers) as Uint8Array);
  }

  #span(spans: Uint32Array): Uint8Array | undefined {
    const at = spans[this.#index * 2] as number;
    const length = spans[this.#index * 2 + 1] as number;
    return length === absent ? undefined : this.#batch.bytes.subarray(at, at + length);
  }

  #live(): ViewedBatch {
    if (this.#generation !== this.#batch.generation || this.#index >= this.#batch.count) {
      throw new MillraceError(
        "record.view-expired",
        `the view of record ${this.#index} was used after its batch had gone on, or there never was such a record`,
        { hint: "copy what you keep (record.value.slice() or record.text) before the next step or batch" },
      );
    }
    return this.#batch;
  }
}
