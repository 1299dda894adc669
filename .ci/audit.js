#!/usr/bin/env node
// Checks what npm would bring in: that nothing of it runs a script when it is installed but what is named here, that each package
// is held to its content by a hash, and that the registry knows of no serious vulnerability in what users get.
// Usage: .ci/audit.js [package-lock.json]
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = join(dirname(fileURLToPath(import.meta.url)), "..");
const lockFile = process.argv[2] ?? join(project, "package-lock.json");

/** Packages that may run a script when they are installed, and why. */
const scriptsAllowed = new Map([
  ["node_modules/lmdb", "takes the binary for this platform, or builds it"],
  ["node_modules/msgpackr-extract", "takes the binary for this platform, or builds it; optional"],
]);

/**
 * Optional packages for one platform each. A registry that lacks some of them lets npm write them without a hash, and
 * then npm does not install them either.
 */
const withoutHash = [
  ["node_modules/@biomejs/cli-", "the formatter's binaries"],
  ["node_modules/@msgpackr-extract/msgpackr-extract-", "a faster way to read MessagePack"],
  ["node_modules/@oxc-parser/binding-", "the binaries of a parser that the tests use"],
];

/** @param {Record<string, any>} packages of a lock file */
function problemsOf(packages) {
  const problems = [];
  for (const [path, entry] of Object.entries(packages)) {
    if (path === "" || entry.link) continue;
    if (entry.hasInstallScript && !scriptsAllowed.has(path)) {
      problems.push(
        `${path} runs a script when it is installed: look at it, then allow it here or do without it`,
      );
    }
    if (entry.resolved !== undefined && !/^https:\/\//.test(entry.resolved)) {
      problems.push(`${path} does not come from a registry over https, but from ${entry.resolved}`);
    }
    if (entry.integrity !== undefined) {
      if (!/^sha512-/.test(entry.integrity))
        problems.push(`${path} is held by a weak hash: ${entry.integrity}`);
      continue;
    }
    const isOfPlatform = entry.optional === true && (entry.os !== undefined || entry.cpu !== undefined);
    if (!isOfPlatform || !withoutHash.some(([prefix]) => path.startsWith(prefix))) {
      problems.push(`${path} has no hash in package-lock.json, so nothing says which bytes it is`);
    }
  }
  return problems;
}

/** Asks the registry for known vulnerabilities of what users get; gives true when there are serious ones. */
function hasVulnerabilities() {
  const { stdout, status } = spawnSync("npm", ["audit", "--omit=dev", "--audit-level=high", "--json"], {
    cwd: project,
    encoding: "utf8",
    timeout: 120_000,
  });
  let report;
  try {
    report = JSON.parse(stdout);
  } catch {
    report = {};
  }
  if (report.metadata?.vulnerabilities === undefined) {
    const why = report.message ?? "it gave no answer";
    process.stdout.write(`audit: NOT DONE, the registry tells nothing of vulnerabilities (${why})\n`);
    return false;
  }
  const { high, critical } = report.metadata.vulnerabilities;
  process.stdout.write(
    `audit: ${high} high and ${critical} critical vulnerabilities in production dependencies\n`,
  );
  for (const [name, { severity, via }] of Object.entries(report.vulnerabilities ?? {})) {
    if (severity !== "high" && severity !== "critical") continue;
    const titles = via.map((/** @type {any} */ each) =>
      typeof each === "string" ? each : `${each.title} ${each.url}`,
    );
    process.stdout.write(`  ${name}: ${titles.join(", ")}\n`);
  }
  return status !== 0 && high + critical > 0;
}

const { packages } = JSON.parse(readFileSync(lockFile, "utf8"));
const problems = problemsOf(packages);
for (const problem of problems) process.stderr.write(`audit: ${problem}\n`);
process.stdout.write(`audit: ${Object.keys(packages).length - 1} packages of the lock file looked at\n`);
const isVulnerable = process.argv[2] === undefined && hasVulnerabilities();
process.exitCode = problems.length > 0 || isVulnerable ? 1 : 0;
