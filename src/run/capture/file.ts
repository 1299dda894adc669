import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { MillraceError, messageOf } from "../../errors.ts";
import type { CaptureBytes } from "./reader.ts";

/** The file as it is called while it is written. */
function partialName(file: string): string {
  return `${file}.partial`;
}

/**
 * A file that appears under its name when all of it is on the disk. Until then it has another name, under which a crash leaves
 * what was written, and the file that was there before is as it was.
 */
export class WholeFile {
  readonly #name: string;
  readonly #handle: FileHandle;
  #bytes = 0;

  private constructor(name: string, handle: FileHandle) {
    this.#name = name;
    this.#handle = handle;
  }

  /** @throws MillraceError `file.unwritable` */
  static async create(name: string): Promise<WholeFile> {
    return new WholeFile(name, await orUnwritable(name, () => open(partialName(name), "w", 0o600)));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @throws MillraceError `file.unwritable` */
  async append(bytes: Uint8Array): Promise<void> {
    await orUnwritable(this.#name, () => this.#handle.writeFile(bytes));
    this.#bytes += bytes.length;
  }

  /** Gives it its name. @throws MillraceError `file.unwritable` */
  async finish(): Promise<void> {
    await orUnwritable(this.#name, async () => {
      await this.#handle.sync();
      await this.#handle.close();
      await rename(partialName(this.#name), this.#name);
      await syncFolder(dirname(this.#name));
    });
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(partialName(this.#name), { force: true });
  }
}

/** Makes the new name of a file durable, on systems where a folder can be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

async function orUnwritable<Result>(name: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    throw new MillraceError("file.unwritable", `${name} cannot be written: ${messageOf(error)}`, {
      where: { file: name },
      hint: "check the folder, its rights and the space on the disk",
      cause: error,
    });
  }
}

/** The bytes of a capture in a file. @throws MillraceError `file.not-found`, `file.unreadable` */
export async function captureFile(name: string): Promise<CaptureBytes> {
  const handle = await orUnreadable(name, () => open(name));
  const { size } = await orUnreadable(name, () => handle.stat());
  return {
    name,
    length: size,
    read: (at, length) =>
      orUnreadable(name, async () => {
        const bytes = new Uint8Array(length);
        let done = 0;
        while (done < length) {
          const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
          if (bytesRead === 0)
            throw new MillraceError("file.unreadable", "it became shorter while it was read");
          done += bytesRead;
        }
        return bytes;
      }),
    close: () => handle.close(),
  };
}

async function orUnreadable<Result>(name: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const what = isMissing ? `there is no capture ${name}` : `${name} cannot be read: ${messageOf(error)}`;
    throw new MillraceError(isMissing ? "file.not-found" : "file.unreadable", what, {
      where: { file: name },
      hint: isMissing ? "check the path; it counts from the current folder" : "check its rights and its kind",
      cause: error,
    });
  }
}
