import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { FuzzOptions } from "../../../src/devkit/fuzz/fuzz.ts";
import { edited } from "../../../src/devkit/fuzz/json-edits.ts";
import { testFileText } from "../../../src/devkit/fuzz/test-file.ts";
import { type FuzzResult, fuzzModule } from "../../../src/devkit/index.ts";
import { limits } from "../../../src/limits.ts";
import { loadModuleFile } from "../../../src/modules/index.ts";
import { folderWith } from "../../cli/support/millrace.ts";
import { faultFile } from "../../fixtures/faults/faults.ts";
import { moduleFolder } from "../../smartmodules/built.ts";

const endless = { seed: 5, runs: 12, shrinkMsMax: Number.POSITIVE_INFINITY };
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function outcomes({ laws }: FuzzResult): Record<string, string> {
  return Object.fromEntries(
    laws.map(({ law, skipped, broken }) => [law, skipped ?? (broken === undefined ? "held" : "broken")]),
  );
}

const committedFile = (name: string): string => join(moduleFolder(name), `${name}.wasm`);

describe("fuzzing", { timeout: 120_000 }, () => {
  test.each<[string, Record<string, string>]>([
    ["json-filter", { field: "level", value: "error" }],
    ["json-pick", { fields: '{"a":"user.email"}' }],
    ["json-split", { field: "tags" }],
    ["count-by", { field: "level" }],
    ["dedup", { field: "id" }],
    ["throttle", { count: "2", interval: "1s" }],
  ])("finds nothing about %s, which comes with this project", async (name, parameters) => {
    const result = await fuzzModule(await loadModuleFile(committedFile(name)), {
      ...endless,
      parameters: new Map(Object.entries(parameters)),
    });
    expect(result.laws.filter(({ broken }) => broken !== undefined)).toEqual([]);
  });

  test("leaves out what a module's kind, or what it keeps, makes no law", async () => {
    const dedup = await fuzzModule(await loadModuleFile(committedFile("dedup")), {
      ...endless,
      runs: 1,
      parameters: new Map([["field", "id"]]),
    });
    expect(outcomes(dedup)).toMatchObject({
      state: "it keeps something, or may do so",
      idempotent: "it keeps something, or may do so",
      text: "a filter changes nothing",
      batches: "held",
    });
    const map = await fuzzModule(await loadModuleFile(faultFile("same")), { ...endless, runs: 1 });
    expect(outcomes(map)).toMatchObject({ idempotent: "it is no filter", state: "held", text: "held" });
  });

  test("tries the same inputs again for the same seed", async () => {
    const tried = async (seed: number): Promise<unknown> => {
      const options: FuzzOptions = { ...endless, seed, laws: ["batches"] };
      return (await fuzzModule(await loadModuleFile(faultFile("drops-the-last")), options)).laws;
    };
    const first = await tried(3);
    expect(await tried(3)).toEqual(first);
  });

  test("draws from samples, or from a generator of the user's own", async () => {
    const module = faultFile("traps-on-nothing");
    const seen = await fuzzModule(await loadModuleFile(module), {
      ...endless,
      runs: 40,
      samples: [utf8('{"a":1}')],
      laws: ["traps"],
    });
    expect(seen.laws[0]?.broken?.records).toEqual([{ value: new Uint8Array(0) }]);
    const cwd = await folderWith({
      "never.js":
        "export default (fc) => fc.constantFrom('a', new Uint8Array([255]), { value: 'b', key: 'k' });",
      "number.js": "export default (fc) => fc.integer();",
      "none.js": "export default 5;",
    });
    const options = { ...endless, laws: ["traps"] as const };
    const never = await fuzzModule(await loadModuleFile(module), {
      ...options,
      generator: join(cwd, "never.js"),
    });
    expect(outcomes(never)).toEqual({ traps: "held" });
    for (const [file, message] of [
      ["none.js", "exports no arbitrary"],
      ["missing.js", "cannot be loaded"],
    ]) {
      const failed = fuzzModule(await loadModuleFile(module), {
        ...options,
        generator: join(cwd, file as string),
      });
      await expect(failed).rejects.toMatchObject({
        code: "fuzz.generator",
        message: expect.stringContaining(message as string),
      });
    }
  });

  test("gives inputs of up to fuzzRecordsMax records", async () => {
    let most = 0;
    const { anyInput, likeSamples } = await import("../../../src/devkit/fuzz/arbitraries.ts");
    const { default: fc } = await import("fast-check");
    const input = anyInput(likeSamples([utf8("{}")]), limits.fuzzRecordsMax.default, false);
    for (const records of fc.sample(input, { numRuns: 300, seed: 1 })) most = Math.max(most, records.length);
    expect(most).toBe(limits.fuzzRecordsMax.default);
  });

  test("stops when it is told to", async () => {
    const stop = new AbortController();
    let runs = 0;
    const result = await fuzzModule(await loadModuleFile(faultFile("same")), {
      ...endless,
      runs: 1000,
      stop: stop.signal,
      onRun() {
        if (++runs === 3) stop.abort();
      },
    });
    expect(result.laws[0]?.runs).toBeLessThan(5);
  });
});

describe("edits of JSON", () => {
  const json = { a: [1, { b: 2 }], c: "x" };
  test.each([
    [[{ place: 0, edit: { kind: "remove" } }], { c: "x" }],
    [[{ place: 3, edit: { kind: "set", value: null } }], { a: [1, { b: null }], c: "x" }],
    [[{ place: 1, edit: { kind: "repeat" } }], { a: [1, 1, { b: 2 }], c: "x" }],
    [[{ place: 4, edit: { kind: "repeat" } }], { a: [1, { b: 2 }], c: "x", c2: "x" }],
    [[{ place: 5, edit: { kind: "set", value: 7 } }], 7],
    [
      [
        { place: 1, edit: { kind: "remove" } },
        { place: 1, edit: { kind: "remove" } },
      ],
      { a: [], c: "x" },
    ],
  ] as const)("%j make %j", (edits, expected) => {
    expect(edited(json, edits)).toEqual(expected);
    expect(json).toEqual({ a: [1, { b: 2 }], c: "x" });
  });
});

describe("what was found", () => {
  test("is written as a file of tests", async () => {
    const result: FuzzResult = {
      module: "m.wasm",
      sha256: "0",
      kind: "map",
      seed: 9,
      laws: [
        { law: "traps", sentence: "no record makes it trap", runs: 1, skipped: undefined, broken: undefined },
        {
          law: "batches",
          sentence: "the same",
          runs: 2,
          skipped: undefined,
          broken: {
            message: "record 1: in a batch of its own it is kept, in a larger one\ndropped",
            expected: [{ fate: "kept" }, { fate: "output", values: [utf8("ü\u2028"), Uint8Array.of(0xff)] }],
            batchRecordsMax: 2,
            records: [{ value: utf8('{"a":"é"}'), key: "k", timestamp: 5 }, { value: Uint8Array.of(0x80) }],
          },
        },
        {
          law: "fuel",
          sentence: "fuel",
          runs: 1,
          skipped: undefined,
          broken: { message: "m", expected: [], records: [{ value: "" }] },
        },
      ],
    };
    const text = testFileText(
      result,
      "/modules/m.wasm",
      new Map([["a b", "c: d"]]),
      "/modules/tests/m.fuzz.test.yaml",
    );
    expect(
      text,
    ).toBe(`# What \`millrace fuzz --seed 9\` has found. Each test fails as long as the module breaks the law.
module: "../m.wasm"
with:
  "a b": "c: d"
tests:
  # record 1: in a batch of its own it is kept, in a larger one dropped
  - name: "batches: the same"
    batch-records: 2
    input:
      - text: "{\\"a\\":\\"é\\"}"
        key: "k"
        timestamp: 5
        expect: kept
      - hex: "80"
        expect: [{ text: "ü\\u2028" }, { hex: "ff" }]
  # m
  - name: "fuel: fuel"
    errors: []
    input:
      - text: ""
`);
  });
});
