import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith, millrace } from "../cli/support/millrace.ts";
import { fluvioFolder } from "../support/fluvio.ts";

const module = (name: string): string => JSON.stringify(join(fluvioFolder, `${name}.wasm`));

function inbound(steps: readonly string[], ours: readonly string[] = []): string {
  return [
    "apiVersion: 0.1.0",
    "meta: { name: in, type: file-source, topic: words, version: 0.1.0 }",
    "file: { path: words.txt }",
    ...steps,
    "millrace:",
    "  batch-bytes: 64",
    ...ours.map((line) => `  ${line}`),
    "",
  ].join("\n");
}

async function values(cwd: string): Promise<string[]> {
  const { stdout } = await millrace(["topic", "consume", "words"], { cwd });
  return stdout.trimEnd().split("\n");
}

describe.each(["thread", "inline"])("a pipeline with modules for Fluvio, isolation %s", (isolation) => {
  test("runs filter and shape, skips what they fail, and counts each record once", async () => {
    const lines = ["[1,2]", "[]", "no array", '["a"]', "x", '["panic","b"]', "[3]", "\u00ff a"];
    const steps = [
      `filter: { uses: ${module("regex-filter")}, with: { regex: "^[^x]" } }`,
      "shape:",
      `  - { uses: ${module("array-map-wasi")}, onError: skip }`,
      `  - { uses: ${module("counting-map-wasi")}, onError: skip }`,
    ];
    const cwd = await folderWith({
      "words.txt": `${lines.join("\n")}\n`,
      "in.yaml": inbound(steps, [`isolation: ${isolation}`]),
    });
    const { code, stdout } = await millrace(["run", "in.yaml", "--once", "--json"], { cwd });
    const { result } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(result.counts).toEqual({
      read: 8,
      delivered: 4,
      filtered: 2,
      deadLettered: 0,
      skipped: 2,
      inFlight: 0,
    });
    expect(await values(cwd)).toEqual(["1 1", "2 2", '3 "a"', '4 "panic"', '5 "b"', "6 3"]);
    expect(result.skipped).toMatchObject([
      { stage: "shape", by: "array-map-wasi.wasm", code: "module.record" },
      { stage: "shape", by: "array-map-wasi.wasm", code: "module.record" },
    ]);
  });

  test("goes past a record that traps, and says what the module said", async () => {
    const cwd = await folderWith({
      "words.txt": "a\nb\npanic\nc\n",
      "in.yaml": inbound(
        [`transforms: [{ uses: ${module("panics-wasi")}, onError: skip, stateful: false }]`],
        [`isolation: ${isolation}`],
      ),
    });
    const { code, stdout, stderr } = await millrace(["run", "in.yaml", "--once"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("read 4 = delivered 3 + filtered 0 + dead-lettered 0 + skipped 1 + in flight 0");
    expect(stderr).toContain("this record is poison");
    expect(await values(cwd)).toEqual(["a", "b", "c"]);
  });
});

test("a record that a module fails ends the pipeline where nothing else is said, at its place", async () => {
  const cwd = await folderWith({
    "words.txt": "1\n2\nthree\n",
    "in.yaml": inbound([`shape: { uses: ${module("filter-map")} }`]),
  });
  const { code, stderr } = await millrace(["run", "in.yaml", "--once"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain("invalid digit found in string");
  expect(stderr).toContain("words.txt:3");
});

test("an aggregate goes on from run to run, and a look-back sees the topic", async () => {
  const cwd = await folderWith({
    "words.txt": "1\n2\n",
    "in.yaml": inbound([`shape: { uses: ${module("aggregate")}, accumulator: 10 }`]),
  });
  await millrace(["run", "in.yaml", "--once"], { cwd });
  expect(await values(cwd)).toEqual(["11", "13"]);
  await appendFile(join(cwd, "words.txt"), "4\n");
  await millrace(["run", "in.yaml", "--once"], { cwd });
  expect(await values(cwd)).toEqual(["11", "13", "17"]);
  await writeFile(join(cwd, "words.txt"), "17\n17\nlookback?\n");
  await writeFile(
    join(cwd, "in.yaml"),
    inbound([`transforms: [{ uses: ${module("look-back")}, lookback: { last: 2, age: 1d } }]`]).replace(
      "name: in",
      "name: other",
    ),
  );
  const { stderr } = await millrace(["run", "in.yaml", "--once"], { cwd });
  expect(stderr).toBe("");
  expect((await values(cwd)).slice(3)).toEqual(["Some(Lookback { last: 2, age: Some(86400s) })"]);
});

test("wasi: wasmer runs the same modules", async () => {
  const cwd = await folderWith({
    "words.txt": "a\nlog\nb\n",
    "in.yaml": inbound([`transforms: [{ uses: ${module("panics-wasi")} }]`], ["wasi: wasmer"]),
  });
  const { code, stderr } = await millrace(["run", "in.yaml", "--once"], { cwd });
  expect([code, await values(cwd)]).toEqual([0, ["a", "log", "b"]]);
  expect(stderr).toContain("a line for the log");
});

test("module inspect and validate know them", async () => {
  const cwd = await folderWith({
    "words.txt": "",
    "in.yaml": inbound([`filter: { uses: ${module("map")} }`]),
  });
  const { stdout } = await millrace(["module", "inspect", join(fluvioFolder, "look-back.wasm"), "--json"], {
    cwd,
  });
  expect(JSON.parse(stdout).result).toMatchObject({
    abi: "fluvio",
    kind: "filter-map",
    looksBack: true,
    stateful: true,
    startProblem: null,
  });
  const missing = await millrace(["module", "inspect", join(fluvioFolder, "init-filter.wasm")], { cwd });
  expect(missing.stdout).toContain("a filter of the fluvio ABI");
  expect(missing.stdout).toContain("Missing param needle");
  const { code, stderr } = await millrace(["validate", "in.yaml"], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining("which the stage `filter:` does not take")]);
});
