import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";

const config = [
  "meta:",
  "  name: tail",
  "  type: file-source",
  "  topic: lines",
  "file:",
  "  path: app.log",
  "  follow: true",
  "",
];

/** How many records the topic has. */
async function recordsIn(cwd: string): Promise<number> {
  const { stdout } = await millrace(["topic", "list", "--json"], { cwd });
  return JSON.parse(stdout).result.topics[0]?.records ?? 0;
}

test("a follower that is killed again and again loses no line and doubles none", {
  timeout: 120_000,
}, async () => {
  const cwd = await folderWith({ "tail.yaml": config.join("\n") });
  const file = join(cwd, "app.log");
  let written = 0;
  const write = (count: number): void => {
    const lines = Array.from({ length: count }, () => `line ${written++} ${"x".repeat(100)}\n`);
    appendFileSync(file, lines.join(""));
  };
  writeFileSync(file, "");
  for (let round = 0; round < 3; round++) {
    write(3000);
    const call = start(["run", "tail.yaml", "--quiet"], { cwd });
    // Killed as soon as something of this round has arrived, and in the middle of what is written meanwhile.
    const before = await recordsIn(cwd);
    write(20_000);
    appendFileSync(file, "line");
    while ((await recordsIn(cwd)) <= before);
    call.child.kill("SIGKILL");
    await call.ended;
    // The line that had not ended when it was killed goes on.
    appendFileSync(file, ` ${written++}\n`);
    if (round === 1) {
      renameSync(file, join(cwd, "app.log.1"));
      writeFileSync(file, "");
    }
  }
  const { code, stderr } = await millrace(["run", "tail.yaml", "--once", "--quiet"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const { stdout } = await millrace(["topic", "consume", "lines"], { cwd });
  const numbers = stdout
    .trimEnd()
    .split("\n")
    .map((line) => Number(/^line (\d+)/.exec(line)?.[1]));
  expect(numbers).toEqual(Array.from({ length: written }, (_, index) => index));
});
