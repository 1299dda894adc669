import { expect, test } from "vitest";
import { failureLines, warningLines } from "../../../src/cli/output/index.ts";
import { styleFor } from "../../../src/cli/output/style.ts";
import { MillraceError } from "../../../src/errors.ts";

const style = styleFor(false, { LANG: "C.UTF-8" });
const asciiStyle = styleFor(false, {});

test("a failure says what, where, and what to do", () => {
  const error = new MillraceError("config.invalid", "interval is no duration", {
    where: { file: "pipe.yaml", line: 3, column: 5 },
    hint: "write it as `5s`",
  });
  expect(failureLines(error, style)).toEqual([
    "✗ interval is no duration",
    "  at pipe.yaml:3:5",
    "  → write it as `5s`",
  ]);
  expect(failureLines(error, asciiStyle)).toEqual([
    "x interval is no duration",
    "  at pipe.yaml:3:5",
    "  -> write it as `5s`",
  ]);
});

test("several problems stand below their headline, each with its place in front", () => {
  const problem = (line: number, hint?: string): MillraceError =>
    new MillraceError("config.invalid", `problem ${line}`, {
      where: { file: "pipe.yaml", line, column: 1 },
      hint,
    });
  const error = new MillraceError("config.invalid", "the config has 2 problems", {
    where: { file: "pipe.yaml" },
    problems: [problem(2), problem(7, "mend it")],
  });
  expect(failureLines(error, style)).toEqual([
    "✗ the config has 2 problems",
    "  pipe.yaml:2:1: problem 2",
    "  pipe.yaml:7:1: problem 7",
    "    → mend it",
  ]);
});

test("lines of a long message and of a long hint are indented", () => {
  expect(warningLines({ message: "one\ntwo", hint: "three\nfour" }, style)).toEqual([
    "⚠ one",
    "  two",
    "  → three",
    "    four",
  ]);
});

test("control characters are shown, not obeyed", () => {
  expect(
    failureLines({ message: "bad \u001B]0;title\u0007 \u009b2J", where: { file: "\u001B[2J" } }, style),
  ).toEqual(["✗ bad \\x1b]0;title\\x07 \\x9b2J", "  at \\x1b[2J"]);
});
