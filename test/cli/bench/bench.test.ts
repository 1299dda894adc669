import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { BenchResult } from "../../../src/cli/bench/result.ts";
import type { Envelope } from "../../../src/cli/outcome.ts";
import { moduleFolder } from "../../smartmodules/built.ts";
import { guestWat } from "../../support/guests.ts";
import { compileWat } from "../../support/wat.ts";
import { type Called, call } from "../support/call.ts";
import { folderWith } from "../support/millrace.ts";
import { keysOf } from "../support/shape.ts";

const filter = join(moduleFolder("json-filter"), "json-filter.wasm");
const isError = ["-e", "field=level", "-e", "operator===", "-e", "value=error"];
/** Short, since nothing here depends on how fast anything is. */
const short = ["--duration", "6ms", "--rounds", "6", "--batch-size", "10"];

/** Where one module takes hundreds of times what another does: so many rounds that a machine which stands still in some shows it. */
const long = ["--duration", "100ms", "--rounds", "20", "--batch-size", "10"];

function bench(...words: readonly string[]): Promise<Called> {
  return call(["bench", ...words, ...short]);
}

function resultOf({ stdout }: Called): BenchResult {
  return (JSON.parse(stdout) as Envelope<BenchResult>).result as BenchResult;
}

/** A filter that keeps everything and takes its time for it. */
async function slowFilter(loops: number): Promise<Uint8Array> {
  const record = `(local $n i32) (local.set $n (i32.const ${loops}))
    (loop $more (local.set $n (i32.sub (local.get $n) (i32.const 1))) (br_if $more (local.get $n))) (i32.const 1)`;
  return compileWat(guestWat({ transform: "filter", record }));
}

describe("bench", () => {
  test("tells people what a module costs, and keeps quiet about progress in a pipe", async () => {
    const { code, stdout, stderr } = await bench(filter, ...isError);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^✓ in batches of 10, json-filter\.wasm: [\d,]+ records\/s\n/);
    expect(stdout).toMatch(
      /\njson-filter\.wasm: filter of the packed ABI, .* field=level, operator===, value=error\n/,
    );
    expect(stdout).toMatch(
      /\nbatch +value +records\/s +MB\/s +ns\/record +10 to 90 % +host +module +parts\n/,
    );
    expect(stdout).toMatch(
      /\nbatch +value +p50 +p99 +p99\.9 +cold +compile +instantiate +fuel\/record +copies +memory\n/,
    );
    expect(stdout).toMatch(/\nnoise: the first module against itself differs by up to /);
    expect(stdout).not.toContain("verdict");
  });

  test("shows how far it is on a terminal, and takes that away", async () => {
    const words = ["bench", filter, ...isError, ...short];
    const { stderr } = await call(words, { isTTY: true });
    expect(stderr).toContain("batches of 10, values of ");
    expect(stderr).toContain("round 6 of 6");
    expect(stderr.endsWith("\u001B[1A\r\u001B[J")).toBe(true);
    expect((await call([...words, "-q"], { isTTY: true })).stderr).toBe("");
  });

  test("gives programs the same, in the form that its schema says", async () => {
    const called = await bench(
      filter,
      filter,
      "--fuel",
      "on",
      "--fuel",
      "off",
      ...isError,
      "--compare",
      "--json",
    );
    const { result: schema } = JSON.parse((await call(["schema", "--of", "bench", "--json"])).stdout);
    const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema);
    const envelope = JSON.parse(called.stdout);
    validate(envelope);
    expect(validate.errors).toBeNull();
    expect(validate({ ...envelope, result: { ...envelope.result, cases: [{}] } })).toBe(false);
    expect(resultOf(called).modules.map(({ name, fuel }) => [name, fuel])).toEqual([
      ["json-filter.wasm (fuel on)", true],
      ["json-filter.wasm (fuel off)", false],
    ]);
    await expect(`${keysOf(envelope).join("\n")}\n`).toMatchFileSnapshot("bench.keys.txt");
  });

  test("says of a slower module that it is slower, and fails where that is too slow", async () => {
    const folder = await folderWith({
      "fast.wasm": await slowFilter(10),
      "slow.wasm": await slowFilter(20_000),
    });
    const [fast, slow] = [join(folder, "fast.wasm"), join(folder, "slow.wasm")];
    const worse = await call(["bench", "--compare", fast, slow, "--fail-under", "0.9", ...long]);
    expect(worse.code).toBe(1);
    expect(worse.stdout).toMatch(/^✓ against fast\.wasm, in batches of 10: slow\.wasm: slower, 0\.\d\dx\n/);
    expect(worse.stdout).toMatch(/\nmodule +batch +value +speed +95 % range +noise +p +verdict\n/);
    expect(worse.stderr).toMatch(
      /^✗ slow\.wasm runs at 0\.\d+ of the speed of fast\.wasm in batches of 10, and 0\.9 is/,
    );
    const better = await call(["bench", "--compare", slow, fast, "--fail-under", "0.9", "--json", ...long]);
    expect(better.code).toBe(0);
    expect(resultOf(better).cases[0]?.comparisons).toMatchObject([{ module: 1, verdict: "faster" }]);
  });

  test("compares with the module of a baseline, wherever its file has gone", async () => {
    const folder = await folderWith({ "a.wasm": await slowFilter(10) });
    const [module, baseline] = [join(folder, "a.wasm"), join(folder, "base.json")];
    const saved = await bench(module, "--save-baseline", baseline, "--json");
    expect(resultOf(saved).files.baseline).toBe(baseline);
    await writeFile(module, await slowFilter(20_000));
    const { code, stdout } = await call([
      "bench",
      module,
      "--baseline",
      baseline,
      "--fail-under",
      "0.95",
      ...long,
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain("against a.wasm (baseline)");
    const text = await readFile(baseline, "utf8");
    const broken: readonly (readonly [string, string])[] = [
      ["no JSON", "is no baseline"],
      [text.replace('"millraceBaseline": 1', '"millraceBaseline": 2'), "is no baseline"],
      [text.replace(/"sha256": "./, '"sha256": "g'), "is not the one that was saved"],
    ];
    for (const [content, message] of broken) {
      await writeFile(baseline, content);
      const { code: refused, stderr } = await bench(module, "--baseline", baseline);
      expect({ refused, stderr }).toEqual({ refused: 2, stderr: expect.stringContaining(message) });
    }
  });

  test("takes parameters from files, for all modules or one for each", async () => {
    const folder = await folderWith({
      "one.yaml": 'field: level\noperator: "=="\nvalue: error\n',
      "two.json": '{ "field": "level", "operator": "exists" }',
      "bad.yaml": "field: 1\n",
    });
    const of = (name: string): string[] => ["--params", join(folder, name)];
    const { modules } = resultOf(
      await bench(filter, ...of("one.yaml"), ...of("two.json"), "--compare", "--json"),
    );
    expect(modules.map(({ name, parameters }) => [name, parameters.operator])).toEqual([
      ["json-filter.wasm (one.yaml)", "=="],
      ["json-filter.wasm (two.json)", "exists"],
    ]);
    const { code, stderr } = await bench(filter, ...of("bad.yaml"));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("field: expected a text") });
  });

  test("measures with the records of a file, and says where a module fails them", async () => {
    const folder = await folderWith({ "a.ndjson": "no JSON\n{}\n" });
    const { stdout } = await bench(filter, ...isError, "--input", join(folder, "a.ndjson"));
    expect(stdout).toContain("⚠ json-filter.wasm failed 50 % of the records");
  });

  test.each([
    [["--input", "a", "--seed", "1"], "brings its own records"],
    [["--input", "a", "--value-size", "100"], "brings its own records"],
    [["--format", "csv"], "--format says how"],
    [["--generate", "order", "--value-size", "100"], "only logs are made up in sizes"],
    [["--fail-under", "0.9"], "needs something to compare with"],
    [["--compare"], "has only one module"],
    [["second.wasm", "third.wasm", "--fuel", "on", "--fuel", "off"], "2 times for 3 modules"],
  ])("refuses %j", async (words, message) => {
    const { code, stderr } = await bench(filter, ...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});
