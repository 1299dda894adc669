import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { main } from "../../src/cli/index.ts";
import { FakeStream } from "./support/fake-stream.ts";
import { folderWith } from "./support/millrace.ts";

const fixtures = join(import.meta.dirname, "../fixtures/fluvio");
const wasm = join(fixtures, "init-filter.wasm");
const toml =
  '[package]\nname = "needle"\ngroup = "infinyon"\nversion = "0.4.1"\ndescription = "keeps what has a needle"\n' +
  '[[params]]\nname = "needle"\ndescription = "what to look for"\n';

let folder: string;
beforeEach(async () => {
  folder = await folderWith({ "SmartModule.toml": toml, "in.txt": "apple\npig\ncat\n" });
});

interface Told {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the tests look at of the results of several commands. */
interface Result {
  readonly created: boolean;
  readonly module: { readonly reference: string };
  readonly modules: readonly { readonly reference: string; readonly sha256: string }[];
  readonly steps: readonly unknown[];
  readonly counts: unknown;
}

async function call(words: readonly string[], environment: Record<string, string> = {}): Promise<Told> {
  const [stdout, stderr] = [new FakeStream(), new FakeStream()];
  const code = await main(words, {
    stdin: Readable.from([]),
    stdout,
    stderr,
    environment: { LANG: "C.UTF-8", MILLRACE_MODULES: join(folder, "modules"), ...environment },
    stopSignal: () => new AbortController().signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

async function resultOf(words: readonly string[], environment?: Record<string, string>): Promise<Result> {
  const { stdout } = await call([...words, "--json"], environment);
  return JSON.parse(stdout).result;
}

async function create(name: string, ...more: readonly string[]): Promise<void> {
  const { code, stderr } = await call(["module", "create", name, "--wasm-file", wasm, ...more]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
}

async function configWith(uses: string, rest = "    with: { needle: a }\n", more = ""): Promise<string> {
  const file = join(folder, "pipe.yaml");
  const config = `meta: { name: words, type: file-source, topic: words }\nfile: { path: in.txt }\ntransforms:\n  - uses: "${uses}"\n`;
  await writeFile(file, `${config}${rest}millrace: { isolation: inline }\n${more}`);
  return file;
}

describe("the store of modules", () => {
  test("gives a config its modules by their names", async () => {
    await create("infinyon/needle@0.4.1", "--package", join(folder, "SmartModule.toml"));
    const topics = ["--topics", join(folder, "topics")];
    for (const uses of ["needle", "infinyon/needle", "infinyon/needle@0.4.1"]) {
      const { steps } = await resultOf(["validate", await configWith(uses)]);
      expect(steps).toMatchObject([
        { module: "infinyon/needle", version: "0.4.1", kind: "filter", abi: "fluvio" },
      ]);
    }
    const { counts } = await resultOf(["run", await configWith("needle"), "--once", ...topics]);
    expect(counts).toMatchObject({ read: 3, delivered: 2, filtered: 1 });
    expect((await call(["validate", await configWith("needle")])).stdout).toContain("infinyon/needle@0.4.1");
  });

  test("checks what a module declares before it is loaded, at the place in the config", async () => {
    await create("needle", "--package", join(folder, "SmartModule.toml"));
    const missing = await call(["validate", await configWith("needle", "    with: { nedle: a }\n")]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain(
      'transforms[0].with: infinyon/needle needs the parameter "needle": what to look for',
    );
    expect(missing.stderr).toContain("pipe.yaml:4:11");
    expect(missing.stderr).toContain("it is called needle, not nedle");
    const stray = await call(["validate", await configWith("needle", "    with: { needle: a, extra: b }\n")]);
    expect(stray.code).toBe(0);
    expect(stray.stderr).toContain(
      "transforms[0].with.extra: infinyon/needle declares no parameter of this name",
    );
  });

  test("checks what the SmartModule.toml beside a file declares, and goes on without one that is wrong", async () => {
    await copyFile(wasm, join(folder, "needle.wasm"));
    const { stderr, code } = await call(["validate", await configWith("needle.wasm", "")]);
    expect(code).toBe(2);
    expect(stderr).toContain('needle.wasm needs the parameter "needle"');
    await writeFile(join(folder, "SmartModule.toml"), "nonsense");
    const wrong = await call(["validate", await configWith("needle.wasm")]);
    expect(wrong.code).toBe(0);
    expect(wrong.stderr).toContain("the description of the module is wrong");
    expect(wrong.stderr).toContain("SmartModule.toml:1:");
  });

  test("gives no other module than the one whose hash is named", async () => {
    await create("needle");
    await copyFile(wasm, join(folder, "needle.wasm"));
    const [{ sha256 } = { sha256: "" }] = (await resultOf(["module", "list"])).modules;
    const other = "0".repeat(64);
    for (const uses of ["needle", "needle.wasm"]) {
      expect((await call(["validate", await configWith(`${uses}#sha256=${sha256}`)])).code).toBe(0);
      const { code, stdout } = await call([
        "validate",
        await configWith(`${uses}#sha256=${other}`),
        "--json",
      ]);
      const { error } = JSON.parse(stdout);
      expect({ code, error: error.code, where: error.where }).toEqual({
        code: 2,
        error: "module.sha256",
        where: expect.stringContaining("pipe.yaml:4:11"),
      });
      expect(error.message).toContain(`its hash is ${sha256}, and ${other} is wanted`);
    }
    expect((await call(["module", "inspect", `needle#sha256=${other}`, "--with", "needle=a"])).code).toBe(2);
  });

  test("says of a name that is not there what it may have been, at its place", async () => {
    await create("needle");
    const { code, stderr } = await call(["validate", await configWith("nedle")]);
    expect(code).toBe(2);
    expect(stderr).toContain('transforms[0].uses: there is no module "nedle" in the store');
    expect(stderr).toContain("pipe.yaml:4:11");
    expect(stderr).toContain("did you mean needle?");
    expect((await call(["validate", await configWith("a b")])).stderr).toContain(
      '"a b" cannot be the name of a module',
    );
  });

  test("is where the flag, the environment or the config says", async () => {
    await create("needle", "--modules", join(folder, "other"));
    const byFlag = await configWith("needle");
    expect((await call(["validate", byFlag])).code).toBe(2);
    expect((await call(["validate", byFlag, "--modules", join(folder, "other")])).code).toBe(0);
    expect((await call(["validate", byFlag], { MILLRACE_MODULES: join(folder, "other") })).code).toBe(0);
    const file = await configWith("needle");
    await writeFile(
      file,
      (await readFile(file, "utf8")).replace("inline }", "inline, module-folder: other }"),
    );
    expect((await call(["validate", file])).code).toBe(0);
    const words = ["run", "file-source", "--topic", "t", "--path", join(folder, "in.txt"), "--print-config"];
    const step = ["--filter", "needle", "--with", "needle=a"];
    expect((await call([...words, ...step, "--modules", join(folder, "other")])).code).toBe(0);
    expect((await call(["run", "--modules", join(folder, "other"), "file-source", "--help"])).code).toBe(0);
  });

  test("takes the name from a package where none is given, and fills one up", async () => {
    await copyFile(wasm, join(folder, "needle.wasm"));
    const words = ["module", "create", "--wasm-file", join(folder, "needle.wasm")];
    expect((await resultOf([...words, "--dry-run"])).created).toBe(false);
    expect((await resultOf(words)).module).toMatchObject({
      reference: "infinyon/needle@0.4.1",
      group: "infinyon",
      description: "keeps what has a needle",
      parameters: [{ name: "needle", description: "what to look for", required: true }],
    });
    expect((await resultOf([...words, "needle@0.5"])).module.reference).toBe("infinyon/needle@0.5.0");
    expect((await resultOf([...words, "my/needle"])).module.reference).toBe("my/needle");
    expect((await resultOf([...words, "other"])).module.reference).toBe("other");
    const { modules } = await resultOf(["module", "list"]);
    expect(modules.map(({ reference }) => reference)).toEqual([
      "infinyon/needle@0.4.1",
      "infinyon/needle@0.5.0",
      "my/needle",
      "other",
    ]);
    const nameless = await call(["module", "create", "--wasm-file", wasm]);
    expect({ code: nameless.code, text: nameless.stderr }).toEqual({
      code: 2,
      text: expect.stringContaining("the module needs a name"),
    });
  });

  test("tells what a module in it is", async () => {
    await create("needle", "--package", join(folder, "SmartModule.toml"));
    const { stdout, code } = await call(["module", "inspect", "needle", "--with", "needle=a"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ needle: a filter of the fluvio ABI\n/);
    expect(stdout).toMatch(/\nneedle +\(required\) +what to look for/);
  });

  test("gives a module by its name to whoever tries or measures one", async () => {
    await create("needle");
    const given = ["-e", "needle=a"];
    const step = JSON.stringify({ uses: "needle", with: { needle: "a" } });
    for (const words of [
      ["needle", ...given],
      ["--wasm-file", "needle", ...given],
      ["--transforms-line", step],
    ]) {
      const { code, stdout } = await call(["test", ...words, "--text", "apple"]);
      expect({ words, code, stdout }).toEqual({ words, code: 0, stdout: "apple\n" });
    }
    const sizes = ["--batch-size", "10", "--duration", "10ms", "--quiet"];
    const measured = await call(["bench", "needle", ...given, ...sizes]);
    expect({ code: measured.code, stderr: measured.stderr }).toEqual({ code: 0, stderr: "" });
    expect(measured.stdout).toContain("needle: filter of the fluvio ABI");
    const tried = await call(["fuzz", "needle", ...given, "--runs", "2", "--law", "traps", "--quiet"]);
    expect({ code: tried.code, stderr: tried.stderr }).toEqual({ code: 0, stderr: "" });
    const elsewhere = ["--modules", join(folder, "other")];
    for (const words of [
      ["test", "needle", "--text", "a"],
      ["bench", "needle"],
      ["fuzz", "needle"],
    ]) {
      expect((await call([...words, ...elsewhere])).stderr).toContain(
        'there is no module "needle" in the store',
      );
    }
  });

  test("deletes what it can, and tells the rest", async () => {
    await create("a");
    await create("b");
    const { code, stdout, stderr } = await call(["module", "delete", "a", "x", "b", "y"]);
    expect(code).toBe(2);
    expect(stdout).toBe("✓ deleted a, b\n");
    expect(stderr).toMatch(
      /2 modules cannot be deleted\n.*there is no module "x"[\s\S]*there is no module "y"/,
    );
    expect((await call(["module", "list"])).stdout).toMatch(/^no modules in /);
    expect((await call(["module", "delete", "../x"])).stderr).toContain("cannot be the name of a module");
  });
});
