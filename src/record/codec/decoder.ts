import type { ErrorCode } from "../../errors.ts";
import type { Frame } from "../frame.ts";
import type { FrameBuffer } from "../frame-buffer.ts";
import type { FrameBase } from "../frame-builder.ts";
import type { Rest } from "./rest.ts";

export interface DecodeOptions extends FrameBase {
  readonly recordsMax?: number;
  /** Wished size of the frame's bytes, for formats whose records are longer than what they are made of. */
  readonly bytesMax?: number;
  /** True when nothing follows: what has not ended is a last record then, or has failed. */
  readonly isLast?: boolean;
  /** Takes a copy of the bytes that were not taken, since the columns of the frame may overwrite them. */
  readonly rest?: Rest;
}

/** Bytes that should be a record and are none. */
export interface DecodeFailure {
  /** Offset that the record would have had. */
  readonly offset: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** The first bytes of it. */
  readonly sample: Uint8Array;
}

/** What was taken out of the bytes that stand in a buffer. */
export interface Decoded {
  readonly frame: Frame;
  /** Where the first byte stands that was not taken: that of the first record that has not ended, or the end. */
  readonly next: number;
  /** Offset that the next record will have. */
  readonly nextOffset: number;
  readonly failures: readonly DecodeFailure[];
}

/**
 * Takes the records of one format out of bytes that come in parts. The bytes stand in a buffer from `linesAt` on, and
 * the frame takes their place. The next call gets what was not taken, with what came behind it.
 *
 * A record that is damaged becomes a failure, and those behind it are found all the same. Where a format has no way to
 * find them, the error says so.
 */
export interface Decoder {
  /** What offsets count: the lines of a text, or records. */
  readonly counts: "lines" | "records";
  /** What it takes to go on behind the last record that was given, such as the names of columns; undefined: nothing. */
  readonly state: string | undefined;
  /** More bytes than this are not needed at once: a record that has not ended in them is too large. */
  readonly heldBytesMax: number;
  /**
   * True when a call of `decode` would take something. Asked again with more bytes behind the same ones, it looks at
   * the new ones only.
   */
  hasRecord(buffer: FrameBuffer, end: number): boolean;
  /** @throws MillraceError where nothing can be found behind a damaged record; the records before it were given then */
  decode(buffer: FrameBuffer, end: number, options?: DecodeOptions): Decoded;
}
