import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { utf8 } from "../../../src/base/index.ts";
import { readPlan } from "../../../src/config/index.ts";
import { outputOf, runTrial, stepsOfPlan, Trial, type TrialResult } from "../../../src/devkit/index.ts";
import { loadModule, type Module } from "../../../src/engine/index.ts";
import { formatWhere, MillraceError } from "../../../src/errors.ts";
import type { RecordInput } from "../../../src/record/index.ts";
import { committed, moduleFolder } from "../../smartmodules/built.ts";
import { fluvioModule } from "../../support/fluvio.ts";
import { guestModule } from "../../support/guests.ts";

const built = async (name: string): Promise<Module> => loadModule(await committed(name), name);
const values = (...texts: readonly string[]): RecordInput[] => texts.map((value) => ({ value }));
const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString();

/** Fate and values of each input record. */
function told({ outcomes }: TrialResult): (readonly [string, ...(string | undefined)[]])[] {
  return outcomes.map(({ fate, output }) => [fate, ...output.map(({ value }) => textOf(value))]);
}

test("tells of each record what became of it, and which step did it", async () => {
  const steps = [
    {
      module: await built("json-filter"),
      parameters: new Map([
        ["field", "n"],
        ["operator", ">"],
        ["value", "1"],
      ]),
    },
    { module: await built("json-rename"), parameters: new Map([["rename", '{"old":"new"}']]) },
    {
      module: await built("json-split"),
      parameters: new Map([
        ["field", "list"],
        ["none", "keep"],
      ]),
    },
  ];
  const result = await runTrial(
    steps,
    values('{"n":1}', '{"n":', '{"n":2}', '{"n":3,"old":4}', '{"n":4,"list":[5,6]}', '{"n":5,"list":[]}'),
  );
  expect(told(result)).toEqual([
    ["dropped"],
    ["failed"],
    ["kept", '{"n":2}'],
    ["expanded", '{"n":3,"new":4}'],
    ["expanded", "5", "6"],
    ["dropped"],
  ]);
  expect(result.outcomes.map(({ droppedBy }) => droppedBy)).toEqual([
    0,
    undefined,
    undefined,
    undefined,
    undefined,
    2,
  ]);
  expect(result.outcomes[1]?.failures).toEqual([
    {
      step: 0,
      module: "json-filter",
      code: "module.record",
      message: expect.stringContaining("invalid JSON"),
    },
  ]);
  expect(outputOf(result)).toHaveLength(4);
  expect(result.steps.map(({ module, counts }) => [module, counts.records])).toEqual([
    ["json-filter", 6],
    ["json-rename", 4],
    ["json-split", 4],
  ]);
});

test("a record with another key than it came with is replaced, whatever its value", async () => {
  const module = await fluvioModule("map");
  const { outcomes } = await runTrial([{ module }], [{ value: "A", key: "k" }, { value: "B" }]);
  expect(outcomes.map(({ fate, output }) => [fate, textOf(output[0]?.key)])).toEqual([
    ["replaced", "> k"],
    ["kept", undefined],
  ]);
});

test("keeps keys, timestamps and headers, and absent ones absent", async () => {
  const module = await fluvioModule("filter");
  const given: RecordInput[] = [
    { value: "apple", key: "", timestamp: 5, headers: [{ name: "h", value: Uint8Array.of(1) }] },
    { value: "cat" },
  ];
  const result = await runTrial([{ module }], given, { timestamp: 7 });
  expect(outputOf(result)).toEqual([
    {
      value: utf8("apple"),
      key: utf8(""),
      timestamp: 5,
      headers: [{ name: "h", value: Uint8Array.of(1) }],
    },
    { value: utf8("cat"), key: undefined, timestamp: 7, headers: [] },
  ]);
  expect(result.outcomes.map(({ fate }) => fate)).toEqual(["kept", "kept"]);
});

test.each([1, 2, 100])(
  "in batches of %i the outcomes are the same, and fuel is told of each",
  async (most) => {
    const module = await fluvioModule("panics");
    const given = values("a", "error", "b", "panic", "c");
    const { outcomes, batches, steps, fuel } = await runTrial([{ module, stateful: false }], given, {
      batchRecordsMax: most,
    });
    expect(outcomes.map(({ fate, failures }) => [fate, failures[0]?.code])).toEqual([
      ["kept", undefined],
      ["failed", "module.record"],
      ["kept", undefined],
      ["failed", "module.trap"],
      ["kept", undefined],
    ]);
    expect(batches).toHaveLength(Math.ceil(5 / most));
    expect(batches.map(({ first }) => first)).toEqual(batches.map((_batch, index) => index * most));
    expect(batches.reduce((sum, { records }) => sum + records, 0)).toBe(5);
    expect(batches[0]?.fuel).toBeGreaterThan(0);
    expect(fuel).toBe(batches.reduce((sum, batch) => sum + batch.fuel, 0));
    expect(steps[0]?.counts.batches).toBe(batches.length);
    expect(steps[0]?.memoryBytesMax).toBeGreaterThanOrEqual(65_536);
  },
);

test("a large input is cut into batches by its bytes, as in a pipeline", async () => {
  const module = await guestModule({ transform: "filter" });
  const large = "x".repeat(600 * 1024);
  const { batches } = await runTrial([{ module }], values(large, large, "y", "z"));
  expect(batches.map(({ first, records }) => [first, records])).toEqual([
    [0, 2],
    [2, 2],
  ]);
});

const look = [
  { value: "a", timestamp: 1000 },
  { value: "b", timestamp: 2000 },
  { value: "c" },
  { value: "d", timestamp: 4000 },
];

test.each([
  ["all there is where nothing says how many", undefined, ["e"]],
  ["the last ones", { last: 2 }, ["a", "b", "e"]],
  ["those of an age, and none without a time", { ageMs: 2000 }, ["a", "c", "e"]],
  ["those that are in both", { last: 3, ageMs: 3000 }, ["a", "c", "e"]],
  ["none", {}, ["a", "b", "c", "d", "e"]],
])("a step that looks back is shown %s", async (_what, lookBack, kept) => {
  const module = await built("dedup");
  const result = await runTrial([{ module, lookBack }], values("a", "b", "c", "d", "e"), {
    earlier: look,
    now: 4000,
  });
  expect(outputOf(result).map(({ value }) => textOf(value))).toEqual(kept);
});

test("earlier records have the first offsets, and what comes then the next ones", async () => {
  const module = await fluvioModule("place-map");
  const trial = await Trial.open([{ module }], { earlier: look, batchRecordsMax: 1, timestamp: 7 });
  const places = [...trial.run(values("x", "y")).outcomes, ...trial.run(values("z")).outcomes];
  expect(places.map(({ output }) => textOf(output[0]?.value))).toEqual(["4@7", "5@7", "6@7"]);
});

test("an aggregate begins with what it is given, and goes on from one run to the next", async () => {
  const accumulator = Buffer.from("40");
  const trial = await Trial.open([{ module: await fluvioModule("aggregate"), accumulator }]);
  expect(textOf(trial.run([]).steps[0]?.accumulator)).toBe("40");
  const result = trial.run(values("1", "no number", "1"));
  expect(told(result)).toEqual([["replaced", "41"], ["failed"], ["replaced", "42"]]);
  expect(textOf(result.steps[0]?.accumulator)).toBe("42");
  expect(textOf(trial.run(values("8")).steps[0]?.accumulator)).toBe("50");
  const { steps } = await runTrial([{ module: await fluvioModule("filter") }], values("apple"));
  expect(steps[0]?.accumulator).toBeUndefined();
});

test("lines that modules log are told with their step, once", async () => {
  const module = await fluvioModule("panics-wasi");
  const told: string[] = [];
  const onLog = ({ text }: { readonly text: string }): void => void told.push(text);
  const trial = await Trial.open([{ module: await fluvioModule("panics") }, { module }], { onLog });
  const { log } = trial.run(values("log"));
  expect(log.map(({ step, module, text }) => [step, module, text])).toEqual(
    told.map((text) => [1, "panics-wasi", text]),
  );
  expect(told).toEqual(["a line for the log"]);
  expect(trial.run(values("quiet")).log).toEqual([]);
});

test("what ends a module ends the trial, and what was done before stays told", async () => {
  const steps = [
    { module: await fluvioModule("filter") },
    { module: await fluvioModule("panics"), stateful: true },
  ];
  const trial = await Trial.open(steps, { batchRecordsMax: 2 });
  const result = trial.run(values("apple", "pig", "panic", "pig", "apple"));
  expect(result.ended).toMatchObject({ code: "module.trap" });
  expect(told(result)).toEqual([["kept", "apple"], ["dropped"], ["unsettled"], ["dropped"], ["unsettled"]]);
  expect(result.batches).toHaveLength(2);
  expect(told(trial.run(values("apple")))).toEqual([["unsettled"]]);
});

test("a module that refuses its parameters is told at the place of its step", async () => {
  const where = { file: "pipe.yaml", line: 3, column: 9 };
  const opening = Trial.open([
    { module: await built("json-filter"), parameters: new Map([["no", "x"]]), where },
  ]);
  await expect(opening).rejects.toMatchObject({ code: "module.init", where });
});

test("the steps of a config, or of one of its stages, are those that would run", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-trial-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "pipe.yaml");
  await writeFile(
    file,
    [
      "meta: { name: trial, type: http-source, topic: t }",
      "http: { endpoint: http://127.0.0.1:1/, interval: 1s }",
      "filter:",
      `  uses: ${moduleFolder("json-filter")}json-filter.wasm`,
      "  with: { field: n, operator: '>', value: '1' }",
      "shape:",
      `  - uses: ${moduleFolder("json-pick")}json-pick.wasm`,
      "    with: { fields: { m: n } }",
      "  - uses: nothing.wasm",
    ].join("\n"),
  );
  const { plan } = await readPlan(file);
  const problem: unknown = await stepsOfPlan(plan).catch((error: unknown) => error);
  expect(MillraceError.is(problem) && problem.where && formatWhere(problem.where)).toBe(`${file}:9:11`);
  const steps = await stepsOfPlan({ steps: plan.steps.slice(0, 2) });
  expect(steps.map(({ stage, module }) => [stage, module.name])).toEqual([
    ["filter", "json-filter.wasm"],
    ["shape", "json-pick.wasm"],
  ]);
  expect(told(await runTrial(steps, values('{"n":2,"o":3}')))).toEqual([["replaced", '{"m":2}']]);
  const [filter, ...others] = await stepsOfPlan(plan, "filter");
  expect([filter?.module.name, others]).toEqual(["json-filter.wasm", []]);
});
