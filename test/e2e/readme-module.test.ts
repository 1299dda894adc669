import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const project = join(import.meta.dirname, "../..");

/** The code under each `<!-- test: module NAME -->` of the README, by name. */
async function readmeBlocks(): Promise<ReadonlyMap<string, string>> {
  const readme = await readFile(join(project, "README.md"), "utf8");
  const blocks = readme.matchAll(/<!-- test: module (\S+) -->\n```\w+\n(.*?)```/gs);
  return new Map(Array.from(blocks, ([, name = "", code = ""]) => [name, code]));
}

test("the module of the README is built, checked and run by the commands that stand there", {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-readme-"));
  try {
    // What `npm install` would lay down for a user of the package.
    await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
    await symlink(project, join(folder, "node_modules/millrace"));
    await symlink(join(project, "dist/bin.js"), join(folder, "node_modules/.bin/millrace"));
    const blocks = await readmeBlocks();
    expect([...blocks.keys()]).toEqual(["slow.ts", "slow.yaml", "commands"]);
    for (const name of ["slow.ts", "slow.yaml"]) await writeFile(join(folder, name), blocks.get(name) ?? "");
    const outputs: string[] = [];
    for (const command of (blocks.get("commands") ?? "").trim().split("\n")) {
      const { stdout } = await promisify(execFile)("sh", ["-c", command], { cwd: folder });
      outputs.push(stdout);
    }
    const [built = "", valid = "", run = "", records = ""] = outputs;
    expect(built).toContain("slow.wasm: a filter");
    expect(valid).toContain("slow-requests, inbound");
    expect(run).toMatch(/read 100,000 = delivered [\d,]+ \+ filtered [\d,]+ \+ skipped 0 \+ in flight 0/);
    const durations = records
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { duration_ms: number }).duration_ms);
    expect(durations).toHaveLength(3);
    for (const duration of durations) expect(duration).toBeGreaterThan(4900);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
