import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const script = join(import.meta.dirname, "../../.ci/audit.js");
const resolved = "https://registry.example/a/-/a-1.0.0.tgz";
const integrity = "sha512-abc";

/** What is said of a lock file with these packages. */
function audit(packages: object): { readonly problems: string; readonly status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), "millrace-audit-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "package-lock.json");
  writeFileSync(file, JSON.stringify({ packages: { "": { name: "millrace" }, ...packages } }));
  const { stderr, status } = spawnSync(process.execPath, [script, file], { encoding: "utf8" });
  return { problems: stderr, status };
}

test("a dependency that runs a script at its installation, or is not held by a hash, fails the audit", () => {
  const fine = { version: "1.0.0", resolved, integrity };
  const platform = { version: "1.0.0", optional: true, cpu: ["arm64"], os: ["android"] };
  expect(
    audit({
      "node_modules/lmdb": { ...fine, hasInstallScript: true },
      "node_modules/@biomejs/cli-android-arm64": platform,
      "node_modules/fine": fine,
    }),
  ).toEqual({ problems: "", status: 0 });
  const { problems, status } = audit({
    "node_modules/scripted": { ...fine, hasInstallScript: true },
    "node_modules/unheld": { version: "1.0.0", resolved },
    "node_modules/unknown-platform": platform,
    "node_modules/@biomejs/cli-everywhere": { version: "1.0.0", optional: true },
    "node_modules/weak": { ...fine, integrity: "sha1-abc" },
    "node_modules/local": { ...fine, resolved: "file:../local.tgz" },
  });
  expect(status).toBe(1);
  expect(problems.trim().split("\n")).toEqual([
    expect.stringContaining("scripted runs a script") as string,
    expect.stringContaining("unheld has no hash") as string,
    expect.stringContaining("unknown-platform has no hash") as string,
    expect.stringContaining("cli-everywhere has no hash") as string,
    expect.stringContaining("weak is held by a weak hash") as string,
    expect.stringContaining("local does not come from a registry") as string,
  ]);
});
