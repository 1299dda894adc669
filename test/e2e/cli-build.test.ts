import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generateConfig } from "../cli/support/configs.ts";
import { folderWith, millrace } from "../cli/support/millrace.ts";

/** Keeps every record. */
const source = [
  'import { Record } from "millrace/assemblyscript";',
  "",
  "export function filter(record: Record): bool {",
  "  return record.value.length >= 0;",
  "}",
  "",
].join("\n");

describe("build", () => {
  test("writes the module beside its source", async () => {
    const cwd = await folderWith({ "keep.ts": source });
    const { code, stdout, stderr } = await millrace(["build", "keep.ts"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const sha256 = createHash("sha256")
      .update(await readFile(join(cwd, "keep.wasm")))
      .digest("hex");
    expect(stdout).toMatch(/^✓ keep\.wasm: a filter of [\d.]+ k?B\n/);
    expect(stdout.split("\n").slice(1)).toEqual([`  sha256 ${sha256}`, ""]);
  });

  test("writes a module that runs", async () => {
    const config = generateConfig({ generate: ["count: 3"], more: ["filter:", "  uses: built.wasm"] });
    const cwd = await folderWith({ "keep.ts": source, "in.yaml": config });
    const built = await millrace(["build", "keep.ts", "-o", "built.wasm", "--json"], { cwd });
    const { result, ...envelope } = JSON.parse(built.stdout);
    expect(envelope).toMatchObject({ command: "build", ok: true, error: null });
    const wasm = await readFile(join(cwd, "built.wasm"));
    expect(result).toEqual({
      source: "keep.ts",
      output: "built.wasm",
      kind: "filter",
      bytes: wasm.length,
      sha256: createHash("sha256").update(wasm).digest("hex"),
      warnings: [],
    });
    const { stdout } = await millrace(["run", "in.yaml", "--once"], { cwd });
    expect(stdout).toMatch(/\nfilter +built\.wasm +3 +3 +0 +0 /);
  });

  test("of a source that does not build exits with 2, at the place", async () => {
    const cwd = await folderWith({ "keep.ts": source.replace("record.value", "record.valeu") });
    const { code, stdout, stderr } = await millrace(["build", "keep.ts"], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^✗ .*valeu.*\n {2}at keep\.ts:4:\d+\n {2}→ /);
    await expect(readFile(join(cwd, "keep.wasm"))).rejects.toThrow("ENOENT");
  });

  test("does not write over its source", async () => {
    const cwd = await folderWith({ "keep.ts": source });
    const { code, stderr } = await millrace(["build", "keep.ts", "-o", "./keep.ts"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("would be written over its source");
    expect(await readFile(join(cwd, "keep.ts"), "utf8")).toBe(source);
  });

  test("of a source that is not there exits with 2", async () => {
    const cwd = await folderWith();
    const { code, stderr } = await millrace(["build", "none.ts"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^✗ .*\n {2}at none\.ts\n {2}→ /);
  });
});
