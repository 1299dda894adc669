import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { moduleFolder } from "../smartmodules/built.ts";
import { fluvioFolder } from "../support/fluvio.ts";
import { call } from "./support/call.ts";
import { keysOf } from "./support/shape.ts";

test("inspect gives programs the form that its schema says, for modules of both kinds", async () => {
  const { result: schema } = JSON.parse((await call(["schema", "--of", "inspect", "--json"])).stdout);
  const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
  const files = [join(moduleFolder("json-pick"), "json-pick.wasm"), `${fluvioFolder}filter-wasi.wasm`];
  const keys = new Set<string>();
  for (const words of files.flatMap((file) => [
    ["inspect", file],
    ["module", "inspect", file],
  ])) {
    const envelope = JSON.parse((await call([...words, "--json"])).stdout);
    validate(envelope);
    expect(validate.errors).toBeNull();
    expect(envelope).toMatchObject({ command: words.slice(0, -1).join(" "), ok: true });
    expect(envelope.result.functions.count).toBeGreaterThan(10);
    for (const key of keysOf(envelope)) keys.add(key);
  }
  expect(validate({ command: "inspect", ok: true, summary: "", result: {}, error: null })).toBe(false);
  await expect(`${[...keys].sort().join("\n")}\n`).toMatchFileSnapshot("inspect.keys.txt");
});

test("inspect tells people what imports get, and what could be better", async () => {
  const { code, stdout } = await call(["inspect", `${fluvioFolder}filter-wasi.wasm`]);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /\nimports +env\.copy_records: how a module built for Fluvio hands its output over\n/,
  );
  expect(stdout).toMatch(/\n +wasi_snapshot_preview1\.environ_get: there is no environment\n/);
  expect(stdout).toMatch(/\nfunctions +\d+ functions, without names\n/);
  expect(stdout).toMatch(/\nadvice\n→ its functions have no names/);
});
