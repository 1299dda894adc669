import { watch } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TestReport } from "../../../devkit/index.ts";
import { MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import { knownError, type Outcome } from "../../outcome.ts";
import { failureLines, plural } from "../../output/index.ts";
import type { Session } from "../../session.ts";
import { rebuildChanged, sourceFolders } from "./rebuild.ts";
import type { TestRun } from "./run.ts";

/**
 * Runs tests whenever something that they depend on changes, until somebody stops it. A module with an AssemblyScript
 * source beside it is built first when that is younger.
 */
export async function watchAndRun(
  run: () => Promise<TestRun>,
  told: (run: TestRun) => string,
  session: Session,
): Promise<Outcome<TestReport>> {
  const stop = session.world.stopSignal();
  let last: TestRun | undefined;
  for (;;) {
    let change: Promise<void> | undefined;
    try {
      await rebuildChanged(last?.dependsOn ?? [], session);
      last = await run();
      // Watched before it is told, so that whoever acts on what is told is noticed.
      change = changeOf(last.dependsOn, stop);
      await session.stdout.write(`${told(last)}\n`);
      if (last.error !== undefined) print(last.error, session);
    } catch (error) {
      if (last === undefined) throw error;
      print(error, session);
      change = changeOf(last.dependsOn, stop);
    }
    session.screen.print(session.stderr.style.dim(`watching ${plural(last.dependsOn.length, "file")}`));
    await change;
    if (stop.aborted) break;
  }
  const { passed, failed } = last.report;
  return {
    summary: `${plural(passed + failed, "test")}, ${failed} failed`,
    result: last.report,
    error: last.error,
  };
}

function print(error: unknown, { screen, stderr }: Session): void {
  if (MillraceError.is(error) && error.code === "test.failed") return;
  screen.print(failureLines(knownError(error), stderr.style).join("\n"));
}

/**
 * Resolves when one of the files was written, made or removed, and the writing has gone quiet; or when the signal aborts.
 * Folders are watched: an editor that replaces a file would be lost sight of otherwise.
 */
async function changeOf(files: readonly string[], stop: AbortSignal): Promise<void> {
  const wanted = new Set(files);
  const sources = sourceFolders(files);
  const watchers = [...new Set([...files.map((file) => dirname(file)), ...sources])].map((folder) => ({
    folder,
    watcher: watch(folder, { persistent: true }),
  }));
  try {
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener("abort", () => resolve(), { once: true });
      for (const { folder, watcher } of watchers) {
        watcher.on("change", (_kind, name) => {
          const path = join(folder, String(name));
          if (wanted.has(path) || (sources.includes(folder) && path.endsWith(".ts"))) resolve();
        });
        watcher.on("error", () => resolve());
      }
    });
  } finally {
    for (const { watcher } of watchers) watcher.close();
  }
  await delay(limits.testSettleMs.default, undefined, { signal: stop }).catch(() => {});
}
