import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { testFileText } from "../../../src/devkit/fuzz/test-file.ts";
import { type FuzzResult, fuzzModule, runTestFile } from "../../../src/devkit/index.ts";
import { loadModuleFile } from "../../../src/modules/index.ts";
import { folderWith } from "../../cli/support/millrace.ts";
import {
  type FaultName,
  faultFile,
  faults,
  hashes,
  sources,
  type TwinName,
  twins,
} from "../../fixtures/faults/faults.ts";
import { compileWat } from "../../support/wat.ts";

const faultNames = Object.keys(faults) as FaultName[];
const twinNames = Object.keys(twins) as TwinName[];

describe("the modules with faults", () => {
  test("are built from their sources", async () => {
    const lines: string[] = [];
    for (const [name, source] of Object.entries(sources)) {
      const wasm = await compileWat(source);
      lines.push(`${createHash("sha256").update(wasm).digest("hex")}  ${name}.wasm\n`);
      if (process.env.MILLRACE_BUILD_FAULTS === "1") await writeFile(faultFile(name as FaultName), wasm);
      expect(Buffer.compare(wasm, await readFile(faultFile(name as FaultName))), name).toBe(0);
    }
    if (process.env.MILLRACE_BUILD_FAULTS === "1") {
      await writeFile(join(faultFile("same"), "../SHA256SUMS"), lines.join(""));
    }
    expect(await hashes()).toBe(lines.join(""));
  });
});

/** Records of the smallest batch that shows a fault; one where nothing is said. */
const smallest: Partial<Record<FaultName, number>> = {
  "counts-on": 3,
  "looks-at-the-previous": 2,
  "swaps-neighbours": 2,
  "drops-the-last": 2,
  "minds-the-batch": 5,
  "keeps-every-other": 3,
};

/** What is found must not depend on how fast the machine is. */
const endless = { seed: 1, shrinkMsMax: Number.POSITIVE_INFINITY };

/** Whether a module passes the tests that were saved of what was found. */
async function passesTests(result: FuzzResult, module: FaultName | TwinName): Promise<boolean> {
  const file = join(await folderWith({}), `${module}.fuzz.test.yaml`);
  await writeFile(file, testFileText(result, faultFile(module), new Map(), file));
  const { cases } = await runTestFile(file, { snapshots: "none" });
  expect(cases).toHaveLength(1);
  return cases.every(({ findings }) => findings.length === 0);
}

describe("fuzzing", { timeout: 120_000 }, () => {
  test.each(faultNames)(
    "finds what is wrong with %s, makes it small, and saves a test of it",
    async (name) => {
      const { law } = faults[name];
      const result = await fuzzModule(await loadModuleFile(faultFile(name)), {
        ...endless,
        runs: 60,
        laws: [law],
      });
      const [only] = result.laws;
      expect(only).toMatchObject({ law, skipped: undefined });
      expect(only?.broken, `${law} was tried ${only?.runs} times`).toBeDefined();
      expect(only?.broken?.records.length).toBe(smallest[name] ?? 1);
      // Memory is another matter: a test has its records once.
      if (law === "memory") return;
      expect(await passesTests(result, name)).toBe(false);
      expect(await passesTests(result, faults[name].twin)).toBe(true);
    },
  );

  test.each(twinNames)("finds nothing about %s", async (name) => {
    const result = await fuzzModule(await loadModuleFile(faultFile(name)), { ...endless, runs: 30 });
    expect(result.laws.filter(({ broken }) => broken !== undefined)).toEqual([]);
    expect(result.laws.filter(({ runs }) => runs > 0).length).toBeGreaterThanOrEqual(8);
  });
});
