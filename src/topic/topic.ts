import type { Batch, Frame, FrameBuffer } from "../record/index.ts";

/** A place in a source, as plain data that survives a restart. Only the source that made it reads it. */
export type Position = { readonly [name: string]: string | number | boolean | null };

/**
 * The place that a pipeline's source has reached, stored under the pipeline's name together with the records up to
 * there.
 */
export interface SourcePosition {
  readonly pipeline: string;
  /** Undefined for a source that has no places; what was stored of one stays as it is. */
  readonly position: Position | undefined;
  /** What the pipeline's aggregates have added up to there; what is not named stays as it was stored last. */
  readonly accumulators?: readonly Accumulator[] | undefined;
  /** Pipeline whose accumulators these are, where it is another one than the place is stored for. */
  readonly accumulatorsOf?: string | undefined;
}

/** What an aggregate has added up, under the name of its step. */
export interface Accumulator {
  readonly step: string;
  readonly bytes: Uint8Array;
}

/** Whose accumulators these are: a pipeline that writes the topic, or a consumer that reads it. */
export type AccumulatorOwner = { readonly pipeline: string } | { readonly consumer: string };

export interface Appended {
  /** Offset of the first record of the batch. */
  readonly firstOffset: number;
  /** Offset that the next record will have. */
  readonly nextOffset: number;
}

/** Where a consumer without a committed offset begins. */
export type StartOffset =
  | { readonly from: "beginning"; readonly skip: number }
  | { readonly from: "end"; readonly back: number }
  | { readonly from: "offset"; readonly offset: number };

/** Offset of the oldest record that is kept, and the offset that the next record will have. Equal: there are none. */
export interface TopicBounds {
  readonly first: number;
  readonly next: number;
}

/**
 * A durable, ordered log of records. Offsets start at 0 and rise by one for each record; they are never reused, not
 * even when everything was trimmed away. Any number of processes may read while others append; appends of several
 * processes are put one after the other. What a reader sees is durable.
 *
 * Every method throws or rejects with MillraceError `topic.store` when the store cannot be read or written or has
 * been closed, and with `topic.corrupt` when what is read is not what was written.
 */
export interface Topic {
  readonly name: string;

  /**
   * Appends the batch's records in play, in order, and stores the source's position with them: both are there after a
   * crash, or neither. Resolves once both are durable; appends made before that wait for their turn. The batch is
   * free again when the promise settles. Records get the time of the append when nothing in the batch has a
   * timestamp. A batch without records stores its position alone.
   * @throws MillraceError `frame.too-large` when the records do not fit one frame; `topic.name` for a pipeline
   * without a usable name
   */
  append(batch: Batch, source?: SourcePosition): Promise<Appended>;

  /**
   * Reads the stored frame that holds `offset`, into `buffer` (from its start, whatever was there expires) with its
   * records numbered; records before `offset` are cut off. Undefined when there is no record at `offset` or later. An
   * offset that was trimmed away reads from the oldest record there is.
   */
  read(offset: number, buffer: FrameBuffer): Frame | undefined;

  bounds(): TopicBounds;

  /**
   * Offset of the first record that was stored together with the one at `offset`, which is there: reading from it gives
   * all of them.
   */
  batchStart(offset: number): number;

  /** The stored position of a pipeline's source, or undefined. */
  sourcePosition(pipeline: string): Position | undefined;

  /** The accumulators that were stored last with a pipeline's position or a consumer's offset, ordered by step. */
  accumulators(owner: AccumulatorOwner): readonly Accumulator[];

  /** The offset a named consumer goes on from, or undefined when it has not committed yet. */
  consumerOffset(consumer: string): number | undefined;

  /**
   * Stores the offset a named consumer goes on from, and with it what its aggregates have added up to there: both are
   * there after a crash, or neither. Resolves once it is durable.
   * @throws MillraceError `topic.name` for a consumer without a usable name
   */
  commitConsumerOffset(
    consumer: string,
    offset: number,
    accumulators?: readonly Accumulator[],
  ): Promise<void>;

  /** Names of consumers that have committed, with their offsets. */
  consumers(): ReadonlyMap<string, number>;

  /** Removes whole stored frames that end at or before `offset`, the oldest first. */
  trim(offset: number): Promise<void>;

  /**
   * Resolves when there is a record at `offset` or later, from whichever process; rejects with the signal's reason on
   * abort.
   */
  waitFor(offset: number, signal: AbortSignal): Promise<void>;
}

export interface TopicSummary {
  readonly name: string;
  readonly first: number;
  readonly next: number;
  /** Size on disk, in bytes. */
  readonly storedBytes: number;
}

/** Where topics are kept. */
export interface TopicStore {
  /** What people call this store, such as its folder. */
  readonly location: string;
  /**
   * Opens a topic, creating it first when `create` is set. The same topic is the same object until the store is closed.
   * @throws MillraceError `topic.name`, `topic.not-found`, `topic.store`, `topic.corrupt`
   */
  open(name: string, options?: { readonly create?: boolean }): Promise<Topic>;
  /**
   * Deletes a topic with all that was stored in it: records, positions and offsets. A topic that this store has open is
   * closed by it. After a crash the topic is whole or gone.
   * @throws MillraceError `topic.name`, `topic.not-found`, `topic.store`; `topic.in-use` when another process works on
   * it
   */
  delete(name: string): Promise<void>;
  /** All topics, ordered by name. */
  list(): Promise<readonly TopicSummary[]>;
  /** Waits until everything that was appended is stored, then lets go of all topics. Who waits for records is told. */
  close(): Promise<void>;
}
