import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { type MillraceMatchers, millraceMatchers, runTests } from "../../src/devkit/testing/kit.ts";
import { moduleFolder } from "./built.ts";

declare module "vitest" {
  interface Matchers<T> extends MillraceMatchers<T> {}
}

expect.extend(millraceMatchers);

const project = join(import.meta.dirname, "../..");

function testFilesIn(folder: string): readonly string[] {
  return readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.yaml"))
    .map((name) => join(folder, name))
    .sort();
}

const files = [...testFilesIn("smartmodules"), ...testFilesIn("examples")];

test("each module has a test file beside it", () => {
  const modules = readdirSync(moduleFolder(""), { withFileTypes: true, encoding: "utf8" })
    .filter((entry) => entry.isDirectory() && entry.name !== "sdk")
    .map(({ name }) => relative(project, join(moduleFolder(name), `${name}.test.yaml`)));
  expect(modules.length).toBeGreaterThan(0);
  expect(files).toEqual(expect.arrayContaining(modules));
});

describe.each(files)("%s", (file) => {
  test("passes", async () => {
    expect(await runTests(join(project, file))).toPassTests();
  });
});
