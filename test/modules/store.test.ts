import { readdirSync } from "node:fs";
import { readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { formatName, ModuleStore, parseName, readPackage } from "../../src/modules/index.ts";
import { folderWith } from "../cli/support/millrace.ts";

const fixtures = join(import.meta.dirname, "../fixtures/fluvio");
const nowMs = Date.UTC(2026, 0, 2);
let filter: Uint8Array;
let map: Uint8Array;
let folder: string;
let store: ModuleStore;

beforeAll(async () => {
  filter = await readFile(join(fixtures, "filter.wasm"));
  map = await readFile(join(fixtures, "map.wasm"));
});

beforeEach(async () => {
  folder = await folderWith();
  store = new ModuleStore(join(folder, "store"));
});

async function create(...names: readonly string[]): Promise<void> {
  for (const name of names) await store.create(parseName(name), filter, { nowMs });
}

async function namesOf(of = store): Promise<string[]> {
  return (await of.list()).modules.map(({ name }) => formatName(name));
}

async function found(text: string): Promise<string> {
  return formatName((await store.find(parseName(text))).name);
}

async function errorOf(work: Promise<unknown>): Promise<MillraceError> {
  const error = await work.then(
    () => new Error("nothing was thrown"),
    (thrown: unknown) => thrown,
  );
  if (MillraceError.is(error)) return error;
  throw error;
}

describe("a store of modules", () => {
  test("that is not there is empty", async () => {
    expect(await store.list()).toEqual({ modules: [], damaged: [] });
    expect((await errorOf(store.find(parseName("a")))).code).toBe("module.not-found");
  });

  test("keeps a module with what is known of it", async () => {
    const toml = join(
      await folderWith({
        "a.toml":
          '[package]\nname = "f"\ngroup = "g"\nversion = "1"\ndescription = "d"\nlicense = "L"\n[[params]]\nname = "p"\n',
      }),
      "a.toml",
    );
    const stored = await store.create(parseName("g/f@1"), filter, {
      package: await readPackage(toml),
      nowMs,
    });
    expect(await store.list()).toEqual({ modules: [stored], damaged: [] });
    expect(stored).toMatchObject({
      kind: "filter",
      abi: "fluvio",
      bytes: filter.length,
      description: "d",
      license: "L",
      parameters: [{ name: "p", description: null, required: true }],
      created: "2026-01-02T00:00:00.000Z",
    });
    expect(await readFile(stored.path)).toEqual(filter);
  });

  test("is listed in the order of names and versions", async () => {
    await create("b", "a/z@0.10", "a/z@0.9.1", "a/z", "A/y@1", "c@2");
    expect(await namesOf()).toEqual(["A/y@1.0.0", "a/z", "a/z@0.9.1", "a/z@0.10.0", "b", "c@2.0.0"]);
  });

  test.each([
    ["z", "g/z@0.10.0"],
    ["g/z", "g/z@0.10.0"],
    ["g/z@0.9", "g/z@0.9.0"],
    ["z@0.9", "g/z@0.9.0"],
    ["y", "y"],
    ["g/y", "g/y@1.0.0"],
    ["y@1", "g/y@1.0.0"],
  ])("finds %s as %s", async (text, name) => {
    await create("g/z@0.9", "g/z@0.10", "y", "g/y@1");
    expect(await found(text)).toBe(name);
  });

  test("asks for the group where several have a name", async () => {
    await create("g/z@1", "h/z@2");
    const error = await errorOf(store.find(parseName("z")));
    expect(error.message).toBe('"z" is in several groups: g/z, h/z');
  });

  test.each([
    ["nedle", "needle"],
    ["infinyon/jolt@0.4.2", "infinyon/jolt@0.4.1"],
    ["infynion/jolt", "infinyon/jolt"],
    ["Needle", "needle"],
    ["jolts", "jolt"],
  ])("has a near miss for %s: %s", async (text, near) => {
    await create("needle", "infinyon/jolt@0.4.1");
    const { code, hint } = await errorOf(store.find(parseName(text)));
    expect(code).toBe("module.not-found");
    expect(hint).toContain(`did you mean ${near}?`);
  });

  test("takes no second module of a name, whatever its case, unless it is to replace the first", async () => {
    await create("a");
    expect((await errorOf(store.create(parseName("a"), map, { nowMs }))).code).toBe("module.exists");
    const other = await errorOf(store.create(parseName("A"), map, { nowMs, replace: true }));
    expect(other.message).toContain(
      'there is a module "a" already, which differs from "A" in nothing but its case',
    );
    await store.create(parseName("a"), map, { nowMs, replace: true });
    expect((await store.find(parseName("a"))).kind).toBe("map");
    expect(readdirSync(store.folder)).toHaveLength(2);
  });

  test("takes only what can be run", async () => {
    expect((await errorOf(store.create(parseName("a"), new Uint8Array(8), { nowMs }))).code).toBe(
      "module.not-wasm",
    );
    expect(await namesOf()).toEqual([]);
  });

  test("stores nothing when it is only to check", async () => {
    await store.create(parseName("a"), filter, { nowMs, dryRun: true });
    expect(await namesOf()).toEqual([]);
  });

  test("deletes what has the whole name", async () => {
    await create("g/z@1", "g/z@2");
    const error = await errorOf(store.delete(parseName("g/z")));
    expect([error.message, error.hint]).toEqual([
      '"g/z" is not the whole name of a module',
      "there is g/z@1.0.0, g/z@2.0.0",
    ]);
    expect((await errorOf(store.delete(parseName("G/z@1")))).code).toBe("module.not-found");
    await store.delete(parseName("g/z@1"));
    expect(await namesOf()).toEqual(["g/z@2.0.0"]);
    expect(readdirSync(store.folder)).toHaveLength(2);
    expect((await errorOf(store.delete(parseName("g/z@1")))).code).toBe("module.not-found");
  });

  test("has one winner where many create the same name at once, and one whole module where they replace it", async () => {
    const stores = Array.from({ length: 8 }, () => new ModuleStore(store.folder));
    const results = await Promise.allSettled(
      stores.map((each) => each.create(parseName("a"), filter, { nowMs })),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "module.exists" });
    }
    await Promise.all(
      stores.map((each, index) =>
        each.create(parseName("a"), index % 2 === 0 ? filter : map, { nowMs, replace: true }),
      ),
    );
    const { path, sha256 } = await store.find(parseName("a"));
    const { createHash } = await import("node:crypto");
    expect(
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    ).toBe(sha256);
  });

  test("sweeps what was left by a crash, once it is old, and nothing else", async () => {
    await create("a");
    const strays = ["a.0123456789abcdef.wasm", ".0123456789abcdef.tmp"].map((name) =>
      join(store.folder, name),
    );
    const others = ["notes.txt", "b.wasm"].map((name) => join(store.folder, name));
    for (const file of [...strays, ...others]) await writeFile(file, "x");
    await create("b");
    expect(readdirSync(store.folder)).toHaveLength(8);
    for (const file of [...strays, ...others]) await utimes(file, nowMs / 1000 - 7200, nowMs / 1000 - 7200);
    await create("c");
    expect(readdirSync(store.folder).filter((name) => !/^[abc]\./.test(name))).toEqual(["notes.txt"]);
    expect(await namesOf()).toEqual(["a", "b", "c"]);
    expect(readdirSync(store.folder)).toContain("b.wasm");
  });

  test("holds so many modules and no more", async () => {
    await create("a");
    const most = limits.storedModulesMax.default;
    await Promise.all(
      Array.from({ length: most - 2 }, (_, index) => writeFile(join(store.folder, `x${index}.json`), "{}")),
    );
    await create("b");
    expect((await errorOf(store.create(parseName("c"), filter, { nowMs }))).message).toContain(
      `has ${most} modules`,
    );
  });

  test("says where it cannot be written", async () => {
    await writeFile(join(folder, "store"), "a file");
    const error = await errorOf(store.create(parseName("a"), filter, { nowMs }));
    expect(error.code).toBe("module.store");
    expect(error.where).toEqual({ file: store.folder });
  });
});

describe("a damaged store", () => {
  const entry = (): string => join(store.folder, "a.json");

  async function expectDamaged(): Promise<void> {
    expect((await errorOf(store.find(parseName("a")))).code).toBe("module.store");
    const { modules, damaged } = await store.list();
    expect(modules.map(({ name }) => formatName(name))).toEqual(["b"]);
    expect(damaged.map(({ key }) => key)).toEqual(["a"]);
    await store.create(parseName("a"), filter, { nowMs, replace: true });
    expect(await namesOf()).toEqual(["a", "b"]);
  }

  beforeEach(() => create("a", "b"));

  test.each<readonly [string, (text: string) => string]>([
    ["cut off", (text) => text.slice(0, 40)],
    ["of another format", (text) => text.replace('"format": 1', '"format": 2')],
    ["with a file outside", (text) => text.replace(/"file": ".*"/, '"file": "../../secret.wasm"')],
    ["with an absolute file", (text) => text.replace(/"file": ".*"/, '"file": "/etc/passwd"')],
    ["with a name that is none", (text) => text.replace('"name": "a"', '"name": "../a"')],
    ["with a hash that is none", (text) => text.replace(/"sha256": ".*"/, '"sha256": "12"')],
    ["too large", (text) => text + " ".repeat(limits.configBytesMax.default * 2)],
    ["of another kind of JSON", () => "[null]"],
    ["null", () => "null"],
  ])("an entry %s is told, and can be replaced", async (_name, change) => {
    await writeFile(entry(), change(await readFile(entry(), "utf8")));
    await expectDamaged();
  });

  test("a link is not followed, and can be deleted", async () => {
    const outside = join(folder, "outside.json");
    await writeFile(outside, await readFile(entry()));
    await rm(entry());
    await symlink(outside, entry());
    expect((await errorOf(store.find(parseName("a")))).code).toBe("module.store");
    await store.delete(parseName("a"));
    expect(await readFile(outside, "utf8")).toContain('"a"');
    expect(await namesOf()).toEqual(["b"]);
  });

  test("bytes that are a link, or gone, are told", async () => {
    const { path } = await store.find(parseName("a"));
    await rm(path);
    expect((await errorOf(store.find(parseName("a")))).code).toBe("module.store");
    await symlink(join(fixtures, "filter.wasm"), path);
    await expectDamaged();
  });
});
