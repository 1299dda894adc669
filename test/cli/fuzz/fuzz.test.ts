import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { faultFile } from "../../fixtures/faults/faults.ts";
import { call } from "../support/in-process.ts";
import { folderWith } from "../support/millrace.ts";

const runs = ["--runs", "12", "--seed", "3"];

describe("fuzz", { timeout: 60_000 }, () => {
  test("tells people which laws held, and which are not for this module", async () => {
    const { code, stdout, stderr } = await call(["fuzz", faultFile("keeps-all"), ...runs]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("9 laws tried with 12 inputs, all held\n");
    expect(stdout).toContain("\n✓ batches     the same comes of records in one batch or in many (12)\n");
    expect(stdout).toContain("\n- text        a filter changes nothing\n");
    expect(stdout.endsWith("\nseed 3\n")).toBe(true);
  });

  test("tells programs what it found, as its schema says, and saves it as tests", async () => {
    const cwd = await folderWith({ "samples.jsonl": '{"a":1}\n' });
    const output = join(cwd, "found.test.yaml");
    const words = ["--law", "traps,fuel", "--sample", join(cwd, "samples.jsonl"), "-o", output, "--json"];
    const { code, stdout } = await call([
      "fuzz",
      faultFile("traps-on-nothing"),
      "--runs",
      "40",
      "--seed",
      "3",
      ...words,
    ]);
    const { result, error } = JSON.parse(stdout);
    expect(code).toBe(1);
    expect(error).toMatchObject({ code: "fuzz.law", hint: expect.stringContaining("--seed 3") });
    const steady = { ...result, module: "traps-on-nothing.wasm", saved: "found.test.yaml" };
    await expect(`${JSON.stringify(steady, undefined, 2)}\n`).toMatchFileSnapshot("found.json");
    const schema = JSON.parse((await call(["schema", "--of", "fuzz-report"])).stdout);
    const ajv = new Ajv2020({ strict: false });
    ajv.validate(schema, result);
    expect(ajv.errors).toBeNull();
    expect(await readFile(output, "utf8")).toContain('- text: ""');
    const tests = await call(["test", output]);
    expect(tests.code).toBe(1);
  });

  test.each<[readonly string[], string]>([
    [["--law", "batchs"], "did you mean batches?"],
    [["--runs", "0"], '--runs cannot be "0"'],
    [["--seed", "-1"], '--seed cannot be "-1"'],
    [["--minutes", "soon"], '--minutes cannot be "soon"'],
    [["--sample", "none.jsonl"], "there is no file none.jsonl"],
    [["--generator", "none.js"], "the generator cannot be loaded"],
  ])("%j is refused", async (words, message) => {
    const { code, stderr } = await call(["fuzz", faultFile("same"), ...words]);
    expect(code).toBeGreaterThan(1);
    expect(stderr).toContain(message);
  });
});
