import { dirname, resolve } from "node:path";
import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Reading, Source } from "../../pipeline/index.ts";
import type { Frame, FrameBuffer } from "../../record/index.ts";
import type { Position } from "../../topic/index.ts";
import { type Format, offsetIn, placeIn } from "../format/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { FolderWatch } from "./folder-watch.ts";
import { exists, findFiles, looksLikePattern, type Matches } from "./glob.ts";
import type { FileReading } from "./line-reader.ts";
import { findMoved } from "./moved-files.ts";
import { Positions } from "./positions.ts";
import type { FileSettings } from "./settings.ts";
import { TrackedFile, type TrackOptions } from "./tracked-file.ts";

export async function createFileSource(
  settings: FileSettings,
  format: Format,
  context: ConnectorContext,
): Promise<Source> {
  for (const key of ["append", "rotate"] as const) {
    if (settings[key] === undefined) continue;
    const message = `\`file.${key}\` belongs to file-sink, and this is a file-source`;
    throw new MillraceError("config.invalid", message, { hint: "remove it" });
  }
  const path = resolve(context.folder, settings.path);
  // A file may well be called what looks like a pattern.
  const isPattern = looksLikePattern(settings.path) && !(await exists(path));
  return new FileSource(path, isPattern, settings.follow === true, format, context);
}

/**
 * The records of a file, or of all files that fit a pattern, one file behind the other. It ends at their ends, or
 * follows them: it waits for what is appended, and where a file is moved away or rewritten, it reads the rest of the
 * old one first, as far as that is there.
 */
class FileSource implements Source {
  readonly #path: string;
  readonly #isPattern: boolean;
  /** True when the files are ones that are written to, renamed and emptied, even if this run does not wait for that. */
  readonly #isLive: boolean;
  readonly #follows: boolean;
  readonly #context: ConnectorContext;
  readonly #track: TrackOptions;
  readonly #positions: Positions;
  readonly #watch: FolderWatch;
  /** Which file a frame is of. */
  readonly #paths = new WeakMap<Frame, string>();
  /** Open files, and the one that is read now. Those that do not grow are open one at a time. */
  #files: TrackedFile[] = [];
  #current = 0;
  /** Files that were not opened yet. */
  #waiting: string[] = [];

  constructor(path: string, isPattern: boolean, isLive: boolean, format: Format, context: ConnectorContext) {
    this.#path = path;
    this.#isPattern = isPattern;
    this.#isLive = isLive;
    this.#follows = isLive && !context.once;
    this.#context = context;
    this.#track = { format, context, mayGrow: this.#follows };
    this.#positions = new Positions(context.folder, isPattern);
    this.#watch = new FolderWatch(context.clock);
  }

  async open(position: Position | undefined): Promise<void> {
    // Watched before it is looked, so that nothing can happen in between.
    if (this.#follows) this.#watch.use((await this.#list()).folders);
    const { files } = await this.#list();
    if (position !== undefined && !this.#positions.load(position, this.#path)) {
      this.#warnOfStart(this.#path, "the stored position is not one of a file");
    }
    if (position !== undefined && (this.#isPattern || this.#isLive)) await this.#findMoved(files);
    this.#waiting.push(...files);
    if (files.length === 0) this.#tellOfNone();
    // What is wrong with a file should be known at once.
    if (this.#files.length === 0 && files.length > 0) await this.#openNext();
  }

  async read(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    while (!signal.aborted) {
      const reading = await this.#readNext(buffer, signal);
      if (reading !== undefined || !this.#follows) return reading;
      await this.#watch.change(signal);
      if (!signal.aborted) await this.#look();
    }
    return undefined;
  }

  async close(): Promise<void> {
    this.#watch.close();
    for (const file of this.#files.splice(0)) await file.close();
  }

  locate(frame: Frame, index: number): Where {
    return placeIn(this.#paths.get(frame) ?? this.#path, this.#track.format, offsetIn(frame, index));
  }

  async #list(): Promise<Matches> {
    if (this.#isPattern) return findFiles(this.#path);
    const isThere = !this.#follows || (await exists(this.#path));
    return { files: isThere ? [this.#path] : [], folders: [dirname(this.#path)] };
  }

  #tellOfNone(): void {
    const what = this.#isPattern ? "no file fits the pattern" : "the file to read does not exist";
    if (!this.#follows) {
      throw new MillraceError("file.not-found", what, {
        where: { file: this.#path },
        hint: "check `path`; a relative path counts from the folder of the config",
      });
    }
    this.#context.log.warn(`${this.#path}: ${what}; waiting for it`);
  }

  /** The next records of any file; undefined when all are at their ends. */
  async #readNext(buffer: FrameBuffer, signal: AbortSignal): Promise<Reading | undefined> {
    while (!signal.aborted) {
      const file = this.#files[this.#current];
      if (file === undefined) {
        if (await this.#openNext()) continue;
        this.#current = 0;
        return undefined;
      }
      const reading = await this.#readFile(file, buffer, signal);
      if (reading !== undefined) return this.#give(file, reading);
      if (signal.aborted) return undefined;
      if (!this.#follows || this.#isOver(file)) await this.#leave(file);
      else this.#current++;
    }
    return undefined;
  }

  async #readFile(
    file: TrackedFile,
    buffer: FrameBuffer,
    signal: AbortSignal,
  ): Promise<FileReading | undefined> {
    if (this.#isOver(file)) return file.readLast(buffer, signal);
    const isRewritten = file.isRewritten;
    const last = isRewritten ? await file.startOver(buffer) : undefined;
    return last ?? file.read(buffer, signal);
  }

  #give(file: TrackedFile, { frame, rejections }: FileReading): Reading {
    const { path, bookmark } = file;
    this.#paths.set(frame, path);
    this.#positions.set(path, bookmark);
    return { frame, rejections, position: this.#positions.position(bookmark) };
  }

  /** Whether nobody writes to a file any more: who had it open when it was moved has had the time to open the new one. */
  #isOver({ movedAtMs }: TrackedFile): boolean {
    return movedAtMs !== undefined && this.#context.clock.now() - movedAtMs >= limits.fileRecheckMs.default;
  }

  /** Lets go of a file that was read to its end. */
  async #leave(file: TrackedFile): Promise<void> {
    this.#files.splice(this.#files.indexOf(file), 1);
    await file.close();
    if (!this.#follows) return;
    this.#positions.delete(file.path);
    if (await this.#isWanted(file.path)) this.#waiting.unshift(file.path);
  }

  /** Whether a path leads to a file that is to be read and is not known yet. */
  async #isWanted(path: string): Promise<boolean> {
    if (this.#waiting.includes(path)) return false;
    return (this.#isPattern || path === this.#path) && (await exists(path));
  }

  /** Opens the next file; false when there is none. */
  async #openNext(): Promise<boolean> {
    const path = this.#waiting.shift();
    if (path === undefined) return false;
    const mismatch = (difference: string): void => this.#warnOfStart(path, difference);
    try {
      this.#files.push(await TrackedFile.open(path, this.#positions.get(path), this.#track, mismatch));
    } catch (error) {
      // A file may be gone again before it was opened.
      const mayMiss = (this.#follows || this.#isPattern) && MillraceError.is(error);
      if (!mayMiss || error.code !== "file.not-found") throw error;
    }
    return true;
  }

  #warnOfStart(path: string, difference: string): void {
    const what = `${path} is not the file that was read before (${difference})`;
    this.#context.log.warn(`${what}; it is read from its start`);
  }

  /** Finds files that were moved since an earlier run, to go on in them where that stopped. */
  async #findMoved(files: readonly string[]): Promise<void> {
    const moved = await findMoved(this.#positions, files, this.#isPattern);
    // All of them first, since what one was called another may be called now.
    for (const { from } of moved) this.#positions.delete(from);
    for (const { to, bookmark } of moved) {
      if (this.#isPattern) this.#positions.set(to, bookmark);
      else {
        const file = await TrackedFile.open(to, bookmark, this.#track, () => {});
        // It was moved before this run, so it is over.
        file.movedAtMs = Number.NEGATIVE_INFINITY;
        this.#files.push(file);
      }
    }
  }

  /** Looks what has become of the files, and which are new. */
  async #look(): Promise<void> {
    const { files, folders } = await this.#list();
    this.#watch.use(folders);
    for (const file of this.#files) {
      const change = await file.look(this.#context.clock.now());
      if (change === "rewritten")
        this.#context.log.info(`${file.path} was rewritten; it is read from its start`);
    }
    for (const path of files) {
      if (this.#waiting.includes(path)) continue;
      const known = this.#files.find((file) => file.path === path);
      if (known !== undefined && known.movedAtMs === undefined) continue;
      const moved = await this.#movedTo(path);
      if (moved !== undefined) {
        this.#positions.delete(moved.path);
        moved.path = path;
        moved.movedAtMs = undefined;
        this.#positions.set(path, moved.bookmark);
      } else if (known === undefined) this.#waiting.push(path);
    }
  }

  /** The file that was moved to a path that fits the pattern, too. */
  async #movedTo(path: string): Promise<TrackedFile | undefined> {
    for (const file of this.#files) {
      if (file.movedAtMs !== undefined && (await file.isAt(path))) return file;
    }
    return undefined;
  }
}
