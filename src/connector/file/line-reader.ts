import type { FileHandle } from "node:fs/promises";
import { limits } from "../../limits.ts";
import type { Rejection } from "../../pipeline/index.ts";
import { type Frame, type FrameBuffer, frameOfLines, linesAt } from "../../record/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { advance, type Bookmark } from "./bookmark.ts";
import { readFailure } from "./errors.ts";

const lineFeed = 10;
const carriageReturn = 13;
/** First bytes of a line that is passed over: enough for a bookmark and for a sample. */
const firstBytesKept = 1024;
/** What is read at once at the least, where batches are small. */
const chunkBytesMin = 4096;
/** Room behind the largest line for its end, `\r\n`. */
const lineEndBytes = 2;

/** What a read of one file brings. */
export interface FileReading {
  readonly frame: Frame;
  readonly rejections: readonly Rejection[];
}

/** Reads the records of an open file. */
export interface FileReader {
  /** The place behind what was given. */
  readonly bookmark: Bookmark;
  /** Bytes of the file that were looked at: a file with fewer is not the one that it was. */
  readonly seenBytes: number;
  /**
   * The next records, or undefined at the end and when the signal aborts.
   * @param isComplete false keeps back what has not ended at the end of the file, since more may come
   */
  read(buffer: FrameBuffer, signal: AbortSignal, isComplete: boolean): Promise<FileReading | undefined>;
  /** Gives what was kept back, without a look at the file, which does not hold it any more; undefined: nothing. */
  finish(buffer: FrameBuffer): Promise<FileReading | undefined>;
  close(): void;
}

/**
 * The lines of a file. A line is a record without its line end (`\n` or `\r\n`); an empty line is an empty record, and
 * a last line without a line end is a record too. The offset of a record is the number of lines before it. Each read
 * begins at the first line that was not given yet, so that a line cut by the end of a chunk is read again rather than
 * carried along.
 */
export class LineReader implements FileReader {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #context: ConnectorContext;
  readonly #lineBytesMax = limits.recordBytesMax.default;
  readonly #chunkBytes: number;
  readonly #recordsMax: number;
  /** Bytes to read next: fewer than a chunk where the last one had more records than a batch may have. */
  #wishedBytes: number;
  #at: Bookmark;
  /** True when the read before came to the end of the file. */
  #isAtEnd = false;
  /** A last line that has not ended. */
  #keptBack: Uint8Array | undefined;

  constructor(path: string, handle: FileHandle, at: Bookmark, context: ConnectorContext) {
    this.#path = path;
    this.#handle = handle;
    this.#at = at;
    this.#context = context;
    // Within a chunk no line can be too large, so that only the first line, for which more is read, has to be measured.
    this.#chunkBytes = Math.min(context.batchBytes ?? limits.batchBytes.default, this.#lineBytesMax);
    this.#recordsMax = context.batchRecords ?? limits.batchRecordsMax.default;
    this.#wishedBytes = this.#chunkBytes;
  }

  get bookmark(): Bookmark {
    return this.#at;
  }

  get seenBytes(): number {
    return this.#at.byte + (this.#keptBack?.length ?? 0);
  }

  async read(
    buffer: FrameBuffer,
    signal: AbortSignal,
    isComplete: boolean,
  ): Promise<FileReading | undefined> {
    const end = await this.#fill(buffer);
    this.#keptBack = undefined;
    if (end === linesAt) return undefined;
    const firstEnd = buffer.kernel.findLineFeed(linesAt, end);
    const hasReturn = firstEnd > linesAt && buffer.bytes[firstEnd - 1] === carriageReturn;
    if (firstEnd - linesAt - (hasReturn ? 1 : 0) > this.#lineBytesMax)
      return this.#skipLine(buffer, end, signal, isComplete);
    // Without a line feed this is the last line: whatever else is not terminated would have been read on.
    const lastEnd = buffer.bytes.subarray(linesAt, end).lastIndexOf(lineFeed) + 1;
    if (lastEnd === 0 && !isComplete) {
      this.#keptBack = buffer.bytes.slice(linesAt, end);
      return undefined;
    }
    return this.#take(buffer, isComplete && (this.#isAtEnd || lastEnd === 0) ? end : linesAt + lastEnd);
  }

  async finish(buffer: FrameBuffer): Promise<FileReading | undefined> {
    const line = this.#keptBack;
    this.#keptBack = undefined;
    if (line === undefined) return undefined;
    buffer.used = linesAt;
    buffer.makeRoom(line.length);
    buffer.bytes.set(line, linesAt);
    return this.#take(buffer, linesAt + line.length);
  }

  close(): void {
    this.#keptBack = undefined;
  }

  /**
   * Reads a chunk, or as much as it takes to hold a whole line or one that is too large; gives the end of what was
   * read.
   */
  async #fill(buffer: FrameBuffer): Promise<number> {
    let end = linesAt;
    for (let bytesMax = this.#wishedBytes; ; bytesMax *= 2) {
      const target = linesAt + Math.min(bytesMax, this.#lineBytesMax + lineEndBytes);
      buffer.used = end;
      buffer.makeRoom(target - end);
      const from = end;
      end += await this.#readAt(this.#at.byte + end - linesAt, buffer, from, target);
      this.#isAtEnd = end < target;
      const hasLine = this.#isAtEnd || buffer.kernel.findLineFeed(from, end) < end;
      if (hasLine || end === linesAt + this.#lineBytesMax + lineEndBytes) return end;
    }
  }

  /**
   * Reads from a place of the file into `[from, to)` of the buffer; gives the number of bytes, fewer at the file's
   * end.
   */
  async #readAt(byte: number, buffer: FrameBuffer, from: number, to: number): Promise<number> {
    let done = 0;
    try {
      while (from + done < to) {
        const { bytesRead } = await this.#handle.read(
          buffer.bytes,
          from + done,
          to - from - done,
          byte + done,
        );
        if (bytesRead === 0) break;
        done += bytesRead;
      }
    } catch (error) {
      throw readFailure(this.#path, error);
    }
    return done;
  }

  #take(buffer: FrameBuffer, end: number): FileReading {
    const { frame, next } = frameOfLines(buffer, end, {
      offset: this.#at.line,
      timestamp: this.#context.clock.now(),
      recordsMax: this.#recordsMax,
    });
    const passed = buffer.bytes.subarray(linesAt, next);
    const isPart = next < end;
    this.#wishedBytes = isPart
      ? Math.min(this.#chunkBytes, Math.max(chunkBytesMin, passed.length * 2))
      : this.#chunkBytes;
    this.#at = advance(this.#at, {
      byteCount: passed.length,
      lineCount: frame.recordCount,
      first: passed,
      last: passed,
    });
    return { frame, rejections: [] };
  }

  /** Passes over a line that is too large, of which the buffer holds the first bytes, up to `end`. */
  async #skipLine(
    buffer: FrameBuffer,
    end: number,
    signal: AbortSignal,
    isComplete: boolean,
  ): Promise<FileReading | undefined> {
    const first = buffer.bytes.slice(linesAt, linesAt + firstBytesKept);
    let held = end;
    let passed = 0;
    for (;;) {
      const lineEnd = buffer.kernel.findLineFeed(linesAt, held);
      const isWhole = lineEnd < held;
      if (isWhole) held = lineEnd + 1;
      if (isWhole || (this.#isAtEnd && isComplete)) break;
      if (signal.aborted || this.#isAtEnd) return undefined;
      passed += held - linesAt;
      const more = await this.#readAt(this.#at.byte + passed, buffer, linesAt, linesAt + this.#chunkBytes);
      this.#isAtEnd = more < this.#chunkBytes;
      held = linesAt + more;
    }
    const byteCount = passed + held - linesAt;
    const rejection = {
      where: { file: this.#path, line: this.#at.line + 1 },
      code: "record.too-large",
      message: `the line has more than ${this.#lineBytesMax} bytes, the limit for one record`,
      sample: first.subarray(0, limits.sampleBytesMax.default),
    } as const;
    this.#at = advance(this.#at, {
      byteCount,
      lineCount: 1,
      first,
      last: buffer.bytes.subarray(linesAt, held),
    });
    const { frame } = frameOfLines(buffer, linesAt, { offset: this.#at.line });
    return { frame, rejections: [rejection] };
  }
}
