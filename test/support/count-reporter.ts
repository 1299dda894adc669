import { writeSync } from "node:fs";
import type { Reporter, TestModule, TestRunEndReason, Vitest } from "vitest/node";

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Ends a run with one line that programs can read: `Tests: N passed, N failed`, and `, N skipped` where there are any.
 * With CI=true a skipped test fails the run, since nobody would notice there that a check no longer happens.
 */
export class CountReporter implements Reporter {
  #watching = false;

  onInit(vitest: Vitest): void {
    this.#watching = vitest.config.watch;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    unhandledErrors: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    const counts = countTests(modules, unhandledErrors.length);
    const line = formatCounts(counts);
    if (this.#watching) {
      process.stdout.write(`${line}\n`);
      return;
    }
    const skippedInCi = counts.skipped > 0 && process.env.CI === "true";
    if (skippedInCi && reason !== "interrupted") process.exitCode = 1;
    // Coverage tables and warnings about open handles come after this call, so the line waits for the very end.
    process.once("exit", () => {
      if (skippedInCi) writeLine("A skipped test fails the run in CI: install what it needs, or remove it.");
      writeLine(line);
    });
  }
}

/** A file that does not load, and an error outside of any test, count as one failed test each. */
function countTests(modules: readonly TestModule[], unhandledErrors: number): Counts {
  let passed = 0;
  let failed = unhandledErrors;
  let skipped = 0;
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed++;
      else if (state === "failed") failedHere++;
      else skipped++;
    }
    // A hook or an import that throws fails the file without failing a test of it.
    failed += failedHere === 0 && module.state() === "failed" ? 1 : failedHere;
  }
  return { passed, failed, skipped };
}

function formatCounts({ passed, failed, skipped }: Counts): string {
  return `Tests: ${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** Written at once: at exit nothing asynchronous is carried out any more. */
function writeLine(line: string): void {
  let rest = Buffer.from(`${line}\n`);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      // A pipe whose reader is slow is full for a moment; anything else means that nobody reads any more.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
    }
  }
}
