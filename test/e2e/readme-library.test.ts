import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "../..");

/** The code block under `<!-- test: NAME -->` in the README. */
function readmeBlock(name: string): string {
  const readme = readFileSync(join(project, "README.md"), "utf8");
  const block = new RegExp(`<!-- test: ${name} -->\\n\`\`\`js\\n(.*?)\`\`\``, "s").exec(readme)?.[1];
  expect(block, `README.md has a js block under <!-- test: ${name} -->`).toBeDefined();
  return block as string;
}

test("the library block of the README runs as it stands, and prints what it says it prints", async () => {
  expect(existsSync(join(project, "dist/index.js")), "`npm run build` makes dist, which this runs").toBe(
    true,
  );
  const block = readmeBlock("library");
  expect(block.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
  // Behind console.log, a comment says what is printed there.
  const printed = Array.from(block.matchAll(/console\.log\(.*?\); \/\/ (.*)/g), (match) => match[1]);
  expect(printed.length).toBeGreaterThan(0);
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "--eval", block],
    { cwd: project },
  );
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n")).toEqual(printed);
});
