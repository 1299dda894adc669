import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip, type Gunzip } from "node:zlib";
import { MillraceError, messageOf } from "../../errors.ts";
import { type ByteInput, StreamInput } from "../format/index.ts";

/** First bytes of every gzip archive: its mark, and the only method there is. */
const magic = [0x1f, 0x8b, 0x08] as const;

/** Whether a file is an archive: by its name, or by what it begins with. */
export async function isGzip(path: string, handle: FileHandle): Promise<boolean> {
  if (path.endsWith(".gz")) return true;
  const bytes = new Uint8Array(magic.length);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
  return bytesRead === bytes.length && magic.every((byte, index) => bytes[index] === byte);
}

/** Bytes that are read at once, and unpacked at once. */
const chunkBytes = 256 * 1024;

/** The first bytes of an open file, up to `end`, as a stream that leaves the file open. */
export function packedBytes(handle: FileHandle, end = Number.POSITIVE_INFINITY): Readable {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < end; ) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, end - at));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
      at += bytesRead;
    }
  }
  return Readable.from(chunks(), { objectMode: false, highWaterMark: chunkBytes });
}

/** The bytes that were packed into a gzip archive of any number of members. */
export class GzipInput implements ByteInput {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #gunzip: Gunzip = createGunzip({ chunkSize: chunkBytes });
  readonly #input = new StreamInput(this.#gunzip);
  #isFeeding = false;
  #failure: unknown;
  #isCut = false;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  /** True after a read that failed because the archive breaks off, as one does that is still being written. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** @throws MillraceError `gzip.invalid` where the archive is damaged, once all before that place was given */
  async read(bytes: Uint8Array, from: number, to: number, signal: AbortSignal): Promise<number> {
    if (!this.#isFeeding) this.#feed();
    this.#isFeeding = true;
    try {
      return await this.#readAll(bytes, from, to, signal);
    } catch (error) {
      if (this.#failure !== undefined) throw this.#failure;
      this.#isCut = error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR";
      throw damaged(this.#path, error, this.#isCut);
    }
  }

  close(): void {
    this.#gunzip.destroy();
  }

  /** An archive keeps nobody waiting, so that as much is read as there is room for. */
  async #readAll(bytes: Uint8Array, from: number, to: number, signal: AbortSignal): Promise<number> {
    let at = from;
    try {
      while (at < to) {
        const count = await this.#input.read(bytes, at, to, signal);
        if (count === 0) break;
        at += count;
      }
    } catch (error) {
      // What was unpacked before the damage is given first, and the next read meets it again.
      if (at === from) throw error;
    }
    return at - from;
  }

  #feed(): void {
    const file = packedBytes(this.#handle);
    file.on("error", (error) => {
      this.#failure = error;
      this.#gunzip.destroy(error);
    });
    this.#gunzip.once("close", () => file.destroy());
    file.pipe(this.#gunzip);
  }
}

function damaged(path: string, thrown: unknown, isCut: boolean): MillraceError {
  const what = isCut ? "the archive breaks off" : `the archive is damaged: ${messageOf(thrown)}`;
  return new MillraceError("gzip.invalid", what, {
    where: { file: path },
    hint: "what stands before the damage was read; `gzip --test` tells more, and a whole copy is read on from there",
    cause: thrown,
  });
}
