import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import type { Logger } from "../../base/index.ts";
import { messageOf } from "../../errors.ts";
import { append } from "./append.ts";
import { writeFailure } from "./errors.ts";

const lineFeed = 10;
const lineEnd = Uint8Array.of(lineFeed);

export interface OutputFileOptions {
  readonly path: string;
  /** Empties the file. */
  readonly truncate: boolean;
  /** Whether a line feed ends a record that breaks off. */
  readonly hasLines: boolean;
  readonly log: Logger;
}

/** A file that bytes are appended to. */
export class OutputFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #log: Logger;
  readonly #hasLines: boolean;
  /** False for devices and pipes, which have no size and no place on a disk. */
  readonly isRegular: boolean;
  /** Milliseconds since 1970 when the file was made; undefined where it has just been. */
  readonly madeAtMs: number | undefined;
  /** Where the file ends, as far as it was written here. */
  #size: number;
  /** True when something was written that may not be on the disk. */
  #isUnsynced = false;
  /** True while the file ends in the middle of a line that is to be ended before anything else is written. */
  isTorn = false;

  private constructor({ path, log, hasLines }: OutputFileOptions, handle: FileHandle, stat: Stats) {
    this.#path = path;
    this.#log = log;
    this.#hasLines = hasLines;
    this.#handle = handle;
    this.isRegular = stat.isFile();
    this.#size = this.isRegular ? stat.size : 0;
    // Not every file system knows when a file was made.
    this.madeAtMs = this.#size === 0 ? undefined : stat.birthtimeMs || stat.mtimeMs;
  }

  /** @throws MillraceError `file.unwritable` */
  static async open(options: OutputFileOptions): Promise<OutputFile> {
    const { O_RDWR, O_CREAT, O_APPEND, O_TRUNC } = constants;
    try {
      const handle = await open(options.path, O_RDWR | O_CREAT | O_APPEND | (options.truncate ? O_TRUNC : 0));
      try {
        const file = new OutputFile(options, handle, await handle.stat());
        if (file.isRegular && file.size === 0) await file.syncFolder();
        return file;
      } catch (error) {
        await handle.close();
        throw error;
      }
    } catch (error) {
      throw writeFailure(options.path, error);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** For reading what the file holds. */
  get handle(): FileHandle {
    return this.#handle;
  }

  /** Whether the last byte is a line feed. */
  async endsLine(): Promise<boolean> {
    const bytes = new Uint8Array(1);
    const { bytesRead } = await this.#handle.read(bytes, 0, 1, this.#size - 1);
    return bytesRead === 0 || bytes[0] === lineFeed;
  }

  /** Takes away what stands behind `size`. */
  async cut(size: number): Promise<void> {
    try {
      await this.#handle.truncate(size);
      this.#size = size;
      this.#isUnsynced = true;
    } catch (error) {
      throw writeFailure(this.#path, error);
    }
  }

  /** @throws MillraceError `file.unwritable`; then nothing of the bytes is there, as far as that could be achieved */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.isTorn) {
      this.#log.warn(
        `${this.#path} ends in the middle of a line; the line is ended there, and records follow`,
      );
      await this.#append(lineEnd);
      this.isTorn = false;
    }
    await this.#append(bytes);
  }

  /** Resolves when everything is on the disk. */
  async sync(): Promise<void> {
    if (!this.#isUnsynced || !this.isRegular) return;
    try {
      await this.#handle.datasync();
      this.#isUnsynced = false;
    } catch (error) {
      throw writeFailure(this.#path, error);
    }
  }

  /**
   * Makes the entry of a file in its folder durable: without it the bytes may be on the disk after a crash, and the file
   * missing.
   */
  async syncFolder(): Promise<void> {
    try {
      const folder = await open(dirname(this.#path), constants.O_RDONLY);
      await folder.sync().finally(() => folder.close());
    } catch (error) {
      // Not every system lets a folder be opened, or this user open this one, and the file can be written all the same.
      this.#log.debug(`the folder of ${this.#path} could not be synced: ${messageOf(error)}`);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#isUnsynced = true;
    const { byteCount, failure } = await append(this.#handle, bytes, this.#size);
    this.#size += byteCount;
    if (failure === undefined) return;
    // What could not be taken back is the beginning of a line.
    if (byteCount > 0 && this.#hasLines) this.isTorn = bytes[byteCount - 1] !== lineFeed;
    throw writeFailure(this.#path, failure);
  }
}
