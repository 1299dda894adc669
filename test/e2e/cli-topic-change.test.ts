import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";

async function recordsOf(cwd: string, topic = "orders"): Promise<readonly unknown[]> {
  const { stdout } = await millrace(["topic", "consume", topic, "--format", "json"], { cwd });
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

async function folderWithEmptyTopic(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const cwd = await folderWith(files);
  expect(await millrace(["topic", "create", "orders"], { cwd })).toMatchObject({ code: 0, stderr: "" });
  return cwd;
}

describe("topic create", () => {
  test("makes an empty topic, once", async () => {
    const cwd = await folderWith();
    const made = await millrace(["topic", "create", "orders"], { cwd });
    expect(made).toMatchObject({ code: 0, stdout: "✓ created the topic orders\n", stderr: "" });
    const again = await millrace(["topic", "create", "orders"], { cwd });
    expect(again.code).toBe(3);
    expect(again.stderr).toMatch(/^✗ there is a topic "orders" already in .*\n {2}at orders\n.*--if-missing/);
    const { stdout } = await millrace(["topic", "create", "orders", "--if-missing", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, result: { topic: "orders", created: false } });
    expect(await recordsOf(cwd)).toEqual([]);
  });

  test("refuses a name that a topic cannot have, and makes nothing", async () => {
    const cwd = await folderWith();
    const { code, stderr } = await millrace(["topic", "create", "a/b"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain("a/b");
    expect((await millrace(["topic", "list"], { cwd })).stdout).toMatch(/^no topics/);
  });
});

describe("topic produce", () => {
  test("stores each line of its input as a record, and tells what is stored", async () => {
    const cwd = await folderWithEmptyTopic();
    const first = await millrace(["topic", "produce", "orders"], { cwd, input: "one\r\ntwo\n\nfour" });
    expect(first).toMatchObject({
      code: 0,
      stdout: "✓ orders: 4 records stored, offsets 0 to 3\n",
      stderr: "",
    });
    const { stdout } = await millrace(["topic", "produce", "orders", "--json"], { cwd, input: "five\n" });
    expect(JSON.parse(stdout).result).toEqual({ topic: "orders", records: 1, firstOffset: 4, lastOffset: 4 });
    const values = (await recordsOf(cwd)).map((record) => (record as { value: string }).value);
    expect(values).toEqual(["one", "two", "", "four", "five"]);
  });

  test("takes keys from lines, or one for all, or the whole input as one record", async () => {
    const cwd = await folderWithEmptyTopic({ "pairs.txt": "a=1\nb=x=y\n" });
    for (const [words, input] of [
      [["--file", "pairs.txt", "--key-separator", "="], ""],
      [["--key", "k"], "value\n"],
      [["--raw"], "two\nlines\n"],
    ] as const) {
      expect(await millrace(["topic", "produce", "orders", ...words], { cwd, input })).toMatchObject({
        code: 0,
      });
    }
    expect(await recordsOf(cwd)).toMatchObject([
      { key: "a", value: "1" },
      { key: "b", value: "x=y" },
      { key: "k", value: "value" },
      { value: "two\nlines\n" },
    ]);
  });

  test("stops at a line without a key, and says what is stored", async () => {
    const cwd = await folderWithEmptyTopic();
    const words = ["topic", "produce", "orders", "--key-separator", "="];
    const { code, stdout, stderr } = await millrace(words, { cwd, input: "a=1\nno key\nb=2\n" });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "orders: 1 record stored, at offset 0\n" });
    expect(stderr).toMatch(/^✗ the line has no "=" that ends its key\n {2}at standard input:2\n/);
    expect(await recordsOf(cwd)).toHaveLength(1);
  });

  test("stores a line of recordBytesMax, and refuses a longer one", async () => {
    const cwd = await folderWithEmptyTopic();
    const most = "x".repeat(limits.recordBytesMax.default);
    expect(await millrace(["topic", "produce", "orders"], { cwd, input: `${most}\r\n` })).toMatchObject({
      code: 0,
    });
    const { code, stderr } = await millrace(["topic", "produce", "orders"], { cwd, input: `a\n${most}x\n` });
    expect(code).toBe(1);
    expect(stderr).toContain(`more than ${limits.recordBytesMax.default} bytes`);
  });

  test.each([
    [["--key-separator", "=", "--raw"], /--key-separator and --raw exclude each other/],
    [["--key-separator", "=", "--key", "k"], /--key-separator and --key exclude each other/],
    [["--key-separator", ""], /--key-separator cannot be empty/],
  ] as const)("refuses %j", async (words, message) => {
    const cwd = await folderWithEmptyTopic();
    const { code, stderr } = await millrace(["topic", "produce", "orders", ...words], { cwd, input: "" });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("into a topic that is not there exits with 3", async () => {
    const cwd = await folderWithEmptyTopic();
    expect(await millrace(["topic", "produce", "others"], { cwd, input: "x" })).toMatchObject({ code: 3 });
  });
});

describe("topic delete", () => {
  test("asks nobody who cannot answer, and says what would go", async () => {
    const cwd = await folderWithEmptyTopic();
    await millrace(["topic", "produce", "orders"], { cwd, input: "1\n2\n" });
    const { code, stderr } = await millrace(["topic", "delete", "orders"], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/the topic "orders" would go with 2 records and no consumer\n.*\n.*--yes/);
    expect(await recordsOf(cwd)).toHaveLength(2);
  });

  test("removes the topic with all that it holds", async () => {
    const cwd = await folderWithEmptyTopic();
    const { code, stdout } = await millrace(["topic", "delete", "orders", "--yes", "--json"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).result).toMatchObject({
      topic: "orders",
      deleted: true,
      records: 0,
      consumers: [],
    });
    expect((await millrace(["topic", "consume", "orders"], { cwd })).code).toBe(3);
  });

  test("leaves a topic alone that another process works on", async () => {
    const cwd = await folderWithEmptyTopic();
    await millrace(["topic", "produce", "orders"], { cwd, input: "1\n" });
    const follower = start(["topic", "consume", "orders", "--follow"], { cwd });
    await follower.until("stdout", "1\n");
    const { code, stderr } = await millrace(["topic", "delete", "orders", "--yes"], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain(`in use by process ${follower.child.pid}`);
    expect(await recordsOf(cwd)).toHaveLength(1);
  });
});
