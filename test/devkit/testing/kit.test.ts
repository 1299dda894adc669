import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import {
  type MillraceMatchers,
  millraceMatchers,
  runTests,
  type TestedRecords,
  testModule,
  testPipeline,
  verify,
} from "../../../src/devkit/testing/kit.ts";
import { folderWith } from "../../cli/support/millrace.ts";
import { committed, moduleFolder } from "../../smartmodules/built.ts";
import { fluvioFolder } from "../../support/fluvio.ts";

declare module "vitest" {
  interface Matchers<T> extends MillraceMatchers<T> {}
}

expect.extend(millraceMatchers);

const filter = `${moduleFolder("json-filter")}json-filter.wasm`;
const parameters = { field: "n", operator: ">", value: "1" };

const filtered = (): Promise<TestedRecords> =>
  testModule(filter, ['{"n":2}', '{"n":1}', '{"n":'], { with: parameters });

test("a module is tested by its path, its URL or its bytes", async () => {
  for (const module of [filter, pathToFileURL(filter), await committed("json-filter")]) {
    expect(await testModule(module, ['{"n":2}', '{"n":1}'], { with: parameters })).toOutput(['{"n":2}']);
  }
});

test("what came of the records is there as data", async () => {
  const { inputs, output, fuel, memoryBytesMax, ended } = await filtered();
  expect(inputs.map(({ fate }) => fate)).toEqual(["kept", "dropped", "failed"]);
  expect(inputs[2]?.error).toMatchObject({ code: "module.record", module: "json-filter.wasm" });
  expect(output.map(({ text }) => text)).toEqual(['{"n":2}']);
  expect(fuel).toBeGreaterThan(0);
  expect(memoryBytesMax).toBeGreaterThan(0);
  expect(ended).toBeUndefined();
  const keyed = await testModule(`${fluvioFolder}map.wasm`, [{ value: "a", key: "k", timestamp: 5 }]);
  expect(keyed.output[0]).toMatchObject({ text: "A", key: "> k", timestamp: 5 });
  const sum = await testModule(`${fluvioFolder}aggregate.wasm`, ["1", "2"], { accumulator: "40" });
  expect(sum.accumulator).toBe("43");
  const logs = await testModule(`${fluvioFolder}panics-wasi.wasm`, ["log"]);
  expect(logs.log.map(({ text }) => text)).toEqual(["a line for the log"]);
  const dedup = `${moduleFolder("dedup")}dedup.wasm`;
  const earlier = [{ value: "a", timestamp: 1 }, "b"];
  expect(await testModule(dedup, ["a", "b"], { earlier, lookBack: { ageMs: 5 }, now: 3 })).toOutput(["b"]);
});

test("matchers hold where they should", async () => {
  const result = await filtered();
  expect(result).toOutput([{ n: 2 }]);
  expect(result).toOutput([Buffer.from('{"n":2}')]);
  expect(result).not.toOutput(['{"n":1}']);
  expect(result).not.toOutput([]);
  expect(result).toKeep(0);
  expect(result).not.toKeep(1);
  expect(result).toDrop(1);
  expect(result).not.toDrop(9);
  expect(result).toFail(2);
  expect(result).toFail(2, { code: "module.record", text: "invalid JSON" });
  expect(result).not.toFail(2, { code: "module.trap" });
  expect(result).not.toFail(2, { text: "other" });
  expect(result).not.toFail(0);
  expect(result).toTakeFuelAtMost(1_000_000);
  expect(result).not.toTakeFuelAtMost(1);
  expect(result).toTakeMemoryAtMost(64 * 1024 * 1024);
  expect(result).not.toTakeMemoryAtMost(1);
});

test("what matchers say shows what is there instead", async () => {
  const result = await filtered();
  expect(() => expect(result).toOutput(['{"n":3}'])).toThrow('-   "n": 3\n  +   "n": 2');
  expect(() => expect(result).toKeep(1)).toThrow("input record 1 was to be kept, and was dropped");
  expect(() => expect(result).toDrop(2)).toThrow(
    "and failed in json-filter.wasm with module.record: invalid JSON",
  );
  expect(() => expect(result).toDrop(3)).toThrow("there is none of this index");
  expect(() => expect(result).toTakeFuelAtMost(1)).toThrow(/took \d+ instructions, and 1 is the most/);
});

test("verify does the same without a test runner's matchers", async () => {
  const result = await filtered();
  verify(result).toKeep(0);
  verify(result).toOutput([{ n: 2 }]);
  expect(() => verify(result).toKeep(1)).toThrow("input record 1 was to be kept, and was dropped");
});

test("a pipeline is tested as a whole or by a stage", async () => {
  const folder = await folderWith({
    "p.yaml": [
      "meta: { name: p, type: http-source, topic: t }",
      "http: { endpoint: 'http://127.0.0.1:1/', interval: 1s }",
      `filter: { uses: ${filter}, with: ${JSON.stringify(parameters)} }`,
      `shape: { uses: ${moduleFolder("json-pick")}json-pick.wasm, with: { fields: { m: n } } }`,
    ].join("\n"),
  });
  const config = join(folder, "p.yaml");
  expect(await testPipeline(config, ['{"n":1}', '{"n":2}'])).toOutput([{ m: 2 }]);
  expect(await testPipeline(config, ['{"n":1}'], { stage: "shape" })).toOutput([{ m: 1 }]);
});

test("test files run in other test runners, and never write snapshots", async () => {
  const folder = await folderWith({
    "t.test.yaml": `module: ${fluvioFolder}map.wasm\ntests: [{ name: t, input: [a], output: [A] }]`,
  });
  const file = join(folder, "t.test.yaml");
  const report = await runTests(file);
  expect(report).toPassTests();
  verify(report).toPassTests();
  await writeFile(file, `module: ${fluvioFolder}map.wasm\ntests: [{ name: t, input: [a], snapshot: true }]`);
  const missing = await runTests(file);
  expect(() => expect(missing).toPassTests()).toThrow(`${file}:2:42: there is no snapshot`);
});
