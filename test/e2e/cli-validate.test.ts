import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fileSinkConfig, generateConfig } from "../cli/support/configs.ts";
import { folderWith, millrace } from "../cli/support/millrace.ts";

const modules = join(import.meta.dirname, "../../smartmodules/assemblyscript");
const filterSteps = [
  "filter:",
  `  uses: ${join(modules, "json-filter/json-filter.wasm")}`,
  "  with: { field: level, operator: '==', value: error }",
];
const withFilter = generateConfig({ generate: ["count: 1"], more: filterSteps });

describe("validate", () => {
  test("prints the stages in the order of their run", async () => {
    const cwd = await folderWith({ "in.yaml": withFilter });
    const { code, stdout, stderr } = await millrace(["validate", "in.yaml"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "));
    expect(lines.slice(0, 5)).toEqual([
      "✓ in.yaml is valid",
      "",
      "orders-in, inbound",
      "stage  name  kind  ABI  on error  sha256",
      "source  generate-source  fail",
    ]);
    expect(lines[5]).toMatch(/^filter {2}json-filter\.wasm {2}filter {2}packed {2}fail {2}[0-9a-f]{12}$/);
    expect(lines[6]).toBe("sink  topic orders  fail");
    expect(lines[8]).toMatch(/^topics are in .*\/\.millrace$/);
  });

  test("tells what Fluvio would make of it", async () => {
    const cwd = await folderWith({ "in.yaml": withFilter });
    const { code, stdout } = await millrace(["validate", "in.yaml", "--fluvio"], { cwd });
    expect(code).toBe(0);
    const lines = stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "));
    expect(lines.slice(10, -1)).toEqual([
      "by Fluvio  what  at",
      "refused  meta.type: Fluvio has no connector generate-source of its own  in.yaml:4:9",
      "ignored  filter: its modules would not run; Fluvio runs those under `transforms:`  in.yaml:9:1",
    ]);
    const { result } = JSON.parse(
      (await millrace(["validate", "in.yaml", "--fluvio", "--json"], { cwd })).stdout,
    );
    expect(result.fluvio[1]).toEqual({
      where: "in.yaml:9:1",
      effect: "ignored",
      message: "filter: its modules would not run; Fluvio runs those under `transforms:`",
    });
  });

  test("gives the same to programs", async () => {
    const cwd = await folderWith({ "in.yaml": withFilter });
    const { stdout } = await millrace(["validate", "in.yaml", "--json"], { cwd });
    const { result, ...envelope } = JSON.parse(stdout);
    expect(envelope).toMatchObject({ command: "validate", ok: true, error: null });
    expect(result).toEqual({
      pipeline: "orders-in",
      direction: "inbound",
      type: "generate-source",
      topic: "orders",
      topicFolder: expect.stringMatching(/\/\.millrace$/),
      config: expect.stringMatching(/\/in\.yaml$/),
      sourceOnError: "fail",
      sinkOnError: "fail",
      deadLetterTopic: null,
      steps: [
        {
          stage: "filter",
          module: "json-filter.wasm",
          version: null,
          file: join(modules, "json-filter/json-filter.wasm"),
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          kind: "filter",
          abi: "packed",
          onError: "fail",
        },
      ],
      warnings: [],
      fluvio: null,
    });
  });

  test("shows an outbound pipeline from its topic to its connector", async () => {
    const cwd = await folderWith({ "out.yaml": fileSinkConfig("out.txt") });
    const { code, stdout } = await millrace(["validate", "out.yaml"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/orders-out, outbound\n.*\nsource +topic orders +fail\nsink +file-sink +fail\n/);
  });

  test("tells policies, and where dead letters go", async () => {
    const policy =
      "millrace: { onError: skip, sink: { onError: { retry: { attempts: 3, then: dead-letter } } } }";
    const cwd = await folderWith({ "out.yaml": fileSinkConfig("out.txt", [policy]) });
    const { stdout } = await millrace(["validate", "out.yaml"], { cwd });
    expect(stdout).toMatch(/\nsource +topic orders +skip\nsink +file-sink +3 attempts, then dead-letter\n/);
    expect(stdout).toContain("\ndead letters go to the topic orders-out-dead-letters\n");
  });

  test("reads nothing and leaves nothing behind", async () => {
    const cwd = await folderWith({ "in.yaml": withFilter, "out.yaml": fileSinkConfig("out.txt") });
    await millrace(["validate", "in.yaml"], { cwd });
    await millrace(["validate", "out.yaml"], { cwd });
    await expect(readFile(join(cwd, "out.txt"))).rejects.toThrow("ENOENT");
    expect((await millrace(["topic", "list"], { cwd })).stdout).toMatch(/^no topics in /);
  });

  test("counts warnings", async () => {
    const cwd = await folderWith({ "in.yaml": `${generateConfig({ generate: ["count: 1"] })}more: 1\n` });
    const { code, stdout, stderr } = await millrace(["validate", "in.yaml"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ in\.yaml is valid, with 1 warning\n/);
    expect(stderr).toMatch(/^⚠ .*\n {2}at in\.yaml:9:1\n$/);
  });

  test.each([
    ["is no module", "not wasm", "module.not-wasm"],
    ["is a module of nobody known", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), "module.abi"],
  ])("a file that %s exits with 2", async (_name, content, errorCode) => {
    const config = generateConfig({ generate: ["count: 1"], more: ["filter:", "  uses: bad.wasm"] });
    const cwd = await folderWith({ "in.yaml": config, "bad.wasm": content });
    const { code, stdout, stderr } = await millrace(["validate", "in.yaml", "--json"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^✗ bad\.wasm .*\n {2}at .*\n {2}→ /);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, result: null, error: { code: errorCode } });
  });

  test("parameters that a module refuses exit with 2, with what the module says", async () => {
    const config = withFilter.replace("operator: '=='", "operator: around");
    const cwd = await folderWith({ "in.yaml": config });
    const { code, stdout, stderr } = await millrace(["validate", "in.yaml", "--json"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^✗ json-filter\.wasm .*`operator`.*\n {2}at .*\n {2}→ /);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "module.init" } });
  });
});
