import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { main } from "../../../src/cli/index.ts";
import { moduleFolder } from "../../smartmodules/built.ts";
import { fluvioFolder } from "../../support/fluvio.ts";
import { FakeStream } from "../support/fake-stream.ts";
import { folderWith } from "../support/millrace.ts";

const wasm = (name: string): string => `${moduleFolder(name)}${name}.wasm`;
const fluvio = (name: string): string => `${fluvioFolder}${name}.wasm`;

interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls `millrace test` in this process. */
async function tried(words: readonly string[], input = ""): Promise<Told> {
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  const code = await main(["test", ...words], {
    stdin: Readable.from(input === "" ? [] : [Buffer.from(input)]),
    stdout,
    stderr,
    environment: { LANG: "C.UTF-8" },
    stopSignal: () => new AbortController().signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

test("prints what comes out of one record, as smdk test does", async () => {
  const filter = ["-e", "field=n", "-e", "operator=>", "--params", "value=1"];
  expect(await tried([wasm("json-filter"), ...filter, "--text", '{"n":2}'])).toEqual({
    code: 0,
    stdout: '{"n":2}\n',
    stderr: "",
  });
  const { stdout } = await tried(["--wasm-file", wasm("json-filter"), ...filter, "--text", '{"n":1}', "-v"]);
  expect(stdout).toBe("0 records outputted\n");
});

test("records come from the lines of a file or of standard input, or are the whole file", async () => {
  const folder = await folderWith({ "in.txt": "a\r\n\nb" });
  const file = join(folder, "in.txt");
  expect((await tried([fluvio("map"), "--file", file, "--verbose"])).stdout).toBe(
    "3 records outputted\nA\n\nB\n",
  );
  expect((await tried([fluvio("map"), "--file", file, "--raw", "-v"])).stdout).toBe(
    "1 records outputted\nA\r\n\nB\n",
  );
  expect((await tried([fluvio("map"), "--stdin"], "x\ny\n")).stdout).toBe("X\nY\n");
});

test("keys are given to all records and printed when asked for", async () => {
  expect((await tried([fluvio("map"), "--text", "a", "--key", "k", "-k"])).stdout).toBe("[> k] A\n");
  expect((await tried([fluvio("map"), "--text", "a", "--key-value"])).stdout).toBe("[null] A\n");
});

test("bytes that are no text are printed as they are", async () => {
  const { code, stdout } = await tried([wasm("contains"), "-e", 'texts=["a"]', "--stdin"], "a");
  expect([code, stdout]).toEqual([0, "a\n"]);
});

test("what fails is told, and the call fails with it, while the others come out", async () => {
  const told = await tried([fluvio("panics-wasi"), "--stdin"], "a\nerror\nlog\npanic\nb");
  expect([told.code, told.stdout]).toEqual([1, "a\nlog\nb\n"]);
  expect(told.stderr).toContain("✗ 2 of 5 records failed");
  expect(told.stderr).toContain("record 2: this record is wrong");
  expect(told.stderr).toContain("record 4: trapped");
  expect(told.stderr).toContain("panics-wasi.wasm: warn: a line for the log");
  const one = await tried([fluvio("panics"), "--text", "error"]);
  expect([one.code, one.stderr]).toEqual([1, "✗ record 1: this record is wrong\n  at panics.wasm\n"]);
});

test.each([
  [["--record", "a", "--lookback-last", "1"], ""],
  [["--record", "a", "-r", "b", "-l", "1"], "a\n"],
  [["--record", "a", "--lookback-last", "0"], "a\n"],
  [["--record", "a"], ""],
  [["--aged-record", "10m=a", "--lookback-age", "5m"], "a\n"],
  [["--aged-record", "3m=a", "--lookback-age", "5m"], ""],
  [["--record", "b", "--aged-record", "10m=a", "--lookback-last", "1"], "a\n"],
])("with %j, a module that looks back is shown these", async (flags, stdout) => {
  expect(await tried([wasm("dedup"), "--text", "a", ...flags])).toEqual({ code: 0, stdout, stderr: "" });
});

test("an aggregate begins with what it is told", async () => {
  const { stdout } = await tried([fluvio("aggregate"), "--accumulator", "40", "--stdin"], "1\n1");
  expect(stdout).toBe("41\n42\n");
});

test("a chain comes from a file or from lines of JSON", async () => {
  const folder = await folderWith({
    "chain.yaml": [
      "transforms:",
      `  - uses: ${wasm("json-filter")}`,
      "    with: { field: n, operator: '>', value: '1' }",
      `  - uses: ${wasm("json-pick")}`,
      "    with: { fields: { m: n } }",
    ].join("\n"),
  });
  const chain = join(folder, "chain.yaml");
  for (const flag of ["--transforms", "--transforms-file", "-t"]) {
    expect((await tried([flag, chain, "--stdin"], '{"n":1}\n{"n":2}')).stdout).toBe('{"m":2}\n');
  }
  const step = JSON.stringify({ uses: wasm("json-pick"), with: { fields: ["n"] } });
  expect((await tried(["--transforms-line", step, "--text", '{"n":1,"o":2}'])).stdout).toBe('{"n":1}\n');
});

test.each([
  [["--text", "a"], "there is nothing to test"],
  [["--transforms-line", "{}", "x.wasm", "--text", "a"], "a chain names its modules itself"],
  [["--transforms-line", "{}", "-e", "a=b", "--text", "a"], "--params is for one module"],
  [["--transforms-line", "{}", "--transforms", "x", "--text", "a"], "say the same thing twice"],
  [["x.wasm", "--text", "a", "--stdin"], "takes its records from one place"],
  [["x.wasm", "--text", "a", "--lookback-age", "soon"], '--lookback-age cannot be "soon"'],
  [["x.wasm", "--text", "a", "-e", "novalue"], '--params cannot be "novalue"'],
  [["x.wasm", "--text", "a", "-l", "x"], '--lookback-last cannot be "x"'],
  [["--transforms-line", "{uses: no.wasm}", "--text", "a"], "there is no module at"],
  [["x.wasm", "--text", "a"], "there is no module at x.wasm"],
])("%j is a wrong call", async (words, message) => {
  const { code, stdout, stderr } = await tried(words);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
});

test("--json tells of each record, for programs", async () => {
  const { code, stdout } = await tried([fluvio("panics-wasi"), "--stdin", "--json"], "log\nerror");
  expect(code).toBe(1);
  const { ok, result, error } = JSON.parse(stdout);
  expect([ok, error.code]).toEqual([false, "module.record"]);
  expect(result).toMatchObject({
    records: [
      { fate: "kept", output: [{ value: "log", valueEncoding: "utf-8", key: null }], errors: [] },
      { fate: "failed", output: [], errors: [{ code: "module.record", message: "this record is wrong" }] },
    ],
    fuel: expect.any(Number),
    steps: [{ module: "panics-wasi.wasm", accumulator: null }],
    log: [{ module: "panics-wasi.wasm", text: "a line for the log" }],
  });
});
