import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Rejection } from "../../pipeline/index.ts";
import {
  csvDecoder,
  type Decoded,
  type Decoder,
  type Frame,
  type FrameBuffer,
  jsonValuesDecoder,
  LinesDecoder,
  lengthPrefixedDecoder,
  linesAt,
  msgpackDecoder,
  Rest,
  readInt64,
} from "../../record/index.ts";
import type { Format } from "./schema.ts";

/** @param state of a decoder of the same format, to go on where it stopped */
function decoderFor(format: Format, state?: string): Decoder {
  switch (format.kind) {
    case "lines":
      return new LinesDecoder();
    case "csv":
      return csvDecoder(format.options, state);
    case "json":
      return jsonValuesDecoder(format.options, state);
    case "msgpack":
      return msgpackDecoder();
    case "length-prefixed":
      return lengthPrefixedDecoder(format.options);
  }
}

/** Bytes that come one behind the other: of a file, a socket, an archive. */
export interface ByteInput {
  /**
   * Puts some bytes into `[from, to)`, which is not empty, and gives their number: as many as are there at once, and
   * waits only where there are none. 0 at the end, and when the signal aborts.
   */
  read(bytes: Uint8Array, from: number, to: number, signal: AbortSignal): Promise<number>;
}

/** What one read took out of the bytes. */
export interface FormatReading {
  readonly frame: Frame;
  readonly rejections: readonly Rejection[];
  /** Bytes of the input up to the end of the last record that was taken. */
  readonly byteCount: number;
}

export interface FormatReaderOptions {
  readonly format: Format;
  /** Name of what is read, for places: a path or a URL. */
  readonly place: (offset: number) => Where;
  /** Wished size of a reading. */
  readonly batchBytes?: number | undefined;
  /** Most records of a reading. */
  readonly batchRecords?: number | undefined;
  /** Where to go on: offset of the next record, and what the decoder knew there. */
  readonly offset?: number;
  readonly state?: string | undefined;
  /** False keeps back what has not ended at the end of the input, since more may come; true takes it, as is usual. */
  readonly isComplete?: boolean;
}

/**
 * Reads records of any format out of bytes that come in parts: the one way from bytes to frames that all connectors
 * share.
 */
export class FormatReader {
  readonly #options: FormatReaderOptions;
  readonly #decoder: Decoder;
  readonly #rest = new Rest();
  #offset: number;
  #takenBytes = 0;
  /** Of these, those that the reading before had. */
  #givenBytes = 0;
  #isAtEnd = false;

  constructor(options: FormatReaderOptions) {
    this.#options = options;
    this.#decoder = decoderFor(options.format, options.state);
    this.#offset = options.offset ?? 0;
  }

  /** Offset that the next record will have: of lines before it where the format has lines, else of records. */
  get offset(): number {
    return this.#offset;
  }

  /** What it takes, beside the offset, to go on behind the last record that was given. */
  get state(): string | undefined {
    return this.#decoder.state;
  }

  /** Bytes of the input up to the end of the last record, or of what is none, such as a header. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /**
   * The next records; undefined at the end of the input, or when the signal aborts. Asked again after an end that was
   * not complete, it goes on where the input has got more bytes.
   *
   * @param isComplete says at the end of the input that no more can come, in place of the option
   * @throws MillraceError where a damaged record leaves no way to find another, and what the input throws
   */
  async read(
    buffer: FrameBuffer,
    input: ByteInput,
    { signal, timestamp, isComplete }: { signal: AbortSignal; timestamp: number; isComplete?: boolean },
  ): Promise<FormatReading | undefined> {
    const isLastAtEnd = isComplete ?? this.#options.isComplete ?? true;
    this.#isAtEnd = false;
    for (;;) {
      const end = await this.#fill(buffer, input, signal);
      if (signal.aborted && !this.#decoder.hasRecord(buffer, end)) {
        this.#rest.keep(buffer.bytes, linesAt, end);
        return undefined;
      }
      const isLast = this.#isAtEnd && isLastAtEnd && !signal.aborted;
      const decoded = this.#decode(buffer, end, timestamp, isLast);
      this.#offset = decoded.nextOffset;
      this.#takenBytes += decoded.next - linesAt;
      if (decoded.frame.recordCount > 0 || decoded.failures.length > 0) return this.#taken(decoded);
      if (this.#isAtEnd && (isLast || decoded.next === linesAt)) return undefined;
    }
  }

  /** Reads about as much as a reading is to have, or what is there at once, and more until a record is whole. */
  async #fill(buffer: FrameBuffer, input: ByteInput, signal: AbortSignal): Promise<number> {
    const heldMax = this.#decoder.heldBytesMax;
    const wished = Math.min(this.#options.batchBytes ?? limits.batchBytes.default, heldMax);
    let end = linesAt + this.#rest.length;
    let target = linesAt + Math.max(wished, this.#rest.length);
    buffer.used = linesAt;
    buffer.makeRoom(target - linesAt);
    this.#rest.copyTo(buffer.bytes, linesAt);
    while (!this.#isAtEnd && (end === linesAt || !this.#decoder.hasRecord(buffer, end))) {
      if (end === target) {
        target = linesAt + Math.min((end - linesAt) * 2, heldMax);
        buffer.used = end;
        buffer.makeRoom(target - end);
      }
      const count = await input.read(buffer.bytes, end, target, signal);
      this.#isAtEnd = count === 0;
      end += count;
    }
    return end;
  }

  #decode(buffer: FrameBuffer, end: number, timestamp: number, isLast: boolean): Decoded {
    try {
      return this.#decoder.decode(buffer, end, {
        offset: this.#offset,
        timestamp,
        isLast,
        rest: this.#rest,
        bytesMax: this.#options.batchBytes ?? limits.batchBytes.default,
        recordsMax: this.#options.batchRecords ?? limits.batchRecordsMax.default,
      });
    } catch (error) {
      if (!MillraceError.is(error) || error.where !== undefined) throw error;
      const where = this.#options.place(this.#offset);
      throw new MillraceError(error.code, error.message, { where, hint: error.hint, cause: error });
    }
  }

  #taken({ frame, failures }: Decoded): FormatReading {
    const byteCount = this.#takenBytes - this.#givenBytes;
    this.#givenBytes = this.#takenBytes;
    const rejections = failures.map(({ offset, ...failure }) => ({
      ...failure,
      where: this.#options.place(offset),
    }));
    return { frame, rejections, byteCount };
  }
}

/** Offset of a record in a frame that a `FormatReader` gave. */
export function offsetIn(frame: Frame, index: number): number {
  return frame.offsets === undefined ? frame.baseOffset + index : readInt64(frame.offsets, index * 2);
}

/** The place of an offset in a file, or in anything that is read like one. */
export function placeIn(file: string, format: Format, offset: number): Where {
  const hasLines = format.kind === "lines" || format.kind === "csv";
  return hasLines ? { file, line: offset + 1 } : { file, record: offset + 1 };
}
