import type { TestReport } from "../../../devkit/index.ts";

type File = TestReport["files"][number];

/** What the tests came to in the XML that JUnit has made usual. */
export function junitReport({ files, passed, failed, durationMs }: TestReport): string {
  const errors = files.filter(({ error }) => error !== null).length;
  const counts = `tests="${passed + failed + errors}" failures="${failed}" errors="${errors}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="millrace" ${counts} time="${seconds(durationMs)}">`,
    ...files.flatMap(suite),
    "</testsuites>",
  ].join("\n");
}

function suite({ file, tests, error }: File): string[] {
  const errors = error === null ? 0 : 1;
  const failed = tests.filter((test) => !test.passed).length;
  const time = seconds(tests.reduce((sum, test) => sum + test.durationMs, 0));
  const counts = `tests="${tests.length + errors}" failures="${failed}" errors="${errors}"`;
  return [
    `  <testsuite name="${escaped(file)}" ${counts} time="${time}">`,
    ...tests.flatMap(({ name, passed, durationMs, findings }) => {
      const open = `    <testcase name="${escaped(name)}" classname="${escaped(file)}" time="${seconds(durationMs)}"`;
      if (passed) return [`${open}/>`];
      const text = findings
        .map(({ where, message, diff }) =>
          [`${where}: ${message}`, ...diff.map(({ sign, text }) => `${sign} ${text}`)].join("\n"),
        )
        .join("\n");
      const message = escaped(findings[0]?.message ?? "");
      return [
        `${open}>`,
        `      <failure message="${message}">${escaped(text)}</failure>`,
        "    </testcase>",
      ];
    }),
    ...(error === null
      ? []
      : [
          `    <testcase name="${escaped(file)}" classname="${escaped(file)}" time="0.000">`,
          `      <error message="${escaped(messageOf(error))}"/>`,
          "    </testcase>",
        ]),
    "  </testsuite>",
  ];
}

function messageOf(error: unknown): string {
  const { message, where } = error as { readonly message: string; readonly where?: string };
  return where === undefined ? message : `${where}: ${message}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** XML has no way to write most control characters, not even escaped ones. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"\n]/g, (character) => entities[character] ?? "")
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
