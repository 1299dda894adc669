import type { TestReport } from "../../../devkit/index.ts";
import { type FileReport, runTestFile, type TestRunOptions } from "../../../devkit/index.ts";
import { formatWhere, MillraceError } from "../../../errors.ts";

/** What a file came to: a report of its tests, or why they could not run. */
interface FileRun {
  readonly file: string;
  readonly report: FileReport | undefined;
  readonly error: MillraceError | undefined;
}

/** What a run of test files came to. */
export interface TestRun {
  readonly report: TestReport;
  /** What fails the command; undefined where all passed. */
  readonly error: MillraceError | undefined;
  /** Files that a change of may change what comes out, absolute. */
  readonly dependsOn: readonly string[];
}

/** Runs test files, one after another. What is wrong with one keeps no other from running. */
export async function runTestFiles(files: readonly string[], options: TestRunOptions): Promise<TestRun> {
  const start = performance.now();
  const runs: FileRun[] = [];
  for (const file of files) {
    try {
      runs.push({ file, report: await runTestFile(file, options), error: undefined });
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      runs.push({ file, report: undefined, error });
    }
  }
  const report = reportOf(runs, performance.now() - start);
  return {
    report,
    error: errorOf(report, runs, options),
    dependsOn: runs.flatMap((run) => run.report?.dependsOn ?? []),
  };
}

function reportOf(runs: readonly FileRun[], durationMs: number): TestReport {
  const cases = runs.flatMap(({ report }) => report?.cases ?? []);
  const passed = cases.filter((each) => each.passed).length;
  return {
    passed,
    failed: cases.length - passed,
    leftOut: runs.reduce((sum, { report }) => sum + (report?.leftOut ?? 0), 0),
    durationMs,
    files: runs.map(({ file, report, error }) => ({
      file,
      error: error?.toJSON() ?? null,
      tests: (report?.cases ?? []).map(({ where, findings, snapshot, ...each }) => ({
        ...each,
        where: formatWhere(where),
        findings: findings.map(({ where, message, diff }) => ({
          where: formatWhere(where),
          message,
          diff: [...diff],
        })),
        snapshot: snapshot ?? null,
      })),
    })),
  };
}

/** A file that could not run weighs more than a test that failed: nothing is known of its tests. */
function errorOf(
  { failed, passed, leftOut }: TestReport,
  runs: readonly FileRun[],
  { filter }: TestRunOptions,
): MillraceError | undefined {
  const errors = runs.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (first !== undefined) {
    if (errors.length === 1) return first;
    return new MillraceError(first.code, `${errors.length} test files could not run`, { problems: errors });
  }
  if (failed > 0) return new MillraceError("test.failed", `${failed} of ${failed + passed} tests failed`);
  if (passed > 0) return undefined;
  return new MillraceError("cli.usage", `no test has ${JSON.stringify(filter)} in its name`, {
    hint: `there are ${leftOut} tests with other names`,
  });
}
