import { type FileHandle, open, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { assert } from "../../base/index.ts";
import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import { type Frame, type FrameBuffer, frameOfLines, linesAt } from "../../record/index.ts";
import type { Position } from "../../topic/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { advance, type Bookmark, bookmarkOf, differenceFrom, startOfFile } from "./bookmark.ts";
import { readFailure } from "./errors.ts";
import type { FileSettings } from "./settings.ts";

const lineFeed = 10;
const carriageReturn = 13;
/** First bytes of a line that is passed over: enough for a bookmark and for a sample. */
const firstBytesKept = 1024;
/** Room behind the largest line for its end, `\r\n`. */
const lineEndBytes = 2;

export function createFileSource(settings: FileSettings, context: ConnectorContext): Source {
  if (settings.append !== undefined) {
    throw new MillraceError(
      "config.invalid",
      "`file.append` belongs to file-sink, and this is a file-source",
      {
        hint: "remove it",
      },
    );
  }
  return new FileSource(resolve(context.folder, settings.path), context);
}

/**
 * The lines of a file, to its end. A line is a record without its line end (`\n` or `\r\n`); an empty line is an empty
 * record, and a last line without a line end is a record too. The offset of a record is the number of lines before it.
 * Each read begins at the first line that was not given yet, so that a line cut by the end of a chunk is read again
 * rather than carried along.
 */
class FileSource implements Source {
  readonly #path: string;
  readonly #context: ConnectorContext;
  readonly #lineBytesMax = limits.recordBytesMax.default;
  readonly #chunkBytes: number;
  #handle: FileHandle | undefined;
  #at: Bookmark = startOfFile;
  /** True when the read before came to the end of the file. */
  #isAtEnd = false;

  constructor(path: string, context: ConnectorContext) {
    this.#path = path;
    this.#context = context;
    // Within a chunk no line can be too large, so that only the first line, for which more is read, has to be measured.
    this.#chunkBytes = Math.min(context.batchBytes ?? limits.batchBytes.default, this.#lineBytesMax);
  }

  async open(position: Position | undefined): Promise<void> {
    this.#handle = await openRegular(this.#path);
    if (position !== undefined) this.#at = await this.#resume(position);
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    if (signal.aborted) return undefined;
    const end = await this.#fill(buffer);
    if (end === linesAt) return undefined;
    const firstEnd = buffer.kernel.findLineFeed(linesAt, end);
    const hasReturn = firstEnd > linesAt && buffer.bytes[firstEnd - 1] === carriageReturn;
    if (firstEnd - linesAt - (hasReturn ? 1 : 0) > this.#lineBytesMax)
      return this.#skipLine(buffer, end, signal);
    // Without a line feed this is the last line: whatever else is not terminated would have been read on.
    const lastEnd = buffer.bytes.subarray(linesAt, end).lastIndexOf(lineFeed) + 1;
    return this.#take(buffer, this.#isAtEnd || lastEnd === 0 ? end : linesAt + lastEnd);
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  locate(frame: Frame, index: number): Where {
    return { file: this.#path, line: frame.baseOffset + index + 1 };
  }

  /**
   * Reads a chunk, or as much as it takes to hold a whole line or one that is too large; gives the end of what was
   * read.
   */
  async #fill(buffer: FrameBuffer): Promise<number> {
    let end = linesAt;
    for (let bytesMax = this.#chunkBytes; ; bytesMax *= 2) {
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
    while (from + done < to) {
      const { bytesRead } = await this.#try((file) =>
        file.read(buffer.bytes, from + done, to - from - done, byte + done),
      );
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  #take(buffer: FrameBuffer, end: number): Reading {
    const { frame, next } = frameOfLines(buffer, end, {
      offset: this.#at.line,
      timestamp: this.#context.clock.now(),
    });
    const passed = buffer.bytes.subarray(linesAt, next);
    this.#at = advance(this.#at, {
      byteCount: passed.length,
      lineCount: frame.recordCount,
      first: passed,
      last: passed,
    });
    return { frame, rejections: [], position: { ...this.#at } };
  }

  /** Passes over a line that is too large, of which the buffer holds the first bytes, up to `end`. */
  async #skipLine(buffer: FrameBuffer, end: number, signal: AbortSignal): Promise<Reading | undefined> {
    const first = buffer.bytes.slice(linesAt, linesAt + firstBytesKept);
    let held = end;
    let passed = 0;
    for (;;) {
      const lineEnd = buffer.kernel.findLineFeed(linesAt, held);
      const isWhole = lineEnd < held;
      if (isWhole) held = lineEnd + 1;
      if (isWhole || this.#isAtEnd) break;
      if (signal.aborted) return undefined;
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
    return { frame, rejections: [rejection], position: { ...this.#at } };
  }

  async #resume(position: Position): Promise<Bookmark> {
    const bookmark = bookmarkOf(position);
    const difference =
      bookmark === undefined
        ? "the stored position is not one of a file"
        : await this.#try((file) => differenceFrom(bookmark, file));
    if (bookmark !== undefined && difference === undefined) return bookmark;
    this.#context.log.warn(
      `${this.#path} is not the file that was read before (${difference}); it is read from its start`,
    );
    return startOfFile;
  }

  async #try<Result>(work: (file: FileHandle) => Promise<Result>): Promise<Result> {
    assert(this.#handle !== undefined, "a file is open while it is read");
    try {
      return await work(this.#handle);
    } catch (error) {
      throw readFailure(this.#path, error);
    }
  }
}

async function openRegular(path: string): Promise<FileHandle> {
  try {
    // Looked at before it is opened, since opening a pipe waits until somebody writes to it.
    const found = await stat(path);
    if (found.isFile()) return await open(path, "r");
    const kind = found.isDirectory() ? "a folder" : "no regular file";
    throw new MillraceError("file.unreadable", `the path to read leads to ${kind}`, {
      where: { file: path },
      hint: "name a file in `path`",
    });
  } catch (error) {
    throw MillraceError.is(error) ? error : readFailure(path, error);
  }
}
