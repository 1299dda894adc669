import { resolve } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { assert } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Sink } from "../../pipeline/index.ts";
import type { Batch, Encoded, Encoder, RecordFailure } from "../../record/index.ts";
import { encoderFor, type Format } from "../format/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { OutputFile } from "./output-file.ts";
import { boundaryWithin, firstBoundary } from "./record-ends.ts";
import { makeAppendable } from "./repair.ts";
import { moveAside } from "./rotation.ts";
import type { FileSettings } from "./settings.ts";

const pack = promisify(gzip);

export function createFileSink(settings: FileSettings, format: Format, context: ConnectorContext): Sink {
  if (settings.follow !== undefined) {
    const message = "`file.follow` belongs to file-source, and this is a file-sink";
    throw new MillraceError("config.invalid", message, { hint: "remove it" });
  }
  return new FileSink(resolve(context.folder, settings.path), settings, format, context);
}

/**
 * Records in a file, and in the next one when that is full or old. A flush resolves when they are on the disk. A record
 * that the format cannot hold is refused.
 *
 * A crash can leave a last record that breaks off. Records that were not acknowledged come again, whole; what is torn is
 * ended or taken away before the first of them, so that no record is glued to it. A write that fails while this process
 * lives is taken back. Of an archive, each flush ends a member, so that what was acknowledged can be unpacked after a
 * crash.
 */
class FileSink implements Sink {
  readonly #path: string;
  readonly #settings: FileSettings;
  readonly #format: Format;
  readonly #context: ConnectorContext;
  readonly #isArchive: boolean;
  #encoder: Encoder | undefined;
  #file: OutputFile | undefined;
  /** When the present file was begun. */
  #begunAtMs = 0;
  /** True while the file holds nothing, so that what belongs to its start is to be written first. */
  #isAtStart = true;
  /** Bytes of small batches that wait for others: a call of the system costs as much as filtering some hundred records. */
  readonly #gathered = new Uint8Array(limits.batchBytes.default);
  #gatheredBytes = 0;

  constructor(path: string, settings: FileSettings, format: Format, context: ConnectorContext) {
    this.#path = path;
    this.#settings = settings;
    this.#format = format;
    this.#context = context;
    this.#isArchive = path.endsWith(".gz");
  }

  async open(): Promise<void> {
    await this.#begin(this.#settings.append === false);
    const options = {
      path: this.#path,
      format: this.#format,
      isArchive: this.#isArchive,
      log: this.#context.log,
    };
    const state = await makeAppendable(this.#output, options);
    this.#isAtStart = this.#output.size === 0;
    this.#encoder = await encoderFor(this.#format, state);
  }

  async write(batch: Batch): Promise<readonly RecordFailure[]> {
    assert(this.#encoder !== undefined, "a sink is open while it is written to");
    const encoded = this.#encoder.encode(batch);
    if (encoded.bytes.length > 0) {
      if (this.#isTooOld()) await this.#rotate();
      if (this.#settings.rotate?.size === undefined) await this.#put(encoded.bytes);
      else await this.#putInFiles(encoded, this.#settings.rotate.size);
    }
    return encoded.refused;
  }

  async flush(): Promise<void> {
    await this.#writeGathered();
    await this.#output.sync();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  get #output(): OutputFile {
    assert(this.#file !== undefined, "a file is open while it is written");
    return this.#file;
  }

  /** Bytes of the file and of what waits to be written to it. */
  get #filledBytes(): number {
    return this.#output.size + this.#gatheredBytes;
  }

  async #begin(truncate: boolean): Promise<void> {
    const hasLines = !this.#isArchive && (this.#format.kind === "lines" || this.#format.kind === "csv");
    this.#file = await OutputFile.open({ path: this.#path, truncate, hasLines, log: this.#context.log });
    this.#begunAtMs = this.#file.madeAtMs ?? this.#context.clock.now();
    this.#isAtStart = this.#file.size === 0;
  }

  #isTooOld(): boolean {
    const intervalMs = this.#settings.rotate?.interval;
    if (intervalMs === undefined || this.#filledBytes === 0) return false;
    return this.#context.clock.now() - this.#begunAtMs >= intervalMs;
  }

  /** Puts records into this file as long as they fit, and the others into the next ones. */
  async #putInFiles({ bytes, ends }: Encoded, sizeMax: number): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      let room = sizeMax - this.#filledBytes - (this.#isAtStart ? (this.#encoder?.preamble?.length ?? 0) : 0);
      // How small records become in an archive is known when they are in it: it may pass its size once.
      if (this.#isArchive && this.#output.size < sizeMax) room = bytes.length;
      let to = boundaryWithin(bytes, ends, from, from + room);
      if (to === from) {
        if (this.#filledBytes > 0 && this.#output.isRegular) {
          await this.#rotate();
          continue;
        }
        // A record that is larger alone has a file of its own.
        to = firstBoundary(bytes, ends, from);
      }
      await this.#put(bytes.subarray(from, to));
      from = to;
    }
  }

  async #put(bytes: Uint8Array): Promise<void> {
    const preamble = this.#isAtStart ? this.#encoder?.preamble : undefined;
    this.#isAtStart = false;
    if (preamble !== undefined) await this.#gather(preamble);
    await this.#gather(bytes);
  }

  async #gather(bytes: Uint8Array): Promise<void> {
    if (this.#gatheredBytes + bytes.length > this.#gathered.length) await this.#writeGathered();
    if (bytes.length > this.#gathered.length) {
      await this.#append(bytes);
    } else {
      this.#gathered.set(bytes, this.#gatheredBytes);
      this.#gatheredBytes += bytes.length;
    }
  }

  async #writeGathered(): Promise<void> {
    if (this.#gatheredBytes === 0) return;
    const bytes = this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gatheredBytes = 0;
    await this.#append(bytes);
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#output.append(this.#isArchive ? await pack(bytes) : bytes);
  }

  /** Begins the next file, once the one before is whole, closed, and on the disk under its new name. */
  async #rotate(): Promise<void> {
    if (!this.#output.isRegular) return;
    await this.flush();
    await this.close();
    const path = await moveAside(this.#path);
    this.#context.log.info(`${path} is full; records go on in ${this.#path}`);
    // A new file makes its entry durable, and with it the new name of the old one.
    await this.#begin(false);
  }
}
