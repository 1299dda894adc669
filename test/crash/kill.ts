import { type FSWatcher, mkdirSync, watch } from "node:fs";
import { Call, type Ended } from "../cli/support/millrace.ts";
import type { Dice } from "../support/dice.ts";

/**
 * Runs a pipeline that is killed in the middle of its work: at the so-manyth time that something in a folder changes, and a
 * moment later.
 * @param changesMax before which change it is killed at the latest, if it has not ended by then
 * @returns how it ended; by the signal where it was killed
 */
export async function runAndKill(
  words: readonly string[],
  cwd: string,
  watched: string,
  changesMax: number,
  dice: Dice,
): Promise<Ended> {
  const target = dice.between(1, changesMax);
  const spinMs = dice.below(30) / 10;
  mkdirSync(watched, { recursive: true });
  let changes = 0;
  let call: Call | undefined;
  const watcher: FSWatcher = watch(watched, () => {
    if (++changes !== target || call === undefined) return;
    // A timer would wait for the event loop; this waits for a part of a write.
    for (const end = performance.now() + spinMs; performance.now() < end; );
    call.child.kill("SIGKILL");
  });
  try {
    call = new Call(words, { cwd });
    return await call.ended;
  } finally {
    watcher.close();
  }
}
