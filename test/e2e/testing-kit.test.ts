import { execFile } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { folderWith } from "../cli/support/millrace.ts";
import { fluvioFolder } from "../support/fluvio.ts";

const project = join(import.meta.dirname, "../..");

const tests = `
import test from "node:test";
import { testModule, verify } from "millrace/testing";

test("capitals", async () => {
  const result = await testModule(${JSON.stringify(`${fluvioFolder}map.wasm`)}, ["a"]);
  verify(result).toOutput(["A"]);
});
test("no capitals", async () => {
  const result = await testModule(${JSON.stringify(`${fluvioFolder}map.wasm`)}, ["a"]);
  verify(result).toKeep(0);
});
`;

test("node --test runs tests of modules with the installed package", async () => {
  const folder = await folderWith({ "module.test.mjs": tests });
  await mkdir(join(folder, "node_modules"));
  await symlink(project, join(folder, "node_modules/millrace"));
  const args = ["--test", "--test-reporter=tap", join(folder, "module.test.mjs")];
  // Told that it is part of another run, node:test reports to that one.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const failed = await promisify(execFile)(process.execPath, args, { env }).catch((error: unknown) => error);
  const { code, stdout } = failed as { readonly code: number; readonly stdout: string };
  expect(code).toBe(1);
  expect(stdout).toMatch(/^ *ok 1 - capitals$/m);
  expect(stdout).toMatch(/^ *not ok 2 - no capitals$/m);
  expect(stdout).toContain("input record 0 was to be kept, and was replaced");
});

test("the chunk that each call of the command line loads has nothing that only some calls need", async () => {
  const chunk = await readFile(join(project, "dist/bundle/cli.js"), "utf8");
  const imported = [...chunk.matchAll(/(?:from|^import|;import) ?"([^"]+)"/g)].map(
    ([, specifier]) => specifier,
  );
  expect([...new Set(imported)].sort()).toEqual(["./engine.js", "node:fs", "node:module", "node:path"]);
});
