import { type FSWatcher, watch } from "node:fs";
import { limits } from "../../limits.ts";

/** Tells of changes in a folder until it is closed. */
export type WatchFolder = (folder: string, onChange: () => void) => { close(): void };

const watchFolder: WatchFolder = (folder, onChange) => {
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(folder, { persistent: false }, onChange);
    // Such as a folder that is removed. The look at intervals goes on.
    watcher.on("error", () => watcher?.close());
  } catch {
    // No more watches are to be had, or the file system has none: the look at intervals is what is left.
  }
  return { close: () => watcher?.close() };
};

/**
 * Notices what other processes append. The system reports writes to the topic's file, but a moment before the
 * transaction can be seen, and not on every file system: so it is looked at once when something changed, once more
 * when that has settled, and at intervals.
 */
export class TailWatch {
  readonly #folder: string;
  readonly #look: () => void;
  readonly #watchFolder: WatchFolder;
  #watcher: { close(): void } | undefined;
  #settling: NodeJS.Timeout | undefined;
  #interval: NodeJS.Timeout | undefined;

  /** @param look called when something may have been appended */
  constructor(folder: string, look: () => void, watcher: WatchFolder = watchFolder) {
    this.#folder = folder;
    this.#look = look;
    this.#watchFolder = watcher;
  }

  /** Begins to look; keeps the process alive until `stop`. What was appended before this returns is not reported. */
  start(): void {
    this.#watcher ??= this.#watchFolder(this.#folder, () => this.#changed());
    this.#interval ??= setInterval(this.#look, limits.topicRecheckMs.default);
  }

  /** Looks no more. The watch itself stays until `close`, since one who waits often waits again. */
  stop(): void {
    clearInterval(this.#interval);
    clearTimeout(this.#settling);
    this.#interval = undefined;
    this.#settling = undefined;
  }

  close(): void {
    this.stop();
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #changed(): void {
    if (this.#interval === undefined) return;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(this.#look, limits.topicSettleMs.default);
    this.#look();
  }
}
