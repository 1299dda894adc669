import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeEach, describe, expect, test } from "vitest";
import { limits } from "../../../src/limits.ts";
import { faultFile } from "../../fixtures/faults/faults.ts";
import { moduleFolder } from "../../smartmodules/built.ts";
import { controlAt, guestWat } from "../../support/guests.ts";
import { compileWat } from "../../support/wat.ts";
import { call, type Told } from "../support/in-process.ts";
import { folderWith } from "../support/millrace.ts";

const keepsAll = faultFile("keeps-all");
const filter = join(moduleFolder("json-filter"), "json-filter.wasm");
const capture = join(import.meta.dirname, "../../fixtures/captures/orders.mrcap");
let input = "";

beforeEach(async () => {
  input = join(await folderWith({ "in.txt": "one\ntwo\nthree\n\nfive\nsix\n" }), "in.txt");
});

function diff(...words: readonly string[]): Promise<Told> {
  return call(["diff", ...words]);
}

async function validated(stdout: string) {
  const schema = JSON.parse((await call(["schema", "--of", "diff-report"])).stdout);
  const ajv = new Ajv2020({ strict: false });
  const { result, ...rest } = JSON.parse(stdout);
  ajv.validate(schema, result);
  expect(ajv.errors).toBeNull();
  return { result, ...rest };
}

describe("diff", () => {
  test("says that a module does the same as itself, and is silent about it where that is wanted", async () => {
    const { code, stdout, stderr } = await diff(keepsAll, keepsAll, "-i", input, "--no-time");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^✓ keeps-all\.wasm \(new\) against keeps-all\.wasm \(old\), 6 records: the same comes of all\n/,
    );
    expect(stdout).toMatch(
      /\nfuel\/record +[\d.]+ +[\d.]+ +no difference\nmemory +\S+ MB +\S+ MB +no difference\n$/,
    );
    const quiet = await diff(keepsAll, keepsAll, "-i", input, "--no-time", "-q");
    expect(quiet).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test("shows people the first records that differ", async () => {
    const found = await diff(
      keepsAll,
      faultFile("keeps-every-other"),
      "-i",
      input,
      "--no-time",
      "--shown",
      "1",
    );
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(
      /^✗ keeps-every-other\.wasm against keeps-all\.wasm, 6 records: 3 come out otherwise/,
    );
    expect(found.stdout).toMatch(/\n +6 +3 +0 +3 +0 +0 +0 +0\n/);
    expect(found.stdout).toContain(
      "\n\nrecord 1 is dropped\n    two\n  - two\n  + dropped\n\nand 2 more records\n",
    );
    expect(found.stderr).toContain("3 records of 6 come out of keeps-every-other.wasm as something else");
    const none = await diff(
      keepsAll,
      faultFile("keeps-every-other"),
      "-i",
      input,
      "--no-time",
      "--shown",
      "0",
    );
    expect(none.stdout).not.toContain("record 1");
  });

  test("tells programs the same, as its schema says", async () => {
    const words = [keepsAll, faultFile("traps-on-nothing"), "-i", input, "--no-time", "--json"];
    const { code, stdout } = await diff(...words);
    const { result, error } = await validated(stdout);
    expect(code).toBe(1);
    expect(error).toMatchObject({ code: "diff.differs" });
    const steady = {
      ...result,
      old: { ...result.old, file: "keeps-all.wasm" },
      new: { ...result.new, file: "traps-on-nothing.wasm" },
    };
    await expect(`${JSON.stringify(steady, undefined, 2)}\n`).toMatchFileSnapshot("traps.json");
  });

  test("measures time against the noise, and shows it", async () => {
    const short = ["--rounds", "6", "--duration", "6ms", "-b", "10"];
    const words = [
      keepsAll,
      faultFile("squares-the-length"),
      "--generate",
      "log",
      "--records",
      "20",
      ...short,
    ];
    const { result } = await validated((await diff(...words, "--json")).stdout);
    expect(result).toMatchObject({
      same: true,
      records: 20,
      batches: 2,
      time: { batchRecords: 10, rounds: 6 },
    });
    // How fast anything is, is nothing that a test could rely on.
    expect(["faster", "slower", "no difference"]).toContain(result.time.verdict);
    const { code, stdout } = await diff(...words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/; fuel [\d.]+x/);
    expect(stdout).toMatch(/\ntime\/record +\S+ \Ss +\S+ \Ss {2}\w.*\nnoise: the old version against itself/);
  });

  test("gives parameters to both versions, or to one", async () => {
    const both = ["-e", "field=level", "-e", "operator==="];
    const logs = ["--generate", "log", "--records", "200", "--no-time", "--json"];
    const of = async (...words: readonly string[]) =>
      JSON.parse((await diff(filter, filter, ...both, ...words, ...logs)).stdout).result;
    expect(await of("-e", "value=error")).toMatchObject({ same: true });
    const other = await of("--with-old", "value=error", "--with-new", "value=warn");
    expect(other.counts.added).toBeGreaterThan(0);
    expect(other.counts.dropped).toBeGreaterThan(0);
    expect([other.old.parameters.value, other.new.parameters.value]).toEqual(["error", "warn"]);
  });

  test("takes the batches of a capture, and modules of the store", async () => {
    const folder = await folderWith({});
    const modules = ["--modules", join(folder, "store")];
    for (const [name, fault] of [
      ["keep@1.0.0", "keeps-all"],
      ["keep@1.1.0", "drops-the-last"],
    ] as const)
      await call(["module", "create", name, "--wasm-file", faultFile(fault), ...modules]);
    const words = ["keep@1.0", "keep@1.1", "--no-time", "--json", ...modules];
    const { result } = JSON.parse((await diff(...words, "-i", capture)).stdout);
    expect([result.old.name, result.new.name]).toEqual(["keep@1.0.0", "keep@1.1.0"]);
    // One of each batch is dropped.
    expect(result).toMatchObject({ records: 200, batches: 6, counts: { dropped: 6 } });
    const renamed = join(folder, "orders.bin");
    await copyFile(capture, renamed);
    const again = await diff(...words, "-i", renamed, "--format", "capture", "-b", "150");
    expect(JSON.parse(again.stdout).result).toMatchObject({ batches: 2, counts: { dropped: 2 } });
  });

  test("says which version ended, and tells what is known by then", async () => {
    const record = "(if (i32.eqz (call $valueLength (local.get $i))) (then (unreachable))) (i32.const 1)";
    // It keeps something, so no new instance can go on for it.
    const init = `(i32.store (i32.const ${controlAt}) (i32.const 1)) (i32.const 0)`;
    const wasm = await compileWat(guestWat({ transform: "filter", record, init }));
    const folder = await folderWith({ "ends.wasm": wasm });
    const words = ["-i", input, "--rounds", "6", "--duration", "6ms", "-b", "2"];
    const { code, stdout, stderr } = await diff(keepsAll, join(folder, "ends.wasm"), ...words);
    expect(code).toBe(1);
    // The empty line is the fourth; the one beside it in its batch and those behind are not settled.
    expect(stdout).toMatch(/\n +6 +2 +0 +0 +0 +4 +0 +0\n/);
    expect(stdout).toMatch(/\nmodule\.trap +0 +4\n/);
    expect(stderr).toContain("ends.wasm ended before all records were through: ends.wasm trapped");
    expect(stderr).toContain("time was not measured: ends.wasm trapped");
  });

  test.each<[readonly string[], string]>([
    [[], "there are no records to try the versions with"],
    [["-i", "none.txt"], "none.txt"],
    [["-i", keepsAll, "--format", "capture"], "is no capture"],
    [["--format", "csv", "--generate", "log"], "--format says how"],
    [["-i", "a", "--generate", "log"], "--input brings its own records"],
    [["-i", "a", "--seed", "1"], "--input brings its own records"],
    [["--generate", "log", "--shown", String(limits.diffShownMax.default + 1)], "--shown cannot be"],
    [["--generate", "log", "--records", "0"], "--records cannot be"],
    [["--generate", "log", "-b", String(limits.batchRecordsMax.default + 1)], "--batch-size cannot be"],
    [["--generate", "log", "--with-new", "nothing"], "cannot be"],
  ])("refuses %j", async (words, message) => {
    const { code, stderr } = await diff(keepsAll, keepsAll, ...words, "--no-time");
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
  });

  test("gives both versions the same random bytes", async () => {
    const imports =
      '(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))';
    const record = `(drop (call $random (i32.const 16) (i32.const 8)))
      (call $setValue (local.get $i) (i32.const 16) (i32.const 8)) (i32.const 0x13)`;
    const folder = await folderWith({ "random.wasm": await compileWat(guestWat({ imports, record })) });
    const file = join(folder, "random.wasm");
    const { code, stdout } = await diff(file, file, "-i", input, "--no-time");
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("the same comes of all") });
    expect((await diff(faultFile("same"), file, "-i", input, "--no-time", "-q")).stdout).toContain(
      "6 come out",
    );
  });

  test("is completed in a shell", async () => {
    const complete = async (...words: readonly string[]) =>
      (await call(["__complete", "--", "diff", ...words])).stdout.split("\n").filter((line) => line !== "");
    for (const words of [[""], ["old.wasm", ""], ["-i", ""]])
      expect(await complete(...words)).toEqual([":files"]);
    expect((await complete("--format", "ca")).map((line) => line.split("\t")[0])).toEqual(["capture"]);
  });

  test("shows as many as diffShownMax", async () => {
    const most = String(limits.diffShownMax.default);
    const words = ["--generate", "log", "--records", "2100", "--no-time", "--json", "--shown", most];
    const { result } = JSON.parse((await diff(keepsAll, faultFile("keeps-every-other"), ...words)).stdout);
    expect(result.counts.dropped).toBeGreaterThan(limits.diffShownMax.default);
    expect(result.differences).toHaveLength(limits.diffShownMax.default);
  });
});
