import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { expandBraces, findFiles } from "../../../src/connector/file/glob.ts";
import { limits } from "../../../src/limits.ts";
import { tempFolder } from "../support/temp-folder.ts";

let folder: string;
beforeEach(() => {
  folder = tempFolder();
});

function make(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "");
  }
}

async function found(pattern: string): Promise<string[]> {
  const { files } = await findFiles(join(folder, pattern));
  return files.map((file) => relative(folder, file));
}

describe("a pattern finds", () => {
  test.each([
    ["*.log", ["a.log", "b.log"]],
    ["?.log", ["a.log", "b.log"]],
    ["[b-z].log", ["b.log"]],
    ["[!b].log", ["a.log"]],
    ["[^b].log", ["a.log"]],
    ["{a,b}.log", ["a.log", "b.log"]],
    ["{a.log,sub/{c,d}.log}", ["a.log", "sub/c.log", "sub/d.log"]],
    ["a.log", ["a.log"]],
    ["*/c.log", ["sub/c.log"]],
    ["**/c.log", ["sub/c.log", "sub/deep/c.log"]],
    ["**/*.log", ["a.log", "b.log", "sub/c.log", "sub/d.log", "sub/deep/c.log"]],
    ["sub/**", ["sub/c.log", "sub/d.log", "sub/deep/c.log"]],
    [".*", [".hidden.log"]],
    ["*x*", ["x*y.txt", "xzy.txt"]],
    ["x\\*y.txt", ["x*y.txt"]],
    ["*.none", []],
    ["none/*.log", []],
  ])("%s", async (pattern, expected) => {
    make("a.log", "b.log", ".hidden.log", "x*y.txt", "xzy.txt", "sub/c.log", "sub/d.log", "sub/deep/c.log");
    mkdirSync(join(folder, "folder.log"));
    expect(await found(pattern)).toEqual(expected);
  });

  test("files behind links, but not in a circle of them", async () => {
    make("sub/a.log");
    symlinkSync(join(folder, "sub/a.log"), join(folder, "b.log"));
    symlinkSync(folder, join(folder, "sub/up"));
    expect(await found("*.log")).toEqual(["b.log"]);
    expect(await found("**/*.log")).toEqual(["b.log", "sub/a.log"]);
  });

  test("the folders in which others could appear", async () => {
    make("sub/a.log");
    const { folders } = await findFiles(join(folder, "**/*.log"));
    expect(folders.map((each) => relative(folder, each))).toEqual(["", "sub"]);
  });
});

test("globPatternsMax: braces stand for that many patterns, and no more", () => {
  const most = limits.globPatternsMax.default;
  const choices = (count: number): string => `{${Array.from({ length: count }, (_, i) => i).join(",")}}`;
  expect(expandBraces(choices(most))).toHaveLength(most);
  expect(() => expandBraces(choices(most + 1))).toThrow(expect.objectContaining({ code: "config.invalid" }));
  expect(() => expandBraces("{a,b}".repeat(40))).toThrow(expect.objectContaining({ code: "config.invalid" }));
});

test("globFilesMax: that many files may fit, and no more", { timeout: 60_000 }, async () => {
  const most = limits.globFilesMax.default;
  for (let i = 0; i < most; i++) writeFileSync(join(folder, `${i}.log`), "");
  expect(await found("*.log")).toHaveLength(most);
  writeFileSync(join(folder, "one-more.log"), "");
  await expect(found("*.log")).rejects.toMatchObject({ code: "file.unreadable", hint: expect.any(String) });
});
