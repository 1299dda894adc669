import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../../base/index.ts";
import { limits } from "../../limits.ts";

/**
 * Tells that something may have changed in some folders. The system reports most changes, though not on every file
 * system, so it is looked at intervals too.
 */
export class FolderWatch {
  readonly #clock: Clock;
  readonly #watchers = new Map<string, FSWatcher>();
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches these folders and no others. What changes from now on is told by the next `change`. */
  use(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.includes(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  /** Resolves when something has changed since the last time, when it is time to look again, or when the signal aborts. */
  async change(signal: AbortSignal): Promise<void> {
    if (!this.#hasChanged && !signal.aborted) {
      const woken = new AbortController();
      const stop = (): void => woken.abort();
      this.#wake = stop;
      signal.addEventListener("abort", stop, { once: true });
      await this.#clock.sleep(limits.fileRecheckMs.default, woken.signal);
      signal.removeEventListener("abort", stop);
      this.#wake = undefined;
    }
    this.#hasChanged = false;
  }

  close(): void {
    this.use([]);
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.#hasChanged = true;
        this.#wake?.();
      });
      // A folder that is gone, or too many watches in all: looking at intervals goes on.
      watcher.on("error", () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // As above.
    }
  }
}
