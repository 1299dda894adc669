import type { FileHandle } from "node:fs/promises";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { FrameBuffer } from "../../record/index.ts";
import { type ByteInput, type Format, FormatReader, placeIn } from "../format/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { type Bookmark, bookmarkAt } from "./bookmark.ts";
import { readFailure } from "./errors.ts";
import { GzipInput } from "./gzip-input.ts";
import type { FileReader, FileReading } from "./line-reader.ts";

const never = new AbortController().signal;

/** The bytes of a file from a place on, as far as it goes at the time of asking. */
export class FileInput implements ByteInput {
  readonly #handle: FileHandle;
  #at: number;

  constructor(handle: FileHandle, at: number) {
    this.#handle = handle;
    this.#at = at;
  }

  async read(bytes: Uint8Array, from: number, to: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(bytes, from, to - from, this.#at);
    this.#at += bytesRead;
    return bytesRead;
  }

  /** The place up to which the file was read. */
  get at(): number {
    return this.#at;
  }
}

/** Nothing more than what is held already. */
const noInput: ByteInput = { read: async () => 0 };

export interface OpenFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly isArchive: boolean;
}

/** The records of a file in any format, and of a gzip archive. */
export class FormatFileReader implements FileReader {
  readonly #file: OpenFile;
  readonly #format: Format;
  readonly #context: ConnectorContext;
  #at: Bookmark;
  #reader: FormatReader;
  #input: ByteInput | undefined;
  /** Bytes of the archive when it was begun, and when it was last read to its end. */
  #sizeAtStart = 0;
  #sizeAtEnd: number | undefined;

  constructor(file: OpenFile, format: Format, at: Bookmark, context: ConnectorContext) {
    this.#file = file;
    this.#format = format;
    this.#context = context;
    this.#at = at;
    this.#reader = this.#newReader();
  }

  get bookmark(): Bookmark {
    return this.#at;
  }

  get seenBytes(): number {
    if (this.#file.isArchive) return this.#sizeAtEnd ?? 0;
    return this.#input instanceof FileInput ? this.#input.at : this.#at.byte;
  }

  async read(
    buffer: FrameBuffer,
    signal: AbortSignal,
    isComplete: boolean,
  ): Promise<FileReading | undefined> {
    if (await this.#hasNothingNew(isComplete)) return undefined;
    this.#input ??= await this.#openInput(buffer, signal);
    const reading = await this.#take(buffer, this.#input, signal, isComplete);
    if (reading === undefined && this.#file.isArchive && !signal.aborted) await this.#endArchive(isComplete);
    return reading;
  }

  async finish(buffer: FrameBuffer): Promise<FileReading | undefined> {
    return this.#take(buffer, noInput, never, true);
  }

  close(): void {
    if (this.#input instanceof GzipInput) this.#input.close();
    this.#input = undefined;
  }

  async #take(
    buffer: FrameBuffer,
    input: ByteInput,
    signal: AbortSignal,
    isComplete: boolean,
  ): Promise<FileReading | undefined> {
    try {
      const timestamp = this.#context.clock.now();
      const reading = await this.#reader.read(buffer, input, { signal, timestamp, isComplete });
      if (reading === undefined) return undefined;
      const { offset, state } = this.#reader;
      const { handle, isArchive } = this.#file;
      const place = { byte: this.#at.byte + reading.byteCount, line: offset };
      const format = isArchive ? `${this.#format.kind} gzip` : this.#format.kind;
      const at = await bookmarkAt(handle, place, isArchive);
      this.#at = { ...at, format, ...(state === undefined ? {} : { state }) };
      return reading;
    } catch (error) {
      // An archive that is followed may be in the middle of being written.
      if (!isComplete && input instanceof GzipInput && input.isCut) return undefined;
      throw MillraceError.is(error) ? error : readFailure(this.#file.path, error);
    }
  }

  #newReader(): FormatReader {
    return new FormatReader({
      format: this.#format,
      place: (offset) => placeIn(this.#file.path, this.#format, offset),
      batchBytes: this.#context.batchBytes,
      batchRecords: this.#context.batchRecords,
      offset: this.#at.line,
      state: this.#at.state,
    });
  }

  async #openInput(buffer: FrameBuffer, signal: AbortSignal): Promise<ByteInput> {
    const { path, handle, isArchive } = this.#file;
    if (!isArchive) return new FileInput(handle, this.#at.byte);
    this.#sizeAtStart = (await handle.stat()).size;
    const input = new GzipInput(path, handle);
    // An archive has no places to go to, so it is unpacked up to where reading stopped.
    buffer.makeRoom(limits.batchBytes.default);
    for (let left = this.#at.byte; left > 0; ) {
      const count = await input.read(
        buffer.bytes,
        0,
        Math.min(left, limits.batchBytes.default, buffer.bytes.length),
        signal,
      );
      if (count === 0) break;
      left -= count;
    }
    return input;
  }

  async #hasNothingNew(isComplete: boolean): Promise<boolean> {
    if (this.#sizeAtEnd === undefined || isComplete) return false;
    return (await this.#file.handle.stat()).size === this.#sizeAtEnd;
  }

  /** What has not ended is read anew with what is appended. */
  async #endArchive(isComplete: boolean): Promise<void> {
    if (isComplete) return;
    this.#sizeAtEnd = this.#sizeAtStart;
    this.close();
    this.#reader = this.#newReader();
  }
}
