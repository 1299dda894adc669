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

/** About the time from one change to the next: a source with a rate reads twenty times a second. */
const changeMs = 50;
/** What a pipeline says on its error output when it has exchanged its modules. */
const exchanged = "modules were exchanged after";

/** How a pipeline ended that was killed around an exchange. */
export interface KilledExchange extends Ended {
  /** The new modules were at work. */
  readonly isExchanged: boolean;
}

/** An exchange to kill a pipeline around. */
export interface ExchangeToKill {
  /** Resolves when the pipeline is at work. */
  atWork(): Promise<void>;
  /** Puts the new modules in their places. */
  replace(): Promise<void>;
  /** It is killed after it has said that it did it, and otherwise after it was asked to, which may be before. */
  readonly afterwards: boolean;
}

/**
 * Runs a pipeline, has it exchange its modules while it works, and kills it around that: at the so-manyth time that something in
 * a folder changes from then on, and a moment later.
 */
export async function exchangeAndKill(
  words: readonly string[],
  cwd: string,
  watched: string,
  { atWork, replace, afterwards }: ExchangeToKill,
  dice: Dice,
): Promise<KilledExchange> {
  let left = dice.below(afterwards ? 3 : 8);
  const delayMs = dice.below(changeMs);
  mkdirSync(watched, { recursive: true });
  const call: Call = new Call(words, { cwd });
  let isAsked = false;
  const isExchanged = (): boolean => call.stderr.includes(exchanged);
  const watcher: FSWatcher = watch(watched, () => {
    if (!isAsked || (afterwards && !isExchanged())) return;
    if (--left === -1) setTimeout(() => call.child.kill("SIGKILL"), delayMs);
  });
  try {
    await atWork();
    await replace();
    isAsked = call.child.kill("SIGHUP");
    return { ...(await call.ended), isExchanged: isExchanged() };
  } finally {
    call.child.kill("SIGKILL");
    watcher.close();
  }
}
