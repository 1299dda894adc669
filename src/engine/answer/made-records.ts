import type { ErrorCode } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { type Batch, type Columns, copyOptionalColumns } from "../../record/index.ts";
import type { TransformCounts } from "../abi/contract.ts";
import type { GuestLimits } from "../guest-limits.ts";
import type { AnsweringModule } from "./answer-reader.ts";
import { tooMuchOfBatch, tooMuchOutput, tooMuchRecords } from "./output-limits.ts";

/** Records that a module made, in the order of what they were made of: spans of bytes that lie in the batch's buffer already. */
export interface Made {
  readonly count: number;
  /** Pairs (position, length). */
  readonly values: Uint32Array;
  readonly keys: Uint32Array;
  /** Index of the record that each was made of. */
  readonly sources: Uint32Array;
  /** Whether any of them has a key. Where the batch has keys, one without does not inherit its source's. */
  readonly hasKeys: boolean;
}

/**
 * Turns records that were made whole into the batch's next records. Who reads them has checked that their spans lie in what
 * the module handed over, and has moved that behind the batch; here nothing is looked at again but how much it is.
 */
export class MadeRecords {
  readonly #batch: Batch;
  readonly #module: string;
  readonly #limits: GuestLimits;
  readonly #counts: TransformCounts;
  readonly #expands: boolean;
  #next: Columns | undefined;
  #written = 0;
  #bytes = 0;
  // Counted here first, so that a batch whose end was never reached counts for nothing.
  #expanded = 0;
  #dropped = 0;
  #failed = 0;

  /** @param expands several records may be made of one */
  constructor(
    batch: Batch,
    { name, limits: own }: AnsweringModule,
    counts: TransformCounts,
    expands: boolean,
  ) {
    this.#batch = batch;
    this.#module = name;
    this.#limits = own;
    this.#counts = counts;
    this.#expands = expands;
  }

  /** Records that may still be made of this batch. */
  get room(): number {
    return limits.expandedRecordsMax.default - this.#written;
  }

  /** Bytes of keys and values that may be made of one record. */
  get recordBytesMax(): number {
    return this.#limits.recordOutputBytesMax;
  }

  /** Why a record fails of which so much is made; undefined where it may be. */
  tooMuch(recordCount: number, byteCount: number): string | undefined {
    const { recordExpansionMax, recordOutputBytesMax } = this.#limits;
    if (recordCount > recordExpansionMax) return tooMuchRecords(recordCount, recordExpansionMax);
    return byteCount > recordOutputBytesMax ? tooMuchOutput(byteCount, recordOutputBytesMax) : undefined;
  }

  /** Tells whether so many bytes fit beside what is made of the batch by now. */
  fits(byteCount: number): boolean {
    return this.#bytes + byteCount <= this.#limits.batchOutputBytesMax;
  }

  /** Why a record fails whose output does not fit. */
  tooMuchOfBatch(byteCount: number): string {
    return tooMuchOfBatch(byteCount, this.#limits.batchOutputBytesMax);
  }

  /** Moves bytes that fit behind the batch, and gives their position there. Views of the buffer are void. */
  move(memory: Uint8Array, at: number, length: number): number {
    const position = this.place(length);
    this.#batch.bytes.set(memory.subarray(at, at + length), position);
    return position;
  }

  /** A place behind the batch for bytes that fit. Views of the buffer are void. */
  place(length: number): number {
    const { buffer } = this.#batch;
    this.#bytes += length;
    // Right behind what is in use, since spans need no place of their own.
    buffer.makeRoom(length);
    const position = buffer.used;
    buffer.used += length;
    return position;
  }

  /** Gives back what was moved from this position on. */
  moveBack(position: number): void {
    const { buffer } = this.#batch;
    this.#bytes -= buffer.used - position;
    buffer.used = position;
  }

  /**
   * @param expanded how many records something was made of
   * @param dropped how many records nothing was made of
   */
  take(made: Made, expanded: number, dropped: number): void {
    this.#expanded += expanded;
    this.#dropped += dropped;
    const { count, sources } = made;
    if (count === 0) return;
    const batch = this.#batch;
    if (made.hasKeys) batch.addKeys();
    const written = this.#written;
    const next = this.#room(count);
    const present = batch.columns;
    const nextOrigins = next.origins as Uint32Array;
    const { origins } = present;
    for (let e = 0; e < count; e++) {
      const source = sources[e] as number;
      nextOrigins[written + e] = origins === undefined ? source : (origins[source] as number);
    }
    if (present.timestamps !== undefined || present.headers !== undefined) {
      for (let e = 0; e < count; e++) copyOptionalColumns(present, sources[e] as number, next, written + e);
    }
    next.values.set(made.values.subarray(0, count * 2), written * 2);
    if (present.keys !== undefined) next.keys?.set(made.keys.subarray(0, count * 2), written * 2);
    this.#written += count;
  }

  /** Fails a record of which nothing is made. */
  fail(index: number, code: ErrorCode, message: string): void {
    this.#batch.fail({ origin: this.#batch.originOf(index), by: this.#module, code, message });
    this.#failed++;
  }

  /** All records are done with: the made ones are in play from now on. */
  finish(): void {
    const counts = this.#counts;
    this.#batch.adopt(this.#room(0), this.#written);
    if (this.#expands) {
      counts.expanded += this.#expanded;
      counts.emitted += this.#written;
    } else counts.replaced += this.#written;
    counts.dropped += this.#dropped;
    counts.failed += this.#failed;
    counts.bytesOut += this.#bytes;
  }

  /** Columns with room for so many more. Where none is expanded, they may be the present ones. */
  #room(count: number): Columns {
    this.#next = this.#expands
      ? this.#batch.expansion(this.#next, this.#written, this.#written + count)
      : (this.#next ?? this.#batch.scratch());
    return this.#next;
  }
}
