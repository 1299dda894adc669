import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const project = join(import.meta.dirname, "../..");
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-reporter-"));
  mkdirSync(join(folder, "test"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the text as the only test file of a project that has this project's settings. */
function run(
  text: string,
  ci: "true" | "",
  ...flags: string[]
): { lastLine: string; exitCode: number | null } {
  writeFileSync(join(folder, "test/one.test.ts"), text);
  const vitest = join(project, "node_modules/vitest/vitest.mjs");
  const config = join(project, "vitest.config.ts");
  const { stdout, status } = spawnSync(
    process.execPath,
    [vitest, "run", "--root", folder, "--config", config, "--globals", ...flags],
    { cwd: folder, encoding: "utf8", env: { ...process.env, CI: ci } },
  );
  expect(stdout.endsWith("\n")).toBe(true);
  return { lastLine: stdout.trimEnd().split("\n").at(-1) ?? "", exitCode: status };
}

test("the last line counts the tests", () => {
  const text = `test("a", () => {}); test("b", () => {}); test("c", () => expect(1).toBe(2));`;
  expect(run(text, "")).toEqual({ lastLine: "Tests: 2 passed, 1 failed", exitCode: 1 });
});

test("a skipped test is counted, and fails the run only in CI", () => {
  const text = `test("a", () => {}); test.skip("b", () => {}); test.todo("c");`;
  const lastLine = "Tests: 1 passed, 0 failed, 2 skipped";
  expect(run(text, "")).toEqual({ lastLine, exitCode: 0 });
  expect(run(text, "true")).toEqual({ lastLine, exitCode: 1 });
});

test("a file that does not load and an error outside of the tests count as failures", () => {
  expect(run(`import "./absent.ts";`, "")).toEqual({ lastLine: "Tests: 0 passed, 1 failed", exitCode: 1 });
  const text = `test("a", async () => { Promise.reject(new Error("lost")); await new Promise(setImmediate); });`;
  expect(run(text, "")).toEqual({ lastLine: "Tests: 1 passed, 1 failed", exitCode: 1 });
});

test("the line comes after what vitest itself prints at the end", () => {
  writeFileSync(join(folder, "package.json"), "{}");
  const coverage = ["--coverage.enabled", "--coverage.reporter=text"];
  const { lastLine } = run(`test("a", () => {});`, "", ...coverage);
  expect(lastLine).toBe("Tests: 1 passed, 0 failed");
});
