import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { generateConfig } from "../cli/support/configs.ts";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";

async function folderWithTopic(generate: readonly string[]): Promise<string> {
  const cwd = await folderWith({ "in.yaml": generateConfig({ generate }) });
  expect(await millrace(["run", "in.yaml", "--once"], { cwd })).toMatchObject({ code: 0 });
  return cwd;
}

const fiveRecords = ["count: 5", "template: '{\"n\":{{index}}}'"];

describe("topic list", () => {
  test("is a table for people", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    const { code, stdout, stderr } = await millrace(["topic", "list"], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [header, line, ...others] = stdout.split("\n");
    expect(header).toMatch(/^name +first +next +records +size$/);
    expect(line).toMatch(/^orders +0 +5 +5 +[\d.]+ k?B$/);
    expect(others).toEqual([""]);
  });

  test("is data for programs", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    const { stdout } = await millrace(["topic", "list", "--json"], { cwd });
    const { result, ...envelope } = JSON.parse(stdout);
    expect(envelope).toMatchObject({ command: "topic list", ok: true, error: null });
    expect(result.folder).toMatch(/\/\.millrace$/);
    expect(result.topics).toEqual([
      { name: "orders", first: 0, next: 5, records: 5, storedBytes: expect.any(Number) },
    ]);
  });

  test("where nothing is yet, there are no topics, and none are made", async () => {
    const cwd = await folderWith();
    for (let again = 0; again < 2; again++) {
      const { code, stdout } = await millrace(["topic", "list"], { cwd });
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: expect.stringMatching(/^no topics in .*\.millrace\n$/),
      });
    }
    expect(JSON.parse((await millrace(["topic", "list", "--json"], { cwd })).stdout).result.topics).toEqual(
      [],
    );
  });

  test("a folder that was named must be there", async () => {
    const cwd = await folderWith({ file: "" });
    for (const words of [
      ["--topics", "none"],
      ["--topics", "file"],
    ]) {
      const { code, stderr } = await millrace(["topic", "list", ...words], { cwd });
      expect(code).toBe(3);
      expect(stderr).toMatch(/^✗ .*folder.*\n {2}→ --topics says where the topics are/);
    }
  });
});

describe("topic consume", () => {
  test("prints the values up to the present end", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    const ended = await millrace(["topic", "consume", "orders"], { cwd });
    expect(ended).toEqual({
      code: 0,
      signal: null,
      stdout: [0, 1, 2, 3, 4].map((n) => `{"n":${n}}\n`).join(""),
      stderr: "",
    });
  });

  test("begins where it is told to and ends after a number of records", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    const consume = async (...words: string[]): Promise<string> =>
      (await millrace(["topic", "consume", "orders", ...words], { cwd })).stdout;
    expect(await consume("--from", "3")).toBe('{"n":3}\n{"n":4}\n');
    expect(await consume("--from", "1", "--count", "2")).toBe('{"n":1}\n{"n":2}\n');
    expect(await consume("--from", "end")).toBe("");
    expect(await consume("--count", "1", "--follow")).toBe('{"n":0}\n');
    expect(await consume("--from", "4", "--count", "100")).toBe('{"n":4}\n');
  });

  test("says so when there is no such record yet", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    const { code, stdout, stderr } = await millrace(["topic", "consume", "orders", "--from", "9"], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toMatch(/^⚠ there is no record at offset 9 yet/);
  });

  test("prints whole records as JSON, one per line", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    for (const words of [["--json"], ["--format", "json"]]) {
      const { stdout } = await millrace(["topic", "consume", "orders", "--from", "3", ...words], { cwd });
      const records = stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(records).toEqual([
        { offset: 3, timestamp: expect.any(Number), key: null, value: '{"n":3}', headers: [] },
        { offset: 4, timestamp: expect.any(Number), key: null, value: '{"n":4}', headers: [] },
      ]);
    }
  });

  test("waits for more with --follow", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    const call = start(["topic", "consume", "orders", "--from", "4", "--count", "3", "--follow"], { cwd });
    await call.until("stdout", '{"n":4}\n');
    const more = generateConfig({ name: "more", generate: ["count: 5", "template: 'more {{index}}'"] });
    const folder = await folderWith({ "more.yaml": more });
    await millrace(["run", join(folder, "more.yaml"), "--once", "--topics", join(cwd, ".millrace")]);
    expect(await call.ended).toMatchObject({ code: 0, stdout: '{"n":4}\nmore 0\nmore 1\n' });
  });

  test("ends quietly when nobody reads on", async () => {
    const cwd = await folderWithTopic(["count: 50000"]);
    const call = start(["topic", "consume", "orders"], { cwd });
    call.child.stdout.once("data", () => call.child.stdout.destroy());
    expect(await call.ended).toMatchObject({ code: 0, signal: null, stderr: "" });
  });

  test("of a topic that is not there exits with 3, and tells which there are", async () => {
    const cwd = await folderWithTopic(fiveRecords);
    const { code, stdout, stderr } = await millrace(["topic", "consume", "ordres"], { cwd });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^✗ .*"ordres".*\n {2}at ordres\n {2}→ did you mean orders\? .*orders/);
  });

  test("where there are no topics says how to get some", async () => {
    const cwd = await folderWith();
    const { code, stdout, stderr } = await millrace(["topic", "consume", "orders", "--json"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain("say where the topics are with --topics, or make some with `millrace run`");
    expect(JSON.parse(stdout)).toMatchObject({
      command: "topic consume",
      ok: false,
      error: { code: "topic.not-found" },
    });
  });
});
