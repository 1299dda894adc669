import { stat } from "node:fs/promises";
import type { Clock } from "../base/index.ts";
import { limits } from "../limits.ts";

/**
 * Tells of changes of files until the signal aborts, and once at the start. It looks at them now and then, since not every file
 * system reports what happens in it, and a link may come to lead elsewhere. A change is told of when nothing has changed since
 * the last look: who writes a file may not be through with it.
 * @param files absolute paths, asked for at each look
 */
export async function watchFiles(
  files: () => readonly string[],
  onChange: () => Promise<unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let told = await stateOf(files());
  let last = told;
  // What has changed since they were loaded, before anybody looked.
  await onChange();
  while (!signal.aborted) {
    await clock.sleep(limits.fileWatchMs.default, signal);
    const now = await stateOf(files());
    if (now === last && now !== told && !signal.aborted) {
      told = now;
      await onChange();
    }
    last = now;
  }
}

async function stateOf(files: readonly string[]): Promise<string> {
  const states = files.map(async (file) => {
    try {
      const { mtimeMs, size, ino } = await stat(file);
      return `${file} ${mtimeMs} ${size} ${ino}`;
    } catch {
      return `${file} is not there`;
    }
  });
  return (await Promise.all(states)).join("\n");
}
