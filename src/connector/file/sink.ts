import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { assert } from "../../base/index.ts";
import { messageOf } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Sink } from "../../pipeline/index.ts";
import { type Batch, encodeLines, type RecordFailure } from "../../record/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { append } from "./append.ts";
import { writeFailure } from "./errors.ts";
import type { FileSettings } from "./settings.ts";

const lineFeed = 10;
const lineEnd = Uint8Array.of(lineFeed);

export function createFileSink(settings: FileSettings, context: ConnectorContext): Sink {
  return new FileSink(resolve(context.folder, settings.path), settings, context);
}

/**
 * Records as lines of a file. A flush resolves when they are on the disk. A record that holds a line feed is refused,
 * since it would read back as two.
 *
 * A crash can leave a last line that breaks off. It is not removed, since nothing tells a torn record of ours from
 * the last line of somebody who does not end files with a line feed: the next write ends that line first, so that no
 * record is glued to it. Records that were not acknowledged come again, whole. A write that fails while this process
 * lives is taken back.
 */
class FileSink implements Sink {
  readonly #path: string;
  readonly #settings: FileSettings;
  readonly #context: ConnectorContext;
  #handle: FileHandle | undefined;
  #isRegular = true;
  /** Where the file ends, as far as this sink has written it. */
  #size = 0;
  /** True while the file ends in the middle of a line. */
  #isTorn = false;
  /** Lines of small batches that wait for others: a call of the system costs as much as filtering some hundred records. */
  readonly #gathered = new Uint8Array(limits.batchBytes.default);
  #gatheredBytes = 0;
  /** True while something was written that may not be on the disk. */
  #isUnsynced = false;

  constructor(path: string, settings: FileSettings, context: ConnectorContext) {
    this.#path = path;
    this.#settings = settings;
    this.#context = context;
  }

  async open(): Promise<void> {
    const { O_RDWR, O_CREAT, O_APPEND, O_TRUNC } = constants;
    const truncate = this.#settings.append === false ? O_TRUNC : 0;
    try {
      this.#handle = await open(this.#path, O_RDWR | O_CREAT | O_APPEND | truncate);
      const stat = await this.#handle.stat();
      this.#isRegular = stat.isFile();
      if (!this.#isRegular) return;
      this.#size = stat.size;
      if (stat.size > 0) this.#isTorn = (await byteAt(this.#handle, stat.size - 1)) !== lineFeed;
      else await this.#syncFolder();
    } catch (error) {
      throw writeFailure(this.#path, error);
    }
  }

  async write(batch: Batch): Promise<readonly RecordFailure[]> {
    const { at, bytes, refused } = encodeLines(batch);
    if (this.#gatheredBytes + bytes > this.#gathered.length) await this.#writeGathered();
    const lines = batch.bytes.subarray(at, at + bytes);
    if (bytes > this.#gathered.length) {
      await this.#append(lines);
    } else {
      this.#gathered.set(lines, this.#gatheredBytes);
      this.#gatheredBytes += bytes;
    }
    return refused;
  }

  async flush(): Promise<void> {
    await this.#writeGathered();
    if (!this.#isUnsynced || !this.#isRegular) return;
    try {
      await this.#file.datasync();
      this.#isUnsynced = false;
    } catch (error) {
      throw writeFailure(this.#path, error);
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /**
   * Makes the entry of a new file durable: without it the bytes may be on the disk after a crash, and the file
   * missing.
   */
  async #syncFolder(): Promise<void> {
    try {
      const folder = await open(dirname(this.#path), constants.O_RDONLY);
      await folder.sync().finally(() => folder.close());
    } catch (error) {
      // Not every system lets a folder be opened, or this user open this one, and the file can be written all the same.
      this.#context.log.debug(`the folder of ${this.#path} could not be synced: ${messageOf(error)}`);
    }
  }

  get #file(): FileHandle {
    assert(this.#handle !== undefined, "a file is open while it is written");
    return this.#handle;
  }

  async #writeGathered(): Promise<void> {
    if (this.#gatheredBytes === 0) return;
    const lines = this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gatheredBytes = 0;
    await this.#append(lines);
  }

  async #append(lines: Uint8Array): Promise<void> {
    if (this.#isTorn) {
      this.#context.log.warn(
        `${this.#path} ends in the middle of a line; the line is ended there, and records follow`,
      );
      await this.#appendBytes(lineEnd);
    }
    await this.#appendBytes(lines);
  }

  async #appendBytes(lines: Uint8Array): Promise<void> {
    this.#isUnsynced = true;
    const { byteCount, failure } = await append(this.#file, lines, this.#size);
    this.#size += byteCount;
    if (byteCount > 0) this.#isTorn = lines[byteCount - 1] !== lineFeed;
    if (failure !== undefined) throw writeFailure(this.#path, failure);
  }
}

async function byteAt(handle: FileHandle, position: number): Promise<number | undefined> {
  const bytes = new Uint8Array(1);
  const { bytesRead } = await handle.read(bytes, 0, 1, position);
  return bytesRead === 0 ? undefined : bytes[0];
}
