import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTestFile, type TestFile, testFileJsonSchema } from "../../src/config/index.ts";
import { formatWhere, MillraceError } from "../../src/errors.ts";

interface Read {
  readonly testFile: TestFile | undefined;
  readonly folder: string;
  readonly problems: readonly string[];
}

async function read(lines: readonly string[], name = "filter.test.yaml"): Promise<Read> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-tests-"));
  const file = join(folder, name);
  try {
    await writeFile(file, lines.join("\n"));
    await writeFile(join(folder, "in.bin"), Uint8Array.of(1, 0xff));
    await writeFile(join(folder, "in.txt"), "a\r\n\nb\n");
    return { testFile: await readTestFile(file), folder, problems: [] };
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    const errors = error.problems.length === 0 ? [error] : error.problems;
    const problems = errors.map(
      ({ where, message }) => `${where && formatWhere(where).replace(`${file}:`, "")} ${message}`,
    );
    return { testFile: undefined, folder, problems };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A file with one test that has these lines. */
const withTest = (...lines: readonly string[]): readonly string[] => [
  "tests:",
  "  - name: t",
  ...lines.map((line) => `    ${line}`),
];

test("records are texts, JSON, bytes, files or the lines of one, with all that a record has", async () => {
  const { testFile } = await read(
    withTest(
      "input:",
      "  - plain",
      "  - text: t",
      "    key: ''",
      "    timestamp: 2024-01-31T12:00:00.5+01:00",
      "    headers: { h: v }",
      "  - json: { z: 1.50, a: [null, true, 12345678901234567890, 1e3] }",
      "    timestamp: 5",
      "  - hex: 00 fF",
      "  - base64: AP8=",
      "  - file: in.bin",
      "  - lines: in.txt",
      "    key: k",
      "count: 0",
    ),
  );
  const records = testFile?.cases[0]?.input.map(({ record }) => ({
    ...record,
    value: typeof record.value === "string" ? record.value : Buffer.from(record.value).toString("latin1"),
  }));
  const nothing = { key: undefined, timestamp: undefined, headers: undefined };
  const line = { ...nothing, key: "k" };
  expect(records).toEqual([
    { value: "plain" },
    {
      value: "t",
      key: "",
      timestamp: Date.UTC(2024, 0, 31, 11, 0, 0, 500),
      headers: [{ name: "h", value: new TextEncoder().encode("v") }],
    },
    { ...nothing, value: '{"z":1.50,"a":[null,true,12345678901234567890,1e3]}', timestamp: 5 },
    { ...nothing, value: "\0\xff" },
    { ...nothing, value: "\0\xff" },
    { ...nothing, value: "\x01\xff" },
    { ...line, value: "a" },
    { ...line, value: "" },
    { ...line, value: "b" },
  ]);
});

test("what is tested is named, or is the module with the name of the test file", async () => {
  const tests = ["tests: [{ name: t, count: 0 }]"];
  const named = await read(["module: x/y.wasm", ...tests]);
  expect(named.testFile?.subject).toMatchObject({ kind: "module", path: join(named.folder, "x/y.wasm") });
  const beside = await read(tests);
  expect(beside.testFile?.subject).toMatchObject({
    kind: "module",
    path: join(beside.folder, "filter.wasm"),
  });
  const pipeline = await read(["pipeline: p.yaml", ...tests]);
  expect(pipeline.testFile?.subject).toMatchObject({
    kind: "pipeline",
    path: join(pipeline.folder, "p.yaml"),
  });
});

test("parameters of a test stand in place of those at the top", async () => {
  const { testFile } = await read([
    "with: { a: '1', list: [x] }",
    "tests:",
    "  - { name: first, count: 0 }",
    "  - { name: second, count: 0, with: { b: '2' } }",
  ]);
  expect(testFile?.cases.map(({ parameters }) => [...(parameters ?? [])])).toEqual([
    [
      ["a", "1"],
      ["list", '["x"]'],
    ],
    [["b", "2"]],
  ]);
});

test.each<[string, readonly string[], readonly string[]]>([
  ["no mapping", ["- a"], ["1:1 expected a mapping with `tests:`"]],
  ["no tests", ["module: x.wasm"], ["1:1 tests: missing; expected a list"]],
  ["an unknown key with a near miss", withTest("cuont: 1", "count: 1"), ["3:5 tests[0].cuont: unknown key"]],
  [
    "a module and a pipeline",
    ["module: x", "pipeline: y", "tests: [{name: t, count: 0}]"],
    ["2:1 pipeline: a file tests a module or a pipeline, not both"],
  ],
  ["no expectation", withTest("input: [a]"), ["2:11 tests[0]: expects nothing"]],
  [
    "two of a name",
    ["tests: [{name: t, count: 0}, {name: t, count: 0}]"],
    ["1:37 tests[1].name: another test has this name"],
  ],
  [
    "two ways to say a value",
    withTest("input: [{ text: a, hex: '00' }]", "count: 1"),
    ["3:13 tests[0].input[0]: expected one of text, json, hex, base64, file, lines, found a mapping"],
  ],
  ["a stage of a module", withTest("stage: filter", "count: 1"), ["3:5 stage: a module has no stages"]],
  [
    "parameters of a pipeline's step",
    [
      "pipeline: p",
      "with: {a: b}",
      ...withTest("with: {a: b}", "stateful: true", "look-back: {last: 1, records: []}", "count: 1"),
    ],
    [
      "2:1 with: the steps of a pipeline have their own parameters",
      "5:5 with: the steps of a pipeline say this themselves",
      "6:5 stateful: the steps of a pipeline say this themselves",
      "7:17 look-back.last: the steps of a pipeline say this themselves",
    ],
  ],
  [
    "a regular expression that is none",
    withTest("output: [{ matches: '(' }]"),
    ["3:25 tests[0].output[0].matches: Invalid regular expression: /(/su: Unterminated group"],
  ],
  [
    "a file that is not there",
    withTest("input: [{ file: no.bin }]", "count: 1"),
    ["3:21 tests[0].input[0].file: the file cannot be read: ENOENT"],
  ],
  [
    "a parameter that is no text",
    withTest("with: { a: 1 }", "count: 1"),
    ["3:16 tests[0].with.a: expected a text, a list or a mapping, found the number 1"],
  ],
])("%s is a problem at its place", async (_what, lines, expected) => {
  const { problems } = await read(lines);
  expect(problems).toEqual(expected.map((each) => expect.stringContaining(each)));
});

test("each key that a test file may have is described to editors", () => {
  const missing: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    const { properties = {}, ...others } = schema as {
      readonly properties?: Record<string, { readonly description?: string }>;
    };
    for (const [key, each] of Object.entries(properties)) {
      if (each.description === undefined) missing.push(`${path}.${key}`);
      visit(each, `${path}.${key}`);
    }
    for (const [key, each] of Object.entries(others)) visit(each, `${path}/${key}`);
  };
  visit(testFileJsonSchema(), "");
  expect(missing).toEqual([]);
});
