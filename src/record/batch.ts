import type { ErrorCode } from "../errors.ts";
import { type Columns, columnsOf, copyColumns, wordsOf } from "./columns.ts";
import { Frame } from "./frame.ts";
import { FrameBuffer } from "./frame-buffer.ts";
import { absent, none, readInt64, writeInt64 } from "./layout.ts";
import { RecordView } from "./record-view.ts";

/** A record that a step failed, with the cause. */
export interface RecordFailure {
  /** Index of the record in the batch's frame. */
  readonly origin: number;
  /** What failed it, such as a module's name. */
  readonly by: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Where a batch stands, in a form that another thread can go on with; its bytes are in the memory of its buffer. */
export interface BatchState {
  readonly frameBytes: number;
  /** Bytes of the buffer that are in use. */
  readonly used: number;
  /** Records in play, and their columns where these are not the frame's own. */
  readonly count: number;
  readonly columns: Columns | undefined;
  readonly failures: readonly RecordFailure[];
  readonly singleLineEnd: number;
}

/**
 * A frame on its way through a chain: the frame as it came in, never written to, and beside it the records still in
 * play, in order, with what steps changed about them. Bytes that modules made stand behind the frame in the same
 * buffer, so that a record is always a set of spans into one memory, and nothing moves until somebody needs it
 * contiguous.
 *
 * A batch is reused: `start` gives it the next frame and ends the life of every view of the one before.
 */
export class Batch {
  readonly buffer: FrameBuffer;
  #frame: Frame | undefined;
  #count = 0;
  #columns: Columns | undefined;
  #scratch: Columns | undefined;
  /** Columns that are neither the present ones nor the scratch, while there are. */
  #spare: Columns | undefined;
  #failures: RecordFailure[] = [];
  #singleLineEnd = 0;
  #changes = 0;

  /** @param buffer the buffer whose frames this batch will carry */
  constructor(buffer: FrameBuffer = new FrameBuffer()) {
    this.buffer = buffer;
  }

  /**
   * A batch of its own for a frame that lives anywhere: the frame is copied once, behind which there is room for
   * changes. A program that does this often reuses one batch with `load`, which costs a copy and no memory.
   * @throws MillraceError `frame.memory` when some thousand batches are alive
   */
  static of(frame: Frame): Batch {
    return new Batch(new FrameBuffer(frame.bytes.length * 2)).load(frame);
  }

  /**
   * Gives up the frame it has and takes on a copy of another one that lives anywhere else.
   * @throws MillraceError `frame.memory`
   */
  load(frame: Frame): this {
    this.release();
    this.buffer.reserve(frame.bytes.length);
    this.buffer.bytes.set(frame.bytes);
    return this.start(new Frame(this.buffer.bytes.subarray(0, frame.bytes.length)));
  }

  /** Takes on a frame that was built at the start of this batch's buffer, or copied there. */
  start(frame: Frame): this {
    this.#frame = frame;
    this.#count = frame.recordCount;
    this.#columns = {
      origins: undefined,
      values: frame.values,
      keys: frame.keys,
      timestamps: frame.timestamps,
      headers: frame.headers,
    };
    this.#failures = [];
    this.#singleLineEnd = frame.singleLine ? frame.bytes.length : 0;
    this.#changes++;
    return this;
  }

  /** Where it stands, for another thread to `resume`. */
  state(): BatchState {
    const { untouched } = this;
    return {
      frameBytes: this.frame.bytes.length,
      used: this.buffer.used,
      count: this.#count,
      columns: untouched ? undefined : this.#columns,
      failures: this.#failures,
      singleLineEnd: this.#singleLineEnd,
    };
  }

  /** Goes on where another thread has left it, in the memory of its buffer. */
  resume(state: BatchState): this {
    const { frameBytes, used, count, columns, failures, singleLineEnd } = state;
    this.buffer.used = used;
    if (this.#frame === undefined) this.start(new Frame(this.buffer.bytes.subarray(0, frameBytes)));
    if (columns !== undefined) this.#columns = columns;
    this.#count = count;
    this.#failures = [...failures];
    this.#singleLineEnd = singleLineEnd;
    this.#changes++;
    return this;
  }

  /** Gives the frame up: the buffer is free for another, and every view expires. */
  release(): void {
    this.buffer.reset();
    this.#frame = undefined;
    this.#columns = undefined;
    this.#count = 0;
  }

  get frame(): Frame {
    return this.#frame as Frame;
  }

  /** Records in play. */
  get count(): number {
    return this.#count;
  }

  /** The memory that spans count in. Void after anything is reserved in the buffer. */
  get bytes(): Uint8Array {
    return this.buffer.bytes;
  }

  get columns(): Readonly<Columns> {
    return this.#columns as Columns;
  }

  get failures(): readonly RecordFailure[] {
    return this.#failures;
  }

  /** True while the records in play are exactly the frame, so that it can be moved as it is. */
  get untouched(): boolean {
    return this.#columns?.values === this.#frame?.values;
  }

  /** Values in play that end at or before this position hold no line feed; 0 where nothing is known of them. */
  get singleLineEnd(): number {
    return this.#singleLineEnd;
  }

  /** True when no value in play can hold a line feed: the frame says so, and no step has made bytes of its own. */
  get singleLine(): boolean {
    return this.#singleLineEnd > 0 && this.buffer.used <= this.#singleLineEnd;
  }

  /** Says that a step set a value to bytes of the frame that are not part of one value. */
  forgetSingleLine(): void {
    this.#singleLineEnd = 0;
  }

  /** Counts what ends the life of views: another frame, a step, a buffer that was given up. */
  get generation(): number {
    return this.#changes + this.buffer.generation;
  }

  fail(failure: RecordFailure): void {
    this.#failures.push(failure);
  }

  /** Index in the frame of the record that is at `index` now. */
  originOf(index: number): number {
    return this.#columns?.origins?.[index] ?? index;
  }

  /** Offset of a record of the frame in the topic or file it came from, or undefined where its source has none. */
  offsetOf(origin: number): number | undefined {
    const { offsets, baseOffset } = this.frame;
    if (offsets !== undefined) return readInt64(offsets, origin * 2);
    return baseOffset === none ? undefined : baseOffset + origin;
  }

  /**
   * Columns to write the next records into, with at least the room of the present ones. They may be the present ones:
   * a writer goes from the first record to the last and never writes ahead of where it reads.
   */
  scratch(): Columns {
    const room = this.#count;
    if (this.#scratch === undefined || this.#scratch.values.length < room * 2)
      this.#scratch = columnsOf(room, this.buffer.shared);
    return this.#withOptional(this.#scratch);
  }

  /**
   * Columns to write the next records into that are never the present ones, for a step that makes more records than it
   * gets. Asked again with what it gave and how many records were written there, it gives columns with room for more
   * and with those records.
   * @param room records that the columns are to hold
   */
  expansion(written: Columns | undefined, writtenCount: number, room: number): Columns {
    if (written === undefined && this.#scratch?.values === this.#columns?.values) {
      [this.#scratch, this.#spare] = [this.#spare, this.#scratch];
    }
    if (this.#scratch === undefined || this.#scratch.values.length < room * 2) {
      const larger = this.#withOptional(columnsOf(Math.max(room, writtenCount * 2), this.buffer.shared));
      if (written !== undefined) copyColumns(this.#withOptional(written), writtenCount, larger);
      this.#scratch = larger;
    }
    return this.#withOptional(this.#scratch);
  }

  /** Gives columns what the present ones have beside values. */
  #withOptional(columns: Columns): Columns {
    const present = this.columns;
    const { length } = columns.values;
    const { shared } = this.buffer;
    if (present.keys !== undefined) columns.keys ??= wordsOf(length, shared);
    if (present.timestamps !== undefined) columns.timestamps ??= wordsOf(length, shared);
    if (present.headers !== undefined) columns.headers ??= wordsOf(length, shared);
    return columns;
  }

  /** Gives every record in play a key column ("no key"), for a step that sets keys. */
  addKeys(): void {
    const columns = this.#columns as Columns;
    if (columns.keys !== undefined) return;
    columns.keys = noKeys(this.#count);
    // Records of this step that are written already have no key either.
    if (this.#scratch !== undefined) this.#scratch.keys = noKeys(this.#scratch.values.length / 2);
  }

  /** Gives every record in play a timestamp column (the frame's base), for a step that sets timestamps. */
  addTimestamps(): void {
    const columns = this.#columns as Columns;
    if (columns.timestamps !== undefined) return;
    const { baseTimestamp } = this.frame;
    columns.timestamps = sameTimestamps(this.#count, baseTimestamp);
    if (this.#scratch !== undefined)
      this.#scratch.timestamps = sameTimestamps(this.#scratch.values.length / 2, baseTimestamp);
  }

  /** Gives every record in play a header column (none), for a step that sets headers. */
  addHeaders(): void {
    const columns = this.#columns as Columns;
    if (columns.headers !== undefined) return;
    columns.headers = new Uint32Array(this.#count * 2);
    if (this.#scratch !== undefined) this.#scratch.headers = new Uint32Array(this.#scratch.values.length);
  }

  /** The first `count` records of what was written into `scratch` are in play from now on. */
  adopt(written: Columns, count: number): void {
    const present = this.columns;
    this.#columns = {
      origins: written.origins,
      values: written.values,
      keys: present.keys === undefined ? undefined : written.keys,
      timestamps: present.timestamps === undefined ? undefined : written.timestamps,
      headers: present.headers === undefined ? undefined : written.headers,
    };
    this.#count = count;
    this.#changes++;
  }

  /** The record at `index`, borrowed: valid until a step changes the batch, or it is released. */
  at(index: number): RecordView {
    return new RecordView(this, index);
  }

  /** The records in play, in order, each borrowed as in `at`. */
  *[Symbol.iterator](): Generator<RecordView> {
    for (let i = 0; i < this.#count; i++) yield this.at(i);
  }
}

function noKeys(recordCount: number): Uint32Array {
  const column = new Uint32Array(recordCount * 2);
  for (let i = 1; i < column.length; i += 2) column[i] = absent;
  return column;
}

function sameTimestamps(recordCount: number, timestamp: number): Uint32Array {
  const column = new Uint32Array(recordCount * 2);
  for (let i = 0; i < column.length; i += 2) writeInt64(column, i, timestamp);
  return column;
}
