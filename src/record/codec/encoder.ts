import type { Batch, RecordFailure } from "../batch.ts";

/** Records as bytes. */
export interface Encoded {
  /** Valid until the encoder or the batch is used again. */
  readonly bytes: Uint8Array;
  /** Records that the format cannot hold. They are not among the bytes. */
  readonly refused: readonly RecordFailure[];
  /** Where each record ends in `bytes`; undefined where each ends with a line feed and holds no other. */
  readonly ends: Uint32Array | undefined;
}

/** Writes the records in play of batches in one format, one behind the other. */
export interface Encoder {
  /** @throws MillraceError `frame.too-large` when the memory has no room for them */
  encode(batch: Batch): Encoded;
  /** What must stand at the start of a file before the records that were encoded last; absent where nothing must. */
  readonly preamble?: Uint8Array | undefined;
}
