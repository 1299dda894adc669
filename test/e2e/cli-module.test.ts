import { createHash } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith, millrace } from "../cli/support/millrace.ts";
import { moduleFolder } from "../smartmodules/built.ts";
import { compileWat } from "../support/wat.ts";

async function folderWithModule(name: string): Promise<string> {
  const cwd = await folderWith();
  for (const file of [`${name}.wasm`, "module.yaml"])
    await cp(join(moduleFolder(name), file), join(cwd, file));
  return cwd;
}

describe("module create", () => {
  test("has one winner among processes that create a name at once, and a whole module of those that replace it", async () => {
    const fixtures = join(import.meta.dirname, "../fixtures/fluvio");
    const files = ["filter", "map", "filter-map", "array-map"].map((name) => join(fixtures, `${name}.wasm`));
    const cwd = await folderWith();
    const created = await Promise.all(
      files.map((file) => millrace(["module", "create", "shared", "--wasm-file", file, "--json"], { cwd })),
    );
    const codes = created.map(({ stdout }) => JSON.parse(stdout).error?.code ?? "created");
    expect(codes.sort()).toEqual(["created", "module.exists", "module.exists", "module.exists"]);
    const words = ["module", "create", "shared", "--replace", "--wasm-file"];
    const replaced = await Promise.all(files.map((file) => millrace([...words, file], { cwd })));
    expect(replaced.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const { stdout } = await millrace(["module", "list", "--json"], { cwd });
    const { modules, damaged } = JSON.parse(stdout).result;
    expect({ names: modules.map(({ reference }: { reference: string }) => reference), damaged }).toEqual({
      names: ["shared"],
      damaged: [],
    });
    const bytes = await readFile(modules[0].file);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(modules[0].sha256);
    expect(await Promise.all(files.map((file) => readFile(file)))).toContainEqual(bytes);
  });
});

describe("module inspect", () => {
  test("tells people what a module is and which parameters it takes", async () => {
    const cwd = await folderWithModule("json-filter");
    const words = ["module", "inspect", "json-filter.wasm", "--with", "field=a", "--with", "value=1"];
    const { code, stdout, stderr } = await millrace(words, { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^✓ json-filter.wasm: a filter of the packed ABI\n/);
    expect(stdout).toMatch(/\nABI +packed\n/);
    expect(stdout).toMatch(/\nstateful +no\n/);
    expect(stdout).toMatch(/\nimports +none\n/);
    expect(stdout).toMatch(/millrace_filter\(i32\) -> i32\n/);
    expect(stdout).toMatch(/\nfield +\(required\) +The field, such as/);
    expect(stdout).toMatch(/\noperator +== +One of/);
  });

  test("tells programs the same", async () => {
    const cwd = await folderWithModule("json-pick");
    const { stdout } = await millrace(["module", "inspect", "json-pick.wasm", "--json"], { cwd });
    const { ok, result } = JSON.parse(stdout);
    expect(ok).toBe(true);
    expect(result).toMatchObject({
      abi: "packed",
      kind: "map",
      looksBack: false,
      stateful: null,
      imports: [],
    });
    expect(result.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(result.startProblem.message).toContain("the parameter `fields` is missing");
    expect(result.parameters).toEqual([
      { name: "fields", description: expect.any(String), required: true, default: null },
      { name: "missing", description: expect.any(String), required: false, default: "omit" },
    ]);
    expect(result.sections.map((section: { name: string }) => section.name)).toContain("code");
  });

  test("says of a module of another kind what it is, and that it cannot be run", async () => {
    const other = '(module (import "env" "now" (func)) (memory (export "memory") 1) (func (export "go")))';
    const cwd = await folderWith({ "other.wasm": await compileWat(other) });
    const { code, stdout, stderr } = await millrace(["module", "inspect", "other.wasm"], { cwd });
    expect(code).toBe(2);
    expect(stdout).toMatch(/\nimports +env.now: refused, a module gets nothing beside/);
    expect(stderr).toContain("speaks no ABI that is known here");
  });

  test.each([
    ["missing.wasm", 2, "missing.wasm"],
    ["text.wasm", 2, "is not a WebAssembly module"],
  ])("of %s ends with %i", async (file, expected, message) => {
    const cwd = await folderWith({ "text.wasm": "(module)" });
    const { code, stderr } = await millrace(["module", "inspect", file], { cwd });
    expect(code).toBe(expected);
    expect(stderr).toContain(message);
  });

  test("of a broken description says where it is", async () => {
    const cwd = await folderWithModule("json-pick");
    await writeFile(join(cwd, "module.yaml"), "parameters: [");
    const { code, stderr } = await millrace(["module", "inspect", "json-pick.wasm"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^✗ the module's description is no YAML: .* at line 1, column 14.*\n {2}at module\.yaml\n/s,
    );
  });
});
