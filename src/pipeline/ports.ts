import type { ErrorCode, Where } from "../errors.ts";
import type { Batch, Frame, FrameBuffer, RecordFailure } from "../record/index.ts";
import type { Accumulator, Position } from "../topic/index.ts";

/** A record that Protocol or Extract could not turn into a record of a frame, such as a line over the limit. */
export interface Rejection {
  readonly where: Where;
  readonly code: ErrorCode;
  readonly message: string;
  /** The first bytes of it, for people, as a copy: it lives until the batch was written. */
  readonly sample: Uint8Array;
}

/** What one read of a source brings. */
export interface Reading {
  /** The records, in the buffer that was handed to `read`. May hold none, when all were rejected. */
  readonly frame: Frame;
  readonly rejections: readonly Rejection[];
  /** The place after these records, or undefined when the source cannot be read again from a place. */
  readonly position: Position | undefined;
  /**
   * Called once, after the records are durable at the other end, in the order of the readings. Absent where nobody
   * waits for it.
   * @param accumulators what the pipeline's aggregates have added up to there, for a source that keeps its place itself
   * @param leftOut indexes in the frame of records that something refused and that were left out, as `onError: skip`
   * says, for a source whose senders want to know
   */
  acknowledge?(accumulators?: readonly Accumulator[], leftOut?: ReadonlySet<number>): Promise<void>;
}

/**
 * Protocol and Extract of an inbound connector, or a topic as the inbound end of an outbound pipeline.
 *
 * Calls come in this order and never overlap: `open` once, then `read` until it gives undefined or the pipeline
 * stops, then `close` once, also after a failure of `open` or `read`. A source retries what may heal by itself (a
 * server that is away) inside `read` with backoff, and throws what will not.
 */
export interface Source {
  /** @param position where to go on, as a reading of an earlier run gave it; undefined: from the source's own start */
  open(position: Position | undefined): Promise<void>;
  /**
   * The next records, or undefined at the end. When `signal` aborts, it gives what it has, or undefined, soon.
   * @param buffer empty, owned by the source until the promise settles
   */
  read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined>;
  close(): Promise<void>;
  /** Where a record of a reading's frame came from, for error messages. */
  locate(frame: Frame, index: number): Where;
  /** How often a record was tried in earlier runs and given up, for a source that brings dead letters back. */
  attemptsBefore?(frame: Frame, index: number): number;
}

/** The place a batch reached, given to the sink with it. */
export interface BatchPosition {
  readonly source: Position | undefined;
  /** What the pipeline's aggregates have added up to there, to be kept with the place. */
  readonly accumulators?: readonly Accumulator[] | undefined;
}

/**
 * Extract (packing) and Protocol of an outbound connector, or a topic as the outbound end of an inbound pipeline.
 *
 * `open` once, then `write` for one batch after another and now and then `flush`, each call after the one before has
 * settled, then `close` once. Only what a `flush` has covered is acknowledged to the source, so a sink may gather
 * many writes into one flush.
 */
export interface Sink {
  /**
   * True where `write` takes every record, or rejects: no letter of the batch can follow then, and those of the batches
   * behind it are stored meanwhile.
   */
  readonly refusesNone?: boolean;
  open(): Promise<void>;
  /**
   * Takes over the batch's records in play, in order. Resolves with the records that were refused; rejects when the
   * batch as a whole was not accepted. The batch is the sink's until the promise settles, and free afterwards.
   */
  write(batch: Batch, position: BatchPosition): Promise<readonly RecordFailure[]>;
  /** Resolves once every record taken over so far is durable. */
  flush(): Promise<void>;
  close(): Promise<void>;
}
