import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { fileSinkConfig, generateConfig } from "../cli/support/configs.ts";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";
import { moduleFolder } from "../smartmodules/built.ts";

const fiveRecords = generateConfig({ generate: ["count: 5", "template: 'record {{index}}'"] });

describe("run", () => {
  test("prints a table and counts that add up, and no progress in a pipe", async () => {
    const cwd = await folderWith({ "in.yaml": fiveRecords });
    const { code, stdout, stderr } = await millrace(["run", "in.yaml", "--once"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.split("\n");
    expect(lines[0]).toMatch(/^✓ orders-in: done in .*, 5 records read, 5 delivered$/);
    expect(lines[2]).toMatch(/^stage +name +in +out +dropped +failed +letters +records\/s$/);
    expect(lines[3]).toMatch(/^source +generate-source +5 +5 +0 +0 +0 +[\d,]+$/);
    expect(lines[4]).toMatch(/^sink +topic orders +5 +5 +0 +0 +0 +[\d,]+$/);
    expect(lines.slice(5)).toEqual([
      "",
      "read 5 = delivered 5 + filtered 0 + dead-lettered 0 + skipped 0 + in flight 0",
      "",
    ]);
  });

  test("with --json prints one line with counts and stages", async () => {
    const cwd = await folderWith({ "in.yaml": fiveRecords });
    const { code, stdout, stderr } = await millrace(["run", "in.yaml", "--once", "--json"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.indexOf("\n")).toBe(stdout.length - 1);
    const { summary, result, ...envelope } = JSON.parse(stdout);
    expect(envelope).toEqual({ command: "run", ok: true, error: null });
    expect(summary).toContain("5 records read");
    expect(result).toEqual({
      pipeline: "orders-in",
      exchanges: [],
      direction: "inbound",
      type: "generate-source",
      topic: "orders",
      config: expect.stringMatching(/\/in\.yaml$/),
      end: "source",
      durationMs: expect.any(Number),
      counts: { read: 5, delivered: 5, filtered: 0, deadLettered: 0, skipped: 0, inFlight: 0 },
      stages: [
        {
          stage: "source",
          name: "generate-source",
          in: 5,
          out: 5,
          dropped: 0,
          failed: 0,
          deadLettered: 0,
          retried: 0,
          recordsPerSecond: expect.any(Number),
          fuelPerRecord: null,
        },
        {
          stage: "sink",
          name: "topic orders",
          in: 5,
          out: 5,
          dropped: 0,
          failed: 0,
          deadLettered: 0,
          retried: 0,
          recordsPerSecond: expect.any(Number),
          fuelPerRecord: null,
        },
      ],
      skipped: [],
      deadLetterTopic: null,
      deadLettered: [],
      warnings: [],
    });
  });

  test("tells what a module takes for a record, and ends one that takes more than its limit", async () => {
    const filter = join(moduleFolder("json-filter"), "json-filter.wasm");
    const records = generateConfig({ generate: ["count: 5", "template: '{\"n\":{{index}}}'"] });
    const config = (limits: string): string =>
      `${records}\nfilter:\n  uses: ${filter}\n  limits: ${limits}\n  with: { field: n, operator: exists }\n`;
    const cwd = await folderWith({
      "in.yaml": config("{}"),
      "tight.yaml": config("{ fuel-per-record: 10 }"),
      "off.yaml": config("{ fuel-per-record: 10, fuel: off }"),
    });
    const fuelOf = async (file: string): Promise<unknown> => {
      const { stdout } = await millrace(["run", file, "--once", "--json", "--topics", file.slice(0, 3)], {
        cwd,
      });
      const { result } = JSON.parse(stdout) as { result: { stages: { fuelPerRecord: unknown }[] } };
      return result.stages[1]?.fuelPerRecord;
    };
    expect(await fuelOf("in.yaml")).toBeGreaterThan(20);
    expect(await fuelOf("off.yaml")).toBe(null);
    const ended = await millrace(["run", "tight.yaml", "--once"], { cwd });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("filter json-filter.wasm failed a record");
    expect(ended.stderr).toContain(
      "ran out of fuel: it had 10 for a batch of 1 record; `fuel-per-record` under `limits:`",
    );
  });

  test("with --quiet says nothing where nothing is wrong", async () => {
    const cwd = await folderWith({ "in.yaml": fiveRecords });
    const ended = await millrace(["run", "in.yaml", "--once", "--quiet"], { cwd });
    expect(ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
  });

  test("keeps topics where --topics says, else where the environment says, else in .millrace", async () => {
    const cwd = await folderWith({ "in.yaml": fiveRecords });
    const env = { MILLRACE_TOPICS: "from-environment" };
    await millrace(["run", "in.yaml", "--once", "--topics", "from-option"], { cwd, env });
    await millrace(["run", "in.yaml", "--once"], { cwd, env });
    await millrace(["run", "in.yaml", "--once"], { cwd });
    for (const folder of ["from-option", "from-environment", ".millrace"]) {
      const { stdout } = await millrace(["topic", "list", "--json", "--topics", folder], { cwd });
      expect(JSON.parse(stdout).result.topics).toMatchObject([{ name: "orders", records: 5 }]);
    }
  });

  test("goes to its end although nobody reads its output", async () => {
    const cwd = await folderWith({ "in.yaml": fiveRecords });
    const call = start(["run", "in.yaml", "--once"], { cwd });
    call.child.stdout.destroy();
    expect(await call.ended).toMatchObject({ code: 0, stderr: "" });
    const { stdout } = await millrace(["topic", "consume", "orders"], { cwd });
    expect(stdout).toBe([0, 1, 2, 3, 4].map((index) => `record ${index}\n`).join(""));
  });
});

describe("records that fail", () => {
  const skippedMax = limits.skippedShownMax.default;
  const records = skippedMax + 5;
  const files = {
    "in.yaml": generateConfig({ generate: [`count: ${records}`, 'template: "two\\nlines {{index}}"'] }),
    "fail.yaml": fileSinkConfig("out.txt"),
    "skip.yaml": fileSinkConfig("out.txt", ["millrace:", "  onError: skip"]),
  };

  test("end a run, with the counts of what was done", async () => {
    const cwd = await folderWith(files);
    await millrace(["run", "in.yaml", "--once"], { cwd });
    const { code, stdout, stderr } = await millrace(["run", "fail.yaml", "--once"], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✗ orders-out: failed after/);
    expect(stdout).toContain(
      `read ${records} = delivered 0 + filtered 0 + dead-lettered 0 + skipped 0 + in flight ${records}\n`,
    );
    expect(stderr).toMatch(/^✗ sink \S+ failed a record/);
    expect(stderr).toContain("\n  at orders@0\n");
    expect(stderr).toContain("`onError: skip`");
  });

  test("end a run, with its counts for programs too", async () => {
    const cwd = await folderWith(files);
    await millrace(["run", "in.yaml", "--once"], { cwd });
    const { code, stdout } = await millrace(["run", "fail.yaml", "--once", "--json"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      command: "run",
      ok: false,
      result: { end: "failure", counts: { read: records, inFlight: records } },
      error: { code: "record.line-feed", where: "orders@0" },
    });
  });

  test("are left out under `onError: skip`: the first are shown, the others only counted", async () => {
    const cwd = await folderWith(files);
    await millrace(["run", "in.yaml", "--once"], { cwd });
    const { code, stdout, stderr } = await millrace(["run", "skip.yaml", "--once", "--quiet"], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(skippedMax * 2 + 1);
    expect(lines[0]).toMatch(/^⚠ sink \S+ skipped a record: /);
    expect(lines[1]).toBe("  at orders@0");
    expect(lines[skippedMax * 2 - 1]).toBe(`  at orders@${skippedMax - 1}`);
    expect(lines.at(-1)).toMatch(/^⚠ sink \S+ skips more records; from here on they are only counted$/);
  });

  test("are in the outcome for programs", async () => {
    const cwd = await folderWith(files);
    await millrace(["run", "in.yaml", "--once"], { cwd });
    const { stdout } = await millrace(["run", "skip.yaml", "--once", "--json"], { cwd });
    const { result } = JSON.parse(stdout);
    expect(result.counts).toEqual({
      read: records,
      delivered: 0,
      filtered: 0,
      deadLettered: 0,
      skipped: records,
      inFlight: 0,
    });
    expect(result.skipped).toHaveLength(skippedMax);
    expect(result.skipped[1]).toEqual({
      stage: "sink",
      by: expect.any(String),
      where: "orders@1",
      code: "record.line-feed",
      message: expect.any(String),
    });
  });
});

describe("what keeps a pipeline from being made", () => {
  test("several problems of a config are told line by line, and exit with 2", async () => {
    const config = generateConfig({ generate: ["count: many", "rate: -1"] });
    const cwd = await folderWith({ "in.yaml": config });
    const { code, stdout, stderr } = await millrace(["run", "in.yaml"], { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^✗ .*2 problems\n {2}in\.yaml:8:10: .*\n(.*\n)*? {2}in\.yaml:9:9: .*\n/);
  });

  test("with --json the problems are data", async () => {
    const config = generateConfig({ generate: ["count: many", "rate: -1"] });
    const cwd = await folderWith({ "in.yaml": config });
    const { stdout } = await millrace(["run", "in.yaml", "--json"], { cwd });
    const { ok, result, error } = JSON.parse(stdout);
    expect({ ok, result }).toEqual({ ok: false, result: null });
    expect(error.problems.map((problem: { where: string }) => problem.where)).toEqual([
      "in.yaml:8:10",
      "in.yaml:9:9",
    ]);
  });

  test("a module that is not there exits with 2, at the line that names it", async () => {
    const config = generateConfig({ generate: ["count: 1"], more: ["filter:", "  uses: none.wasm"] });
    const cwd = await folderWith({ "in.yaml": config });
    const { code, stderr } = await millrace(["run", "in.yaml", "--once"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^✗ .*none\.wasm.*\n {2}at in\.yaml:10:9\n {2}→ /);
  });

  test("a topic that an outbound pipeline is to read and that is not there exits with 3", async () => {
    const cwd = await folderWith({ "out.yaml": fileSinkConfig("out.txt") });
    const { code, stdout, stderr } = await millrace(["run", "out.yaml", "--once"], { cwd });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^✗ .*orders/);
  });

  test("warnings come first, and do not stop it", async () => {
    const config = `${fiveRecords}unknown-key: 1\n`;
    const cwd = await folderWith({ "in.yaml": config });
    const { code, stderr } = await millrace(["run", "in.yaml", "--once"], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^⚠ .*\n {2}at in\.yaml:10:1\n$/);
  });
});

test("records go through a topic to a file", async () => {
  const cwd = await folderWith({ "in.yaml": fiveRecords, "out.yaml": fileSinkConfig("out.txt") });
  await millrace(["run", "in.yaml", "--once"], { cwd });
  expect(await millrace(["run", "out.yaml", "--once"], { cwd })).toMatchObject({ code: 0 });
  const text = await readFile(join(cwd, "out.txt"), "utf8");
  expect(text).toBe([0, 1, 2, 3, 4].map((index) => `record ${index}\n`).join(""));
});
