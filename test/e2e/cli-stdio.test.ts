import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { unpackMultiple } from "msgpackr";
import { expect, onTestFinished, test } from "vitest";
import { generateConfig } from "../cli/support/configs.ts";
import { folderWith, millrace, start } from "../cli/support/millrace.ts";

const program = join(import.meta.dirname, "../../dist/bin.js");

const source = (extract = "lines"): string =>
  [
    "meta:",
    "  name: in",
    "  type: stdio-source",
    "  topic: orders",
    "millrace:",
    `  extract: ${extract}`,
    "",
  ].join("\n");
const sink = (extract = "lines"): string =>
  [
    "meta:",
    "  name: out",
    "  type: stdio-sink",
    "  topic: orders",
    "millrace:",
    `  extract: ${extract}`,
    "",
  ].join("\n");

/** Runs a line of a shell in which `millrace` is the built program. */
async function shell(line: string, cwd: string): Promise<{ stdout: string; stderr: string; code: number }> {
  const child = spawn("sh", ["-c", `millrace() { '${process.execPath}' '${program}' "$@"; }\n${line}`], {
    cwd,
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const [code] = await once(child, "close");
  return { ...output, code };
}

test("records go from a pipe into a topic, and from the topic into a pipe", async () => {
  const cwd = await folderWith({ "in.yaml": source(), "out.yaml": sink(), "data.txt": "a\nb\nlast" });
  const { stdout, stderr, code } = await shell(
    "cat data.txt | millrace run in.yaml --quiet && millrace run out.yaml --once | tr a-z A-Z",
    cwd,
  );
  expect({ stdout, code }).toEqual({ stdout: "A\nB\nLAST\n", code: 0 });
  // What is said about the records does not get among them.
  expect(stderr).toContain("3 records read, 3 delivered");
});

test("records can stand in another format at each end, by flags alone", async () => {
  const cwd = await folderWith();
  const given = ["run", "stdio-source", "--topic", "orders", "--extract.csv.delimiter", ";"];
  const input = 'id;text\n1;one\n2;"two; too"\n';
  expect(await millrace([...given, "--quiet"], { cwd, input })).toMatchObject({ code: 0, stderr: "" });
  const lines = await millrace(["run", "stdio-sink", "--topic", "orders", "--once", "--quiet"], { cwd });
  expect(lines).toMatchObject({
    code: 0,
    stdout: '{"id":"1","text":"one"}\n{"id":"2","text":"two; too"}\n',
    stderr: "",
  });
  const rows = [
    "run",
    "stdio-sink",
    "--topic",
    "orders",
    "--name",
    "rows",
    "--extract",
    "csv",
    "--once",
    "-q",
  ];
  expect((await millrace(rows, { cwd })).stdout).toBe("id,text\n1,one\n2,two; too\n");
  const packed = start(
    ["run", "stdio-sink", "--topic", "orders", "--name", "packed", "--extract", "msgpack", "--once", "-q"],
    { cwd },
  );
  await packed.ended;
  expect(unpackMultiple(packed.stdout)).toEqual([
    { id: "1", text: "one" },
    { id: "2", text: "two; too" },
  ]);
});

test("with --json the outcome goes to standard error, beside the records", async () => {
  const cwd = await folderWith({ "in.yaml": source(), "out.yaml": sink() });
  await millrace(["run", "in.yaml", "-q"], { cwd, input: "a\n" });
  const { stdout, stderr } = await millrace(["run", "out.yaml", "--once", "--json"], { cwd });
  expect(stdout).toBe("a\n");
  expect(JSON.parse(stderr)).toMatchObject({ ok: true, result: { counts: { delivered: 1 } } });
});

test("a record that is damaged ends the run, at its place in the input", async () => {
  const cwd = await folderWith({ "in.yaml": source("csv") });
  const { code, stderr } = await millrace(["run", "in.yaml", "-q"], { cwd, input: "a,b\n1,2\n3\n" });
  expect(code).toBe(3);
  expect(stderr).toContain("the row has 1 field, and there are 2 columns\n  at standard input:3\n");
});

test("a reader that goes away ends the run, and says so; the next run goes on", async () => {
  const cwd = await folderWith({
    "made.yaml": generateConfig({ generate: ["count: 20000"] }),
    "out.yaml": sink(),
  });
  await millrace(["run", "made.yaml", "--once"], { cwd });
  const call = start(["run", "out.yaml"], { cwd });
  await call.until("stdout", "\n");
  call.child.stdout.destroy();
  const { code, stderr } = await call.ended;
  expect(code).toBe(3);
  expect(stderr).toContain("the program that read standard output has gone away\n  at standard output\n");
  expect(stderr).not.toContain("internal");
  const rest = await millrace(["run", "out.yaml", "--once", "-q"], { cwd });
  expect(rest.code).toBe(0);
  expect(rest.stdout.endsWith("\n")).toBe(true);
  expect(JSON.parse(rest.stdout.trimEnd().split("\n").at(-1)!)).toHaveProperty("time");
});

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s lets what was read arrive, although the input has no end",
  async (signal) => {
    const cwd = await folderWith({ "in.yaml": source() });
    const child = spawn(process.execPath, [program, "run", "in.yaml", "--json"], { cwd });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stdin.write("a\nb\nnot ended");
    const seen = ["topic", "consume", "orders", "--count", "2", "--follow"];
    for (;;) {
      const { code, stdout: values } = await millrace(seen, { cwd });
      if (code === 0) {
        expect(values).toBe("a\nb\n");
        break;
      }
    }
    child.kill(signal);
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    expect(JSON.parse(stdout).result).toMatchObject({ end: "signal", counts: { read: 2, delivered: 2 } });
  },
);
