import { copyFile, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test, vi } from "vitest";
import { main } from "../../../src/cli/index.ts";
import { limits } from "../../../src/limits.ts";
import { moduleFolder } from "../../smartmodules/built.ts";
import { fluvioFolder } from "../../support/fluvio.ts";
import { FakeStream } from "../support/fake-stream.ts";
import { folderWith } from "../support/millrace.ts";

const wasm = (name: string): string => `${moduleFolder(name)}${name}.wasm`;
const fluvio = (name: string): string => `${fluvioFolder}${name}.wasm`;

interface CallOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop?: AbortSignal;
  readonly stdout?: FakeStream;
}

interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Calls a command in this process. */
async function call(words: readonly string[], options: CallOptions = {}): Promise<Told> {
  const { environment = {}, stop = new AbortController().signal, stdout = new FakeStream() } = options;
  const stderr = new FakeStream();
  const code = await main(words, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    environment: { LANG: "C.UTF-8", ...environment },
    stopSignal: () => stop,
  });
  return { code, stdout: Buffer.from(stdout.text, "utf8").toString(), stderr: stderr.text };
}

const top = (module: string): readonly string[] => [
  `module: ${module}`,
  ...(module.includes("json-filter")
    ? ["with: { field: n, operator: '>', value: '1' }"]
    : ["# it takes no parameters"]),
  "tests:",
];

/** Runs one test with these lines, and gives what does not hold, with places. */
async function findings(module: string, lines: readonly string[]): Promise<readonly string[]> {
  const folder = await folderWith({
    "t.test.yaml": [...top(module), "  - name: t", ...lines.map((line) => `    ${line}`)].join("\n"),
  });
  const { code, stdout, stderr } = await call(["test", folder, "--reporter", "json"]);
  const report = stdout === "" ? undefined : JSON.parse(stdout);
  const tests = report?.files[0].tests;
  if (tests?.length !== 1) throw new Error(stderr);
  expect(code).toBe(tests[0].passed ? 0 : 1);
  return tests[0].findings.map(
    ({ where, message, diff }: { where: string; message: string; diff: { sign: string; text: string }[] }) =>
      [
        `${where.replace(`${join(folder, "t.test.yaml")}:`, "")} ${message}`,
        ...diff.map(({ sign, text }) => `${sign} ${text}`),
      ].join("\n"),
  );
}

test("expectations that hold pass", async () => {
  expect(
    await findings(wasm("json-filter"), [
      "input:",
      "  - { json: { n: 2 }, expect: kept }",
      "  - { json: { n: 2 }, expect: { json: { n: 2 } } }",
      "  - { json: { n: 1 }, expect: dropped }",
      "  - { json: { n: 1 }, expect: [] }",
      "  - { text: '{', expect: failed }",
      "  - { text: '{', expect: { error: { code: module.record, text: invalid JSON } } }",
      "count: 2",
      "output:",
      "  - '{\"n\":2}'",
      "  - { json-contains: {} }",
      "fuel-max: 1000000",
      "memory-max: 16 MiB",
    ]),
  ).toEqual([]);
  expect(
    await findings(fluvio("map"), [
      "input: [{ text: a, key: k, timestamp: 5, headers: { h: v } }, { hex: '62' }]",
      "output:",
      "  - { text: A, key: '> k', timestamp: 5, headers: { h: v } }",
      "  - { hex: '42', key: null, timestamp: null, headers: {} }",
    ]),
  ).toEqual([]);
});

test.each<[string, string, readonly string[], readonly string[]]>([
  [
    "a fate",
    wasm("json-filter"),
    [
      "input: [{ json: { n: 1 }, expect: kept }, { json: { n: 2 }, expect: dropped }, { text: '{}', expect: failed }]",
    ],
    [
      "5:39 input record 1 was to be kept, and was dropped by json-filter.wasm",
      "5:73 input record 2 was to be dropped, and was kept",
      "5:106 input record 3 was to fail, and was dropped by json-filter.wasm",
    ],
  ],
  [
    "what was to be as it came",
    fluvio("map"),
    ["input: [{ text: a, expect: kept }]"],
    ["5:32 input record 1 was to be kept, and was replaced\n- a\n+ A"],
  ],
  [
    "an error",
    fluvio("panics"),
    ["input: [{ text: error, expect: { error: { code: module.trap, text: other } } }]"],
    [
      "5:38 input record 1 failed with module.record, and module.trap is expected: this record is wrong",
      '5:38 input record 1 failed with another text than "other"\n- other\n+ this record is wrong',
    ],
  ],
  [
    "a failure that nothing speaks of",
    fluvio("panics"),
    ["input: [a, error]", "count: 1"],
    ["4:11 input record 2 failed in panics.wasm with module.record: this record is wrong"],
  ],
  [
    "errors that are not the ones",
    fluvio("panics"),
    ["input: [a, error, b]", "errors: [{ record: 1 }, { record: 9 }]"],
    [
      "6:14 input record 1 was to fail, and was kept",
      "6:29 there is no input record 9",
      "6:5 input record 2 failed in panics.wasm with module.record: this record is wrong",
    ],
  ],
  [
    "too few records",
    fluvio("filter"),
    ["input: [apple, pig, cat]", "output: [apple, pig, cat]", "count: 3"],
    [
      "6:5 3 records were to come out, and there are 2\n  apple\n- pig\n  cat",
      "7:12 3 records were to come out, and there are 2",
    ],
  ],
  [
    "another text",
    fluvio("map"),
    ['input: ["a\\nb\\nc"]', 'output: ["A\\nX\\nC"]'],
    ["6:14 output record 1 is another one\n  A\n- X\n+ B\n  C"],
  ],
  [
    "JSON in a text",
    fluvio("json-map"),
    [`input: ['{"level":1,"msg":[2]}']`, "output: [{ json-contains: { msg: [3] } }]"],
    ['6:14 output record 1 does not contain this\n  {\n    "msg": [\n-     3\n+     2\n    ]\n  }'],
  ],
  [
    "key, time and headers",
    fluvio("map"),
    [
      "input: [{ text: a, key: k, headers: { h: v } }]",
      "output: [{ key: k, timestamp: 0, headers: { h: w } }]",
    ],
    [
      '6:14 output record 1 has another key: "k" is expected, and it is "> k"',
      "6:14 output record 1 has another time: 1970-01-01T00:00:00.000Z is expected, and it is none",
      '6:14 output record 1 has other headers\n- h: "w"\n+ h: "v"',
    ],
  ],
  [
    "bytes",
    fluvio("panics"),
    ["input: [{ hex: 00ff01 }]", "output: [{ hex: 00fe01 }]"],
    ["6:14 output record 1 has other bytes\n- 00 fe 01\n+ 00 ff 01"],
  ],
  [
    "a pattern",
    fluvio("map"),
    ["input: [a]", "output: [{ matches: '^a' }]"],
    ['6:14 output record 1 does not match /^a/: "A"'],
  ],
  [
    "what is no JSON",
    fluvio("map"),
    ["input: [a]", "output: [{ json: 1 }]"],
    ['6:14 output record 1 is not JSON: "A"'],
  ],
  [
    "fuel and memory",
    fluvio("map"),
    ["input: [a]", "fuel-max: 1", "memory-max: 64 KiB"],
    [
      expect.stringMatching(
        /^6:15 the records took \d+ instructions, and 1 is the most$/,
      ) as unknown as string,
      expect.stringMatching(
        /^7:17 an instance has \d+ bytes of memory, and 65536 is the most$/,
      ) as unknown as string,
    ],
  ],
  [
    "a start that was to fail",
    fluvio("map"),
    ["start-error: {}"],
    ["5:5 the modules were not to start, and they did"],
  ],
  [
    "an end that was to come",
    fluvio("panics"),
    ["input: [a]", "end-error: {}"],
    ["6:5 a module was to end the pipeline, and none did"],
  ],
  [
    "an end that nothing speaks of",
    fluvio("panics"),
    ["stateful: true", "input: [a, panic]", "count: 0"],
    [expect.stringMatching(/^4:11 the pipeline would end with module.trap: /) as unknown as string],
  ],
  [
    "what was added up",
    fluvio("aggregate"),
    ["accumulator: '1'", "input: ['2']", "accumulator-after: '4'"],
    ["7:24 something else was added up\n- 4\n+ 3"],
  ],
  [
    "a line of the log",
    fluvio("panics-wasi"),
    ["input: [log]", "log: [a line, nowhere]"],
    ['6:19 no line of the log has "nowhere"\n+ a line for the log'],
  ],
])("%s that is not as expected is told at its place", async (_what, module, lines, expected) => {
  expect(await findings(module, lines)).toEqual(expected);
});

test("expectations of starts, ends, errors, accumulators and logs that hold pass", async () => {
  expect(
    await findings(wasm("json-filter"), [
      "with: { no: 'x' }",
      "start-error: { code: module.init, text: known are }",
    ]),
  ).toEqual([]);
  expect(
    await findings(fluvio("panics"), [
      "stateful: true",
      "input: [panic]",
      "end-error: { code: module.trap }",
    ]),
  ).toEqual([]);
  expect(
    await findings(fluvio("panics"), ["input: [error]", "errors: [{ record: 1, text: wrong }]"]),
  ).toEqual([]);
  expect(
    await findings(fluvio("aggregate"), [
      "accumulator: '40'",
      "input: ['1', '1']",
      "batch-records: 1",
      "accumulator-after: '42'",
      "output: ['41', '42']",
    ]),
  ).toEqual([]);
  expect(await findings(fluvio("panics-wasi"), ["input: [log, print]", "log: [line]"])).toEqual([]);
  expect(
    await findings(wasm("dedup"), [
      "now: 2024-01-01T00:10:00Z",
      "look-back:",
      "  age: 5m",
      "  records: [{ text: a, timestamp: 2024-01-01T00:01:00Z }, { text: b, timestamp: 2024-01-01T00:09:00Z }]",
      "input: [a, b]",
      "output: [a]",
    ]),
  ).toEqual([]);
});

/** A pipeline whose source and sink would fail at once if anything touched them. */
const pipeline = [
  "meta: { name: p, type: http-source, topic: t }",
  "http: { endpoint: 'http://127.0.0.1:1/', interval: 1s }",
  "filter:",
  `  uses: ${wasm("json-filter")}`,
  "  with: { field: n, operator: '>', value: '1' }",
  "shape:",
  `  - uses: ${wasm("json-pick")}`,
  "    with: { fields: { m: n } }",
  `  - uses: ${wasm("json-rename")}`,
  "    with: { rename: { m: k } }",
].join("\n");

test("a pipeline is tested as a whole or by one of its stages, and touches nothing", async () => {
  const folder = await folderWith({
    "p.yaml": pipeline,
    "p.test.yaml": [
      "pipeline: p.yaml",
      "tests:",
      "  - { name: all, input: ['{\"n\":1}', '{\"n\":2}'], output: ['{\"k\":2}'] }",
      "  - { name: filter, stage: filter, input: ['{\"n\":1}', '{\"n\":2}'], output: ['{\"n\":2}'] }",
      "  - { name: shape, stage: shape, input: ['{\"n\":1}'], output: ['{\"k\":1}'] }",
    ].join("\n"),
  });
  const { code, stdout } = await call(["test", join(folder, "p.test.yaml"), "--reporter", "tap"]);
  expect(stdout.split("\n").slice(0, 5)).toEqual([
    "TAP version 14",
    "1..3",
    ...["all", "filter", "shape"].map(
      (name, index) => `ok ${index + 1} - ${join(folder, "p.test.yaml")}: ${name}`,
    ),
  ]);
  expect(code).toBe(0);
});

const golden = [
  ...top(wasm("json-filter")),
  "  - { name: passes, input: ['{\"n\":2}'], count: 1 }",
  "  - { name: 'fails <#1>', input: ['{\"n\":1}'], output: [a, '{\"n\":1}'] }",
].join("\n");

/** What differs from run to run, and with the SDK, made the same. */
const steady = (text: string, folder: string): string =>
  text
    .replaceAll(`${folder}/`, "")
    .replaceAll(/"(fuel|memoryBytesMax|durationMs)": [\d.e-]+/g, '"$1": 0')
    .replaceAll(/time="[\d.]+"/g, 'time="0"')
    .replaceAll(/in \d+ ms/g, "in 0 ms")
    .replaceAll(/[\d,]+ instructions/g, "0 instructions");

test.each(["human", "json", "junit", "tap"])("the reporter %s tells all of it", async (reporter) => {
  const folder = await folderWith({ "a.test.yaml": golden, "b.test.yaml": "tests: 1" });
  const { code, stdout } = await call(["test", folder, "--reporter", reporter]);
  expect(code).toBe(2);
  await expect(steady(stdout, folder)).toMatchFileSnapshot(`reports/${reporter}.txt`);
});

test("the JSON that is printed is what its schema says", async () => {
  const folder = await folderWith({ "a.test.yaml": golden, "b.test.yaml": "tests: 1" });
  const { stdout } = await call(["test", folder, "--reporter", "json"]);
  const schema = JSON.parse((await call(["schema", "--of", "test-report"])).stdout);
  const ajv = new Ajv2020({ strict: false });
  const isRight = ajv.validate(schema, JSON.parse(stdout));
  expect(ajv.errors).toBeNull();
  expect(isRight).toBe(true);
  const tests = JSON.parse((await call(["schema", "--of", "tests"])).stdout);
  expect(tests.properties.tests.items.properties.input.description).toContain("records that go in");
  expect((await call(["schema", "http-source", "--of", "tests"])).code).toBe(2);
});

test("--json gives the report in the envelope of all commands", async () => {
  const folder = await folderWith({ "a.test.yaml": golden });
  const { code, stdout } = await call(["test", folder, "--json"]);
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    command: "test",
    ok: false,
    summary: "2 tests, 1 failed",
    result: { passed: 1, failed: 1, files: [{ tests: [{ name: "passes" }, { name: "fails <#1>" }] }] },
    error: { code: "test.failed" },
  });
});

test("tests are chosen by a part of their names", async () => {
  const folder = await folderWith({ "a.test.yaml": golden });
  for (const flag of ["-t", "--filter"]) {
    const { code, stdout } = await call(["test", folder, flag, "PASS"]);
    expect(code).toBe(0);
    expect(stdout).toContain("1 passed, 1 left out");
  }
  const { code, stderr } = await call(["test", folder, "-t", "nothing"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('no test has "nothing" in its name')]);
});

test("colours are for terminals", async () => {
  const folder = await folderWith({ "a.test.yaml": golden });
  const stdout = new FakeStream({ isTTY: true });
  await call(["test", folder], { stdout });
  expect(stdout.text).toContain("\u001B[31m- a\u001B[39m");
  expect((await call(["test", folder])).stdout).not.toContain("\u001B");
});

test("a folder without tests, and a path that is not there, are wrong calls", async () => {
  const folder = await folderWith({ "a.yaml": "" });
  expect(await call(["test", folder])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no test files"),
  });
  expect(await call(["test", join(folder, "no")])).toMatchObject({ code: 3 });
  const module = await folderWith({ "a.test.yaml": "module: no.wasm\ntests: [{ name: t, count: 0 }]" });
  const { code, stderr } = await call(["test", module]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("a.test.yaml:1:9")]);
});

test("a snapshot is written once, compared, taken anew with -u, and never written where CI is set", async () => {
  const lines = (value: string): string =>
    [
      ...top(fluvio("map")),
      `  - { name: snap, input: [${value}, { hex: '61ff' }], snapshot: true, errors: [{ record: 2 }] }`,
    ].join("\n");
  const folder = await folderWith({ "s.test.yaml": lines("a") });
  const kept = (): Promise<string> => readFile(join(folder, "s.test.snapshots.json"), "utf8");
  expect((await call(["test", folder], { environment: { CI: "true" } })).stdout).toContain(
    "there is no snapshot",
  );
  await expect(kept()).rejects.toThrow("ENOENT");
  expect((await call(["test", folder])).stdout).toContain("snapshot written");
  expect(JSON.parse(await kept())).toEqual({
    snap: [
      { fate: "replaced", output: [{ value: "A" }] },
      { fate: "failed", errors: [{ code: "module.record", message: expect.stringContaining("utf-8") }] },
    ],
  });
  expect((await call(["test", folder], { environment: { CI: "1" } })).code).toBe(0);
  await writeFile(join(folder, "s.test.yaml"), lines("b"));
  const other = await call(["test", folder]);
  expect([other.code, other.stdout]).toEqual([
    1,
    expect.stringMatching(/-u takes it anew\n(?:.*\n)*.*- +"value": "A"\n(?:.*\n)*.*\+ +"value": "B"/),
  ]);
  expect(await call(["test", folder, "-u"], { environment: { CI: "1" } })).toMatchObject({ code: 2 });
  expect((await call(["test", folder, "-u"])).stdout).toContain("snapshot updated");
  expect((await call(["test", folder])).code).toBe(0);
  await writeFile(join(folder, "s.test.yaml"), lines("b").replace("name: snap", "name: renamed"));
  await call(["test", folder, "-u"]);
  expect(Object.keys(JSON.parse(await kept()))).toEqual(["renamed"]);
});

test("what comes out of a test that fails otherwise is no snapshot", async () => {
  const folder = await folderWith({
    "s.test.yaml": [...top(fluvio("map")), "  - { name: snap, input: [a], snapshot: true, count: 2 }"].join(
      "\n",
    ),
  });
  expect((await call(["test", folder])).stdout).toContain("none is written of a test that fails");
});

test("--watch runs again when the test or the module changes, until it is stopped", async () => {
  const folder = await folderWith({
    "w.test.yaml": "module: w.wasm\ntests: [{ name: t, input: [a], output: [a] }]",
  });
  const module = join(folder, "w.wasm");
  await copyFile(fluvio("filter"), module);
  const stop = new AbortController();
  const stdout = new FakeStream();
  const ended = call(["test", folder, "--watch"], { stop: stop.signal, stdout });
  const runs = (count: number, text: string): Promise<void> =>
    vi.waitFor(() => expect(stdout.text.split(text)).toHaveLength(count + 1), { timeout: 20_000 });
  await runs(1, "1 passed in");
  await copyFile(fluvio("map"), module);
  await runs(1, "1 failed, 0 passed in");
  await writeFile(
    join(folder, "w.test.yaml"),
    "module: w.wasm\ntests: [{ name: t, input: [a], output: [A] }]",
  );
  await runs(2, "1 passed in");
  stop.abort();
  expect((await ended).code).toBe(0);
  expect(limits.testSettleMs.default).toBeGreaterThan(0);
});

test("--watch builds a module that is older than its source", { timeout: 120_000 }, async () => {
  const source = (condition: string): string =>
    `import { Record } from "millrace/assemblyscript";\nexport function filter(record: Record): bool { return ${condition}; }\n`;
  const folder = await folderWith({
    "w.test.yaml": "tests: [{ name: t, input: [a], count: 1 }]",
    "w.ts": source("false"),
  });
  const module = join(folder, "w.wasm");
  await copyFile(fluvio("filter"), module);
  await utimes(join(folder, "w.ts"), 1, 1);
  const stop = new AbortController();
  const stdout = new FakeStream();
  const ended = call(["test", folder, "--watch"], { stop: stop.signal, stdout });
  await vi.waitFor(() => expect(stdout.text).toContain("1 passed in"), { timeout: 20_000 });
  await writeFile(join(folder, "w.ts"), source("false"));
  await vi.waitFor(() => expect(stdout.text).toContain("1 failed"), { timeout: 100_000 });
  stop.abort();
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([1, expect.stringContaining(`built ${module}`)]);
});
