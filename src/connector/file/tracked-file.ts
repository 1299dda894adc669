import { type FileHandle, open, stat } from "node:fs/promises";
import { MillraceError } from "../../errors.ts";
import type { FrameBuffer } from "../../record/index.ts";
import type { Format } from "../format/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { type Bookmark, differenceFrom, startOfFile } from "./bookmark.ts";
import { readFailure } from "./errors.ts";
import { FormatFileReader } from "./format-file-reader.ts";
import { isGzip } from "./gzip-input.ts";
import { type FileReader, type FileReading, LineReader } from "./line-reader.ts";

export interface TrackOptions {
  readonly format: Format;
  readonly context: ConnectorContext;
  readonly mayGrow: boolean;
}

/** What has become of a file since it was opened. */
export type Change = "same" | "moved" | "rewritten";

/** A file that is open, with the place up to which it was read. */
export class TrackedFile {
  readonly #handle: FileHandle;
  readonly #isArchive: boolean;
  readonly #options: TrackOptions;
  #reader: FileReader;
  path: string;
  /** Since when another file, or none, has this one's path; undefined while it has it. */
  movedAtMs: number | undefined;
  #isRewritten = false;

  private constructor(
    path: string,
    handle: FileHandle,
    isArchive: boolean,
    at: Bookmark,
    options: TrackOptions,
  ) {
    this.path = path;
    this.#handle = handle;
    this.#isArchive = isArchive;
    this.#options = options;
    this.#reader = this.#readerAt(at);
  }

  /**
   * Opens a file at its start, or at a bookmark where it is the file in which that was made. Where it is not, `mismatch`
   * is told why.
   * @throws MillraceError `file.not-found`, `file.unreadable`
   */
  static async open(
    path: string,
    at: Bookmark | undefined,
    options: TrackOptions,
    mismatch: (difference: string) => void,
  ): Promise<TrackedFile> {
    const handle = await openRegular(path);
    try {
      const isArchive = await isGzip(path, handle);
      const difference = at === undefined ? undefined : await misfit(at, handle, isArchive, options.format);
      if (difference !== undefined) mismatch(difference);
      const start = at === undefined || difference !== undefined ? startOfFile : at;
      return new TrackedFile(path, handle, isArchive, start, options);
    } catch (error) {
      await handle.close();
      throw MillraceError.is(error) ? error : readFailure(path, error);
    }
  }

  get bookmark(): Bookmark {
    return this.#reader.bookmark;
  }

  /** True when the file does not hold any more what was read of it: it is to be read from its start. */
  get isRewritten(): boolean {
    return this.#isRewritten;
  }

  /** The next records; undefined at the end of what the file has now. */
  read(buffer: FrameBuffer, signal: AbortSignal): Promise<FileReading | undefined> {
    return this.#reader.read(buffer, signal, !this.#options.mayGrow);
  }

  /** The rest of a file that nobody will write to any more, with a last record that has not ended. */
  readLast(buffer: FrameBuffer, signal: AbortSignal): Promise<FileReading | undefined> {
    return this.#reader.read(buffer, signal, true);
  }

  /** Goes back to the start of a file that was rewritten. Gives what was kept back of what it held before. */
  async startOver(buffer: FrameBuffer): Promise<FileReading | undefined> {
    const last = await this.#reader.finish(buffer);
    this.#reader.close();
    this.#reader = this.#readerAt(startOfFile);
    this.#isRewritten = false;
    return last;
  }

  /** Looks whether the path still leads here, and whether the file still holds what was read. */
  async look(nowMs: number): Promise<Change> {
    try {
      if (!(await this.isAt(this.path))) {
        this.movedAtMs ??= nowMs;
        return "moved";
      }
      this.movedAtMs = undefined;
      const { size } = await this.#handle.stat();
      this.#isRewritten =
        size < this.#reader.seenBytes ||
        (await differenceFrom(this.bookmark, this.#handle, this.#isArchive)) !== undefined;
      return this.#isRewritten ? "rewritten" : "same";
    } catch (error) {
      throw readFailure(this.path, error);
    }
  }

  /** Whether a path leads to this file. */
  async isAt(path: string): Promise<boolean> {
    const [there, here] = await Promise.all([stat(path).catch(() => undefined), this.#handle.stat()]);
    return there !== undefined && there.ino === here.ino && there.dev === here.dev;
  }

  async close(): Promise<void> {
    this.#reader.close();
    await this.#handle.close();
  }

  #readerAt(at: Bookmark): FileReader {
    const { format, context } = this.#options;
    if (format.kind === "lines" && !this.#isArchive)
      return new LineReader(this.path, this.#handle, at, context);
    const file = { path: this.path, handle: this.#handle, isArchive: this.#isArchive };
    return new FormatFileReader(file, format, at, context);
  }
}

async function misfit(
  at: Bookmark,
  handle: FileHandle,
  isArchive: boolean,
  format: Format,
): Promise<string | undefined> {
  const difference = await differenceFrom(at, handle, isArchive);
  if (difference !== undefined) return difference;
  const before = at.format ?? "lines";
  const now = isArchive ? `${format.kind} gzip` : format.kind;
  return before === now ? undefined : `it was read as ${before} before, and is read as ${now} now`;
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
