import { basename, dirname, resolve } from "node:path";
import { assert } from "../../base/index.ts";
import type { RecordInput } from "../../record/index.ts";
import { limitsOf } from "../guest-limits.ts";
import { parametersOf } from "../parameters.ts";
import { readText } from "../read-text.ts";
import { Report } from "../report.ts";
import { check } from "../schema/check.ts";
import { formatPath, locate, locateKey, type MapNode, type Path } from "../yaml/node.ts";
import { parseYaml } from "../yaml/parse.ts";
import { errorExpectation, fateExpectation, recordExpectation } from "./expectations.ts";
import { type GivenCase, type GivenInput, testFileSchema } from "./schema.ts";
import type { Expected, TestCase, TestFile, TestInput } from "./test-file.ts";
import { fileBytes, recordOf, timeOf, type Values } from "./values.ts";

/**
 * Reads a test file, and all files that it takes values from.
 *
 * @param file its path; it appears in messages as it is given
 * @throws MillraceError `config.not-found`, `config.syntax`, `config.invalid`; several problems are told at once
 */
export async function readTestFile(file: string): Promise<TestFile> {
  const report = new Report(file);
  const root = parseYaml(await readText(file), file, report);
  let read: TestFile | undefined;
  if (root?.kind === "map") read = await testFileOf(root, file, report);
  else report.error({ line: 1, column: 1 }, "expected a mapping with `tests:`");
  report.throwIfAny();
  assert(read !== undefined, "a test file without problems is read");
  return read;
}

async function testFileOf(root: MapNode, file: string, report: Report): Promise<TestFile | undefined> {
  const given = check(testFileSchema, root, [], { unknownKeys: "refuse", absent: undefined, report });
  if (given === undefined) return undefined;
  const folder = dirname(resolve(file));
  const kind = given.pipeline === undefined ? "module" : "pipeline";
  if (given.module !== undefined && given.pipeline !== undefined) {
    report.error(locateKey(root, ["pipeline"]), "pipeline: a file tests a module or a pipeline, not both");
  }
  if (kind === "pipeline" && given.with !== undefined) {
    report.error(locateKey(root, ["with"]), "with: the steps of a pipeline have their own parameters");
  }
  const besides = `${basename(file).replace(/(\.test)?\.ya?ml$/, "")}.wasm`;
  const values = { root, folder, report };
  const cases: TestCase[] = [];
  for (const [index, each] of given.tests.entries()) {
    cases.push(await caseOf(each, ["tests", index], kind, values));
  }
  refuseTwins(cases, values);
  return {
    file,
    subject: {
      kind,
      path: resolve(folder, given[kind] ?? besides),
      where: report.where(locate(root, given[kind] === undefined ? [] : [kind]).place),
    },
    cases,
  };
}

/** A name tells which snapshot is whose. */
function refuseTwins(cases: readonly TestCase[], { root, report }: Values): void {
  const seen = new Set<string>();
  for (const [index, { name }] of cases.entries()) {
    const path = ["tests", index, "name"];
    if (seen.has(name))
      report.error(locate(root, path).place, `tests[${index}].name: another test has this name`);
    seen.add(name);
  }
}

async function caseOf(
  given: GivenCase,
  path: Path,
  kind: "module" | "pipeline",
  values: Values,
): Promise<TestCase> {
  const { root, report } = values;
  refuseForeign(path, kind, values);
  refuseNothing(given, path, values);
  const at = (key: string): Path => [...path, key];
  const expected = <T>(key: string, value: T | undefined): Expected<T> | undefined =>
    value === undefined ? undefined : { value, where: report.where(locate(root, at(key)).place) };
  const error = (key: "start-error" | "end-error") => {
    const each = given[key];
    return each && errorExpectation(each, at(key), values);
  };
  const lookBack = given["look-back"];
  const earlier: RecordInput[] = [];
  for (const [index, each] of (lookBack?.records ?? []).entries()) {
    earlier.push(await recordOf(each, [...at("look-back"), "records", index], values));
  }
  const output = await Promise.all(
    (given.output ?? []).map((each, index) => recordExpectation(each, [...at("output"), index], values)),
  );
  const errors = given.errors?.map(({ record, ...each }, index) => ({
    ...errorExpectation(each, [...at("errors"), index], values),
    index: record - 1,
  }));
  const isLimited = lookBack?.last !== undefined || lookBack?.age !== undefined;
  return {
    name: given.name,
    where: report.where(locate(root, at("name")).place),
    parameters: kind === "module" ? parametersAt([at("with"), ["with"]], values) : undefined,
    limits: given.limits && limitsOf(given.limits),
    stateful: given.stateful,
    stage: given.stage,
    accumulator: given.accumulator,
    lookBack: isLimited ? { last: lookBack?.last, ageMs: lookBack?.age } : undefined,
    earlier,
    now: given.now === undefined ? undefined : timeOf(given.now),
    batchRecordsMax: given["batch-records"],
    input: await inputOf(given.input, at("input"), values),
    output: expected("output", given.output && output),
    count: expected("count", given.count),
    errors: expected("errors", errors),
    startError: error("start-error"),
    endError: error("end-error"),
    accumulatorAfter: expected("accumulator-after", given["accumulator-after"]),
    log: (given.log ?? []).map((value, index) => ({
      value,
      where: report.where(locate(root, [...at("log"), index]).place),
    })),
    fuelMax: expected("fuel-max", given["fuel-max"]),
    memoryBytesMax: expected("memory-max", given["memory-max"]),
    snapshot: given.snapshot === true ? report.where(locate(root, at("snapshot")).place) : undefined,
  };
}

async function inputOf(
  given: readonly GivenInput[],
  path: Path,
  values: Values,
): Promise<readonly TestInput[]> {
  const input: TestInput[] = [];
  for (const [index, each] of given.entries()) {
    const at = [...path, index];
    if (typeof each === "string") {
      input.push({ record: { value: each }, expected: undefined });
      continue;
    }
    const { lines, expect, ...record } = each;
    const expected =
      expect === undefined ? undefined : await fateExpectation(expect, [...at, "expect"], values);
    if (lines === undefined) {
      input.push({ record: await recordOf(record, at, values), expected });
      continue;
    }
    const { key, timestamp, headers } = await recordOf({ ...record, text: "" }, at, values);
    const text = Buffer.from(await fileBytes(lines, [...at, "lines"], values)).toString("latin1");
    for (const line of text.replace(/\r?\n$/, "").split(/\r?\n/)) {
      input.push({ record: { value: Buffer.from(line, "latin1"), key, timestamp, headers }, expected });
    }
  }
  return input;
}

/** The parameters at the first of some places where there are any. */
function parametersAt(paths: readonly Path[], { root, report }: Values): ReadonlyMap<string, string> {
  for (const path of paths) {
    const { node } = locate(root, path);
    if (node?.kind === "map") return parametersOf(node, path, report);
  }
  return new Map();
}

const foreign: Readonly<Record<"module" | "pipeline", readonly Path[]>> = {
  module: [["stage"]],
  pipeline: [
    ["with"],
    ["stateful"],
    ["limits"],
    ["accumulator"],
    ["look-back", "last"],
    ["look-back", "age"],
  ],
};

/** Refuses what only tests of the other kind have. */
function refuseForeign(path: Path, kind: "module" | "pipeline", { root, report }: Values): void {
  for (const key of foreign[kind]) {
    const at = [...path, ...key];
    if (locate(root, at).node === undefined) continue;
    const because =
      kind === "module" ? "a module has no stages" : "the steps of a pipeline say this themselves";
    report.error(locateKey(root, at), `${key.join(".")}: ${because}`);
  }
}

const expectationKeys = [
  "output",
  "count",
  "errors",
  "start-error",
  "end-error",
  "accumulator-after",
  "log",
  "fuel-max",
  "memory-max",
  "snapshot",
] as const;

/** A test that expects nothing passes whatever happens, which nobody means. */
function refuseNothing(given: GivenCase, path: Path, { root, report }: Values): void {
  if (expectationKeys.some((key) => given[key] !== undefined)) return;
  if (given.input.some((each) => typeof each === "object" && each.expect !== undefined)) return;
  report.error(
    locate(root, [...path, "name"]).place,
    `${formatPath(path)}: expects nothing`,
    `say what comes out: \`expect:\` at a record, or one of ${expectationKeys.join(", ")}`,
  );
}
