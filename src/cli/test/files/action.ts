import type { TestReport } from "../../../devkit/index.ts";
import { MillraceError } from "../../../errors.ts";
import type { Outcome } from "../../outcome.ts";
import { plural } from "../../output/index.ts";
import { readingOf } from "../../read-config.ts";
import type { ConfigOptions, Session } from "../../session.ts";
import { findTestFiles } from "./find.ts";
import { humanReport } from "./human.ts";
import { junitReport } from "./junit.ts";
import { runTestFiles, type TestRun } from "./run.ts";
import { tapReport } from "./tap.ts";
import { watchAndRun } from "./watch.ts";

export interface TestFilesOptions extends ConfigOptions {
  /** Only tests with this in their names. */
  readonly filter?: string;
  readonly update?: boolean;
  readonly watch?: boolean;
  readonly reporter?: string;
}

/**
 * Runs test files, once or again and again.
 * @throws MillraceError `cli.usage`, `file.not-found`; what is wrong with a file is in the outcome
 */
export async function testFiles(
  targets: readonly string[],
  options: TestFilesOptions,
  session: Session,
): Promise<Outcome<TestReport>> {
  const { filter, update, reporter = "human" } = options;
  const { CI = "" } = session.world.environment;
  const isCi = CI !== "" && CI !== "false";
  if (isCi && update === true) {
    throw new MillraceError("cli.usage", "snapshots are not written where CI is set", {
      hint: "run millrace test -u elsewhere, and commit what it writes",
    });
  }
  const snapshots = isCi ? "none" : update === true ? "all" : "new";
  const config = readingOf(options, session);
  const run = async (): Promise<TestRun> =>
    runTestFiles(await findTestFiles(targets), { filter, snapshots, config });
  const told = ({ report }: TestRun): string => reportText(report, reporter, session);
  if (options.watch === true) return watchAndRun(run, told, session);
  const done = await run();
  const { report, error } = done;
  const { passed, failed } = report;
  return {
    summary: `${plural(passed + failed, "test")}, ${failed} failed`,
    result: report,
    text: told(done),
    error,
  };
}

function reportText(report: TestReport, reporter: string, { stdout }: Session): string {
  if (reporter === "json") return JSON.stringify(report, null, 2);
  if (reporter === "junit") return junitReport(report);
  return reporter === "tap" ? tapReport(report) : humanReport(report, stdout.style);
}
