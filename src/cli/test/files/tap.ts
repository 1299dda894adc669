import type { TestReport } from "../../../devkit/index.ts";
import { printable } from "../../output/index.ts";

/** What the tests came to in the Test Anything Protocol, version 14. */
export function tapReport({ files }: TestReport): string {
  const lines: string[] = [];
  let number = 0;
  for (const { file, tests, error } of files) {
    for (const { name, passed, findings } of tests) {
      lines.push(`${passed ? "ok" : "not ok"} ${++number} - ${described(`${file}: ${name}`)}`);
      if (!passed)
        lines.push(...details(findings.map(({ where, message, diff }) => ({ where, message, diff }))));
    }
    if (error !== null) {
      lines.push(`not ok ${++number} - ${described(`${file}: its tests could not run`)}`);
      lines.push(...details([error]));
    }
  }
  return ["TAP version 14", `1..${number}`, ...lines].join("\n");
}

/** A `#` begins a directive, and a backslash is what takes its meaning away. */
function described(text: string): string {
  return printable(text).replaceAll("\n", " ").replaceAll("\\", "\\\\").replaceAll("#", "\\#");
}

/** JSON is YAML, which is what a block of details is. */
function details(about: readonly unknown[]): string[] {
  return ["  ---", `  findings: ${JSON.stringify(about)}`, "  ..."];
}
