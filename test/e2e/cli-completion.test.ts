import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { folderWith, millrace } from "../cli/support/millrace.ts";

const keptModule = join(import.meta.dirname, "../fixtures/fluvio/filter.wasm");
const program = join(import.meta.dirname, "../../dist/bin.js");

async function complete(words: readonly string[], cwd?: string): Promise<readonly string[]> {
  const { code, stdout } = await millrace(["__complete", "--", ...words], cwd === undefined ? {} : { cwd });
  expect(code).toBe(0);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split("\t")[0] ?? "");
}

describe("completion", () => {
  test("offers commands, options and connectors", async () => {
    expect(await complete([""])).toEqual(expect.arrayContaining(["run", "topic", "validate", "build"]));
    expect(await complete(["topic", "c"])).toEqual(["create", "consume"]);
    expect(await complete(["run", "http"])).toEqual(expect.arrayContaining(["http-source"]));
    expect(await complete(["run", "http-source", "--end"])).toEqual(["--endpoint"]);
    expect(await complete(["validate", ""])).toEqual([":files"]);
    expect(await complete(["completion", "z"])).toEqual(["zsh"]);
  });

  test("offers the topics that are there", async () => {
    const cwd = await folderWith();
    for (const name of ["orders", "others"]) await millrace(["topic", "create", name], { cwd });
    expect(await complete(["topic", "consume", "o"], cwd)).toEqual(["orders", "others"]);
    expect(await complete(["topic", "consume", "or"], cwd)).toEqual(["orders"]);
  });

  test("offers the modules that are in the store, and files where a file will do", async () => {
    const cwd = await folderWith();
    for (const name of ["my/keep", "keep"]) {
      await millrace(["module", "create", name, "--wasm-file", keptModule], { cwd });
    }
    expect(await complete(["module", "delete", ""], cwd)).toEqual(["keep", "my/keep"]);
    for (const command of ["inspect", "bench", "fuzz", "test"]) {
      expect(await complete([command, "k"], cwd)).toEqual([":files", "keep"]);
    }
    expect(await complete(["diff", "keep", "m"], cwd)).toEqual([":files", "my/keep"]);
    expect(await complete(["bench", "--modules", "nowhere", ""], cwd)).toEqual([":files"]);
  });

  test("the script for bash completes what is typed there", async () => {
    const cwd = await folderWith();
    await symlink(program, join(cwd, "millrace"));
    const { stdout: script } = await millrace(["completion", "bash"]);
    const typed = `${script}
COMP_WORDS=(millrace topic del) COMP_CWORD=2 COMP_LINE="millrace topic del" COMP_POINT=18
_millrace
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = await promisify(execFile)("bash", ["--norc", "-c", typed], {
      cwd,
      env: { ...process.env, PATH: `${cwd}:${process.env.PATH}` },
    });
    expect(stdout).toBe("delete\n");
  });

  test.each(["bash", "zsh", "fish"])("there is a script for %s", async (shell) => {
    const { code, stdout } = await millrace(["completion", shell]);
    expect({ code, isScript: stdout.includes("__complete") }).toEqual({ code: 0, isScript: true });
  });

  test("for another shell there is none, and a near one is named", async () => {
    const { code, stderr } = await millrace(["completion", "bsh"]);
    expect(code).toBe(2);
    expect(stderr).toContain("did you mean bash?");
  });
});
