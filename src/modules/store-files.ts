import { link, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { MillraceError, messageOf } from "../errors.ts";
import { limits } from "../limits.ts";
import { readFileAtMost } from "./bounded-read.ts";
import { damaged, decodeEntry, encodeEntry, isBytesFile, isEntryFile, type StoredEntry } from "./entry.ts";

/** What a process leaves that ends while it writes; nothing takes longer than a fraction of this. */
const leftOverMs = 3_600_000;

/** The files of a store. Nothing here follows a link, or leaves the folder. */
export class StoreFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Keys of the entries, sorted. A store that is not there is empty. @throws MillraceError `module.store` */
  async keys(): Promise<readonly string[]> {
    const files = await this.#names();
    return files
      .filter(isEntryFile)
      .map((file) => file.replace(/\.json$/, ""))
      .sort();
  }

  /** @throws MillraceError `module.store` for one that is damaged */
  async read(key: string): Promise<StoredEntry | undefined> {
    const path = this.#entryPath(key);
    try {
      const bytes = await readFileAtMost(path, limits.configBytesMax.default * 2, true);
      if (bytes === undefined) throw damaged(path);
      return decodeEntry(new TextDecoder().decode(bytes), path);
    } catch (error) {
      if (MillraceError.is(error)) throw error;
      if (codeOf(error) === "ENOENT") return undefined;
      // A link, or a folder.
      if (["ELOOP", "EMLINK", "EISDIR"].includes(codeOf(error) ?? "")) throw damaged(path, error);
      throw this.#unusable(error);
    }
  }

  /** Path of a module's bytes. @throws MillraceError `module.store` for what is no plain file */
  async bytesPath({ file }: StoredEntry): Promise<string> {
    const path = join(this.folder, file);
    const found = await lstat(path).catch((cause: unknown) => {
      throw damaged(path, cause);
    });
    if (!found.isFile()) throw damaged(path);
    return path;
  }

  /** Stores bytes under a new name. Nothing is there for others before an entry names it. */
  async writeBytes(key: string, bytes: Uint8Array): Promise<string> {
    const file = `${key}.${randomHex()}.wasm`;
    await this.#orStoreError(async () => {
      await mkdir(this.folder, { recursive: true });
      await writeDurably(join(this.folder, file), bytes);
    });
    return file;
  }

  /**
   * Puts an entry in place, in one step.
   * @returns false where there is one, and it may not be replaced
   */
  async putEntry(key: string, entry: StoredEntry, isReplacing: boolean): Promise<boolean> {
    const path = this.#entryPath(key);
    const fresh = join(this.folder, `.${randomHex()}.tmp`);
    return this.#orStoreError(async () => {
      try {
        await writeDurably(fresh, new TextEncoder().encode(encodeEntry(entry)));
        if (isReplacing) await rename(fresh, path);
        else if (!(await linked(fresh, path))) return false;
        await this.#flushFolder();
        return true;
      } finally {
        await rm(fresh, { force: true });
      }
    });
  }

  /** Takes an entry away, so that the module is not there any more. @returns false where there was none */
  async dropEntry(key: string): Promise<boolean> {
    return this.#orStoreError(async () => {
      try {
        await rm(this.#entryPath(key));
      } catch (error) {
        if (codeOf(error) === "ENOENT") return false;
        throw error;
      }
      await this.#flushFolder();
      return true;
    });
  }

  async dropBytes(file: string): Promise<void> {
    // The name may come from an entry that somebody has changed.
    if (isBytesFile(file)) await rm(join(this.folder, file), { force: true }).catch(() => {});
  }

  /** Takes away what processes have left that ended while they wrote. */
  async sweep(nowMs: number): Promise<void> {
    const files = await this.#names();
    const strays = files.filter((file) => isBytesFile(file) || /^\.[0-9a-f]{16}\.tmp$/.test(file));
    const keys = files.filter(isEntryFile).map((file) => file.replace(/\.json$/, ""));
    // Each entry has one file.
    if (strays.length <= keys.length) return;
    const used = new Set<string>();
    for (const key of keys) {
      // A damaged entry keeps whatever is called like it, for people to look at.
      const entry = await this.read(key).catch(() => undefined);
      for (const file of entry === undefined
        ? strays.filter((each) => each.startsWith(`${key}.`))
        : [entry.file]) {
        used.add(file);
      }
    }
    for (const file of strays.filter((each) => !used.has(each))) {
      const path = join(this.folder, file);
      const age = await lstat(path).then(
        ({ mtimeMs }) => nowMs - mtimeMs,
        () => 0,
      );
      if (age > leftOverMs) await rm(path, { force: true }).catch(() => {});
    }
  }

  #entryPath(key: string): string {
    return join(this.folder, `${key}.json`);
  }

  async #names(): Promise<readonly string[]> {
    return this.#orStoreError(async () => {
      try {
        return await readdir(this.folder);
      } catch (error) {
        if (codeOf(error) === "ENOENT") return [];
        throw error;
      }
    });
  }

  async #flushFolder(): Promise<void> {
    // Windows cannot flush a folder, and keeps names by itself.
    const handle = await open(this.folder).catch(() => undefined);
    await handle?.sync().catch(() => {});
    await handle?.close();
  }

  async #orStoreError<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (MillraceError.is(error)) throw error;
      throw this.#unusable(error);
    }
  }

  #unusable(cause: unknown): MillraceError {
    return new MillraceError("module.store", `the store of modules cannot be used: ${messageOf(cause)}`, {
      where: { file: this.folder },
      hint: "name another folder with --modules, $MILLRACE_MODULES or `millrace.module-folder`",
      cause,
    });
  }
}

/** 16 hexadecimal digits that nobody else comes to. */
function randomHex(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString("hex");
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx", 0o644);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Gives a file a second name, unless that is taken. */
async function linked(path: string, name: string): Promise<boolean> {
  try {
    await link(path, name);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].includes(codeOf(error) ?? "")) throw error;
  }
  // Some file systems have no links; there, two who come in the same moment may both be told that they were first.
  if (
    await lstat(name).then(
      () => true,
      () => false,
    )
  )
    return false;
  await rename(path, name);
  return true;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
