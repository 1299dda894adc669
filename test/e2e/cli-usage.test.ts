import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith, millrace } from "../cli/support/millrace.ts";

describe("help", () => {
  test("of the program lists the commands", async () => {
    const { code, stdout, stderr } = await millrace(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of ["run", "topic", "dlq", "validate", "build"])
      expect(stdout).toContain(`\n  ${command}`);
  });

  test.each([
    ["run"],
    ["topic"],
    ["topic", "list"],
    ["topic", "consume"],
    ["dlq"],
    ["dlq", "list"],
    ["dlq", "show"],
    ["dlq", "replay"],
    ["dlq", "drop"],
    ["validate"],
    ["build"],
  ])("of a command has examples: %s %s", async (...words) => {
    const { code, stdout } = await millrace([...words, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: millrace ${words.join(" ")} `);
    expect(stdout).toContain(`Examples:\n  millrace ${words.join(" ")}`);
  });

  test("is what a call without a command gets, as an error", async () => {
    const { code, stdout, stderr } = await millrace([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Usage: millrace");
    expect(stderr).toContain("✗ millrace needs a command");
  });
});

test("the version is the one of the package", async () => {
  const text = await readFile(join(import.meta.dirname, "../../package.json"), "utf8");
  const { code, stdout } = await millrace(["--version"]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${JSON.parse(text).version}\n` });
});

test.each([
  [["rnu"], "unknown command 'rnu'", "did you mean run?"],
  [["topic", "lst"], "unknown command 'lst'", "did you mean list?"],
  [["run", "a.yaml", "--onec"], "unknown option '--onec'", "did you mean --once?"],
  [["run"], "missing required argument 'config'", "`millrace run --help`"],
  [["run", "a.yaml", "b.yaml"], "too many arguments", "`millrace run --help`"],
  [["topic", "consume", "a", "--from", "noon"], "--from cannot be", "give beginning, end, or an offset"],
  [["topic", "consume", "a", "--from", "-1"], "--from cannot be", "give beginning, end, or an offset"],
  [["topic", "consume", "a", "--count", "0"], "--count cannot be", "give a whole number from 1 on"],
  [
    ["topic", "consume", "a", "--format", "xml"],
    "Allowed choices are value, json",
    "`millrace topic consume --help`",
  ],
  [["topic", "consume", "a", "--format", "json", "--key-value"], "--key-value", "leave --key-value out"],
])("%j is wrong usage", async (words, message, hint) => {
  const { code, stdout, stderr } = await millrace(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  const [first, second, ...others] = stderr.split("\n");
  expect(first).toMatch(/^✗ /);
  expect(first).toContain(message);
  expect(second).toMatch(/^ {2}→ /);
  expect(second).toContain(hint);
  expect(others).toEqual([""]);
});

test("with --json wrong usage is told to programs too", async () => {
  const { code, stdout, stderr } = await millrace(["topic", "list", "--topcs", "x", "--json"]);
  expect(code).toBe(2);
  expect(stderr).toContain("✗ unknown option '--topcs'");
  expect(JSON.parse(stdout)).toEqual({
    command: "topic list",
    ok: false,
    summary: "unknown option '--topcs'",
    result: null,
    error: {
      code: "cli.usage",
      message: "unknown option '--topcs'",
      hint: "did you mean --topics? `millrace topic list --help` shows what there is",
    },
  });
  expect(stdout.endsWith("}\n")).toBe(true);
});

test("where UTF-8 may not be shown, signs are ASCII", async () => {
  const { stderr } = await millrace(["rnu"], { env: { LC_ALL: "C" } });
  expect(stderr).toBe(
    "x unknown command 'rnu'\n  -> did you mean run? `millrace --help` shows what there is\n",
  );
});

test("a config that is not there ends with 2, and says where it was looked for", async () => {
  const cwd = await folderWith();
  for (const command of ["run", "validate"]) {
    const { code, stdout, stderr } = await millrace([command, "none.yaml"], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^✗ .*\n {2}at none\.yaml\n {2}→ /);
  }
});
