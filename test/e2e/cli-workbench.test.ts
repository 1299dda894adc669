import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { generateConfig } from "../cli/support/configs.ts";
import { folderWith, millrace } from "../cli/support/millrace.ts";
import { faultFile } from "../fixtures/faults/faults.ts";

const steps = ["transforms:", `  - uses: ${faultFile("counts-on")}`, `  - uses: ${faultFile("same")}`];
const config = generateConfig({ generate: ["kind: order", "count: 500"], more: steps });

describe("capture, replay, fuzz and diff", () => {
  test("keep what the steps of a run do, and do it again", async () => {
    const cwd = await folderWith({ "in.yaml": config });
    const captured = await millrace(["capture", "in.yaml", "--once", "--mask", "customer"], { cwd });
    expect(captured.code, captured.stderr).toBe(0);
    expect(captured.stdout).toMatch(
      /\ncaptured 500 records in 1 batch, 500 of them masked: .*orders-in\.mrcap, [\d.]+ kB\n$/,
    );
    expect((await readdir(cwd)).sort()).toEqual([".millrace", "in.yaml", "orders-in.mrcap"]);
    const replayed = await millrace(["replay", "orders-in.mrcap"], { cwd });
    expect(replayed).toMatchObject({ code: 0, stderr: "" });
    expect(replayed.stdout).toContain("500 records in 1 batch replayed, all the same");
    const otherwise = await millrace(
      ["replay", "orders-in.mrcap", "-m", faultFile("keeps-all"), "--at", "1"],
      { cwd },
    );
    expect(otherwise.stdout).toMatch(/\n1-counts-on\.wasm +keeps-all\.wasm +500 +334 +166 /);
  });

  test("end when the capture is full, and say so to programs", async () => {
    const cwd = await folderWith({
      "in.yaml": generateConfig({ generate: ["kind: order", "rate: 2000"], more: steps }),
    });
    const words = ["capture", "in.yaml", "--records", "20", "-o", "few.mrcap", "--json"];
    const { code, stdout } = await millrace(words, { cwd });
    const { result } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(result.capture).toMatchObject({
      file: join(cwd, "few.mrcap"),
      written: true,
      records: 20,
      full: "records",
    });
    const schema = JSON.parse((await millrace(["schema", "--of", "capture-report"], { cwd })).stdout);
    const ajv = new Ajv2020({ strict: false });
    ajv.validate(schema, result);
    expect(ajv.errors).toBeNull();
  });

  test("find what a module gets wrong", async () => {
    const cwd = await folderWith({});
    const words = ["fuzz", faultFile("drops-the-last"), "--law", "batches", "--seed", "1", "--runs", "20"];
    const { code, stdout, stderr } = await millrace(words, { cwd });
    expect(code).toBe(1);
    expect(stdout).toContain("in a batch of its own it is kept, in a larger one dropped");
    expect(stderr).toContain("`millrace test drops-the-last.fuzz.test.yaml` tries what was found again");
    expect((await millrace(["test", "drops-the-last.fuzz.test.yaml"], { cwd })).code).toBe(1);
  });

  test("tell what a new version does differently with what a pipeline got", async () => {
    const cwd = await folderWith({ "in.yaml": config });
    await millrace(["capture", "in.yaml", "--once", "--records", "50", "-o", "in.mrcap"], { cwd });
    const words = [
      "diff",
      faultFile("keeps-all"),
      faultFile("drops-the-last"),
      "-i",
      "in.mrcap",
      "--no-time",
    ];
    const { code, stdout, stderr } = await millrace(words, { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n +50 +49 +0 +1 +0 +0 +0 +0\n/);
    expect(stdout).toContain("\nrecord 49 is dropped\n");
    expect(stderr).toMatch(
      /^✗ 1 record of 50 comes out of drops-the-last\.wasm as something else than of keeps-all\.wasm/,
    );
  });
});
