import type { TestReport } from "../../../devkit/index.ts";
import { formatCount, formatDuration, paintedDiff, printable, type Style } from "../../output/index.ts";

type Test = TestReport["files"][number]["tests"][number];

/** What the tests came to, for people. */
export function humanReport(report: TestReport, style: Style): string {
  const { passed, failed, leftOut, durationMs } = report;
  const lines = report.files.flatMap(({ file, tests, error }) => [
    style.bold(printable(file)),
    ...tests.flatMap((test) => testLines(test, style)),
    ...(error === null ? [] : [`  ${style.red(style.glyphs.failed)} its tests could not run`]),
  ]);
  const counts = [
    ...(failed > 0 ? [style.red(`${formatCount(failed)} failed`)] : []),
    style.green(`${formatCount(passed)} passed`),
    ...(leftOut > 0 ? [`${formatCount(leftOut)} left out`] : []),
  ];
  return [...lines, "", `${counts.join(", ")} in ${formatDuration(durationMs)}`].join("\n");
}

function testLines({ name, passed, findings, fuel, snapshot }: Test, style: Style): string[] {
  const sign = passed ? style.green(style.glyphs.done) : style.red(style.glyphs.failed);
  const about = [
    ...(fuel > 0 ? [`${formatCount(fuel)} instructions`] : []),
    ...(snapshot === "written" || snapshot === "updated" ? [`snapshot ${snapshot}`] : []),
  ].join(", ");
  return [
    `  ${sign} ${printable(name)}${about === "" ? "" : style.dim(`  ${about}`)}`,
    ...findings.flatMap(({ where, message, diff }) => [
      `    ${printable(where)}: ${printable(message)}`,
      ...paintedDiff(diff, style, "      "),
    ]),
  ];
}
