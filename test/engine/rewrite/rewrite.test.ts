import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import wabt from "wabt";
import { pageBytes, type WasmMemory, webAssembly } from "../../../src/base/index.ts";
import { readShape } from "../../../src/engine/module/shape.ts";
import { ownExport } from "../../../src/engine/rewrite/index.ts";
import { compileWat } from "../../support/wat.ts";
import { expectFailure } from "../run.ts";
import { binary, fuelOf, instantiate, isValid, rewrite, section } from "./support.ts";

/** The code of the first function as text, one instruction a word, without comments. */
async function codeOf(bytes: Uint8Array): Promise<string> {
  const module = (await wabt()).readWasm(bytes, { readDebugNames: false });
  try {
    const [, text = ""] =
      /\(func \(;0;\)([\s\S]*?)\)\n {2}\(/.exec(module.toText({ foldExprs: false })) ?? [];
    return text
      .replaceAll(/;;.*|\(;.*?;\)/g, "")
      .replaceAll(/\s+/g, " ")
      .trim();
  } finally {
    module.destroy();
  }
}

async function meteredCode(code: string): Promise<string> {
  return codeOf(
    rewrite(await compileWat(`(module (memory 1) (func (export "f") ${code}) (func (export "g")))`)),
  );
}

const run = (name: string, exports: object): unknown => (exports as Record<string, () => unknown>)[name]?.();

describe("the meter", () => {
  const pay = (cost: number, local: number): string =>
    `global.get 0 i64.const ${cost} i64.sub local.tee ${local} global.set 0 ` +
    `local.get ${local} i64.const 0 i64.lt_s if unreachable end`;

  test("takes what a function costs at its entry, once for its longest way", async () => {
    const code = "(param i32) (local f64) (if (local.get 0) (then (nop) (call 1) (call 1)) (else (call 1)))";
    // The way through `then`: local.get, if, two calls; and one for entering and one for the local.
    expect(await meteredCode(code)).toBe(
      `(type 0) (param i32) (local f64 i64) ${pay(6, 2)} local.get 0 if nop call 1 call 1 else call 1 end`,
    );
  });

  test("takes what a pass costs at the head of a loop; where nothing is called there, it keeps count in a local", async () => {
    const code = "(result i32) (loop (br_if 0 (i32.const 0))) (i32.const 7)";
    const stop = "i64.const 0 i64.lt_s if local.get 0 global.set 0 unreachable end";
    expect(await meteredCode(code)).toBe(
      `(type 0) (result i32) (local i64) global.get 0 local.set 0 local.get 0 i64.const 2 i64.sub local.tee 0 ${stop} ` +
        `block (result i32) loop local.get 0 i64.const 3 i64.sub local.tee 0 ${stop} i32.const 0 br_if 0 end i32.const 7 end ` +
        "local.get 0 global.set 0",
    );
  });

  test("hands its count over before calls and exits, and takes it back after calls", async () => {
    const code = "(loop (br_if 0 (i32.const 0))) (call 1) (if (i32.const 1) (then (return)))";
    expect(await meteredCode(code)).toContain(
      "local.get 0 global.set 0 call 1 global.get 0 local.set 0 i32.const 1 if local.get 0 global.set 0 return end",
    );
  });

  test("takes the price of an instruction on many bytes before it runs", async () => {
    const bytes = await compileWat(`(module (memory (export "memory") 1)
      (func (export "fill") (param i32) (memory.fill (i32.const 0) (i32.const 1) (local.get 0))))`);
    const instance = instantiate(rewrite(bytes, { fuel: 1000 }));
    const fuel = fuelOf(instance);
    const { fill, memory } = instance.exports as unknown as {
      fill: (length: number) => void;
      memory: WasmMemory;
    };
    fill(800);
    expect(Number(fuel.value)).toBeLessThan(1000 - 100);
    // Beyond the memory as well: what is paid for first is not even tried.
    expect(() => fill(0xffff_ffff)).toThrow("unreachable");
    expect(fuel.value).toBeLessThan(0n);
    fuel.value = 1000n;
    expect(() => fill(60_000)).toThrow("unreachable");
    expect(new Uint8Array(memory.buffer as ArrayBuffer, 800, 10)).toEqual(new Uint8Array(10));
  });

  test("lets nobody wait for ever", async () => {
    const bytes = await compileWat(`(module (memory 1 1 shared)
      (func (export "f") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`);
    expect(() => run("f", instantiate(rewrite(bytes)).exports)).toThrow("unreachable");
  });

  test("leaves out small functions that only call by name reaches, and their callers pay", async () => {
    const bytes = await compileWat(`(module (func $leaf (result i32) (i32.add (i32.const 1) (i32.const 2)))
      (func (export "one") (drop (call $leaf))) (func (export "two") (drop (call $leaf)) (drop (call $leaf))))`);
    const rewritten = rewrite(bytes);
    expect(await codeOf(rewritten)).toBe("(type 0) (result i32) i32.const 1 i32.const 2 i32.add");
    const used = ["one", "two"].map((name) => {
      const instance = instantiate(rewritten);
      const before = fuelOf(instance).value;
      run(name, instance.exports);
      return Number(before - fuelOf(instance).value);
    });
    // Entering, call, drop; and three instructions and entering of what is called.
    expect(used).toEqual([1 + 2 + 4, 1 + 2 * (2 + 4)]);
  });

  test("is not there without fuel", async () => {
    const bytes = await compileWat(`(module (func (export "f") (loop (br_if 0 (i32.const 0)))))`);
    const rewritten = rewrite(bytes, { fuel: undefined });
    expect(await codeOf(rewritten)).toBe(await codeOf(bytes));
    expect(readShape(rewritten).exports.map(({ name }) => name)).toEqual(["f"]);
  });
});

describe("a loop that never ends", () => {
  test.each([
    ["as it is", "(loop (br 0))"],
    ["through a branch from within", "(loop (block (loop (br_if 2 (i32.const 1)) (br 1))) (br 0))"],
    ["through a table of branches", "(loop (block (br_table 1 0 1 (i32.const 0))))"],
    ["with calls", "(loop (call 1) (br 0))"],
    ["as recursion by tail calls", "(return_call 0)"],
  ])("%s stops when the fuel is out", async (_how, code) => {
    const bytes = await compileWat(`(module (func (export "f") ${code}) (func $leaf))`);
    const instance = instantiate(rewrite(bytes, { fuel: 100_000 }));
    expect(() => run("f", instance.exports)).toThrow("unreachable");
    expect(fuelOf(instance).value).toBeLessThan(0n);
  });
});

describe("the start function", () => {
  test("is exported and not run, so that who runs it sees how it ends", async () => {
    const bytes = await compileWat("(module (func $s (loop (br 0))) (start $s))");
    const instance = instantiate(rewrite(bytes, { fuel: 1000 }));
    expect(() => run(ownExport.start, instance.exports)).toThrow("unreachable");
    expect(fuelOf(instance).value).toBeLessThan(0n);
  });

  test.each([undefined, 1000])("may be an imported one (fuel %s)", async (fuel) => {
    const bytes = await compileWat(`(module (import "env" "s" (func $s)) (start $s))`);
    let calls = 0;
    const instance = instantiate(rewrite(bytes, { fuel }), { env: { s: () => ++calls } });
    expect(calls).toBe(0);
    run(ownExport.start, instance.exports);
    expect(calls).toBe(1);
  });
});

describe("what is added", () => {
  test("stands behind what is there, so that nothing gets another number", async () => {
    const bytes = await compileWat(`(module
      (import "env" "g" (global $i i32))
      (global $own (export "own") (mut i32) (i32.const 5))
      (func (export "sum") (result i32) (i32.add (global.get $i) (global.get $own))))`);
    expect(readShape(rewrite(bytes)).exports.map(({ name }) => name)).toEqual(["own", "sum", ownExport.fuel]);
    const imports = { env: { g: 7 } } as unknown as Parameters<typeof instantiate>[1];
    expect(run("sum", instantiate(rewrite(bytes), imports).exports)).toBe(12);
  });

  test("has sections of its own where the module has none", async () => {
    for (const wat of ["(module)", "(module (func))", `(module (memory 1) (data (i32.const 0) "a"))`]) {
      const rewritten = rewrite(await compileWat(wat), { fuel: 123 });
      expect(fuelOf(instantiate(rewritten)).value).toBe(123n);
    }
  });

  test.each(Object.values(ownExport))("must not have the name of an export: %s", async (name) => {
    const bytes = await compileWat(`(module (func (export "${name}")))`);
    const error = expectFailure(
      () => rewrite(bytes),
      "module.rewrite",
      `it exports ${name}, a name that is kept`,
    );
    expect([error.where, error.hint]).toEqual([{ module: "guest" }, "give the export another name"]);
  });

  test("begins with any fuel, also with more than 32 bits", async () => {
    const bytes = await compileWat("(module)");
    for (const fuel of [0, 1, 63, 64, 127, 128, 2 ** 31, 2 ** 32 + 5, Number.MAX_SAFE_INTEGER]) {
      expect(fuelOf(instantiate(rewrite(bytes, { fuel }))).value).toBe(BigInt(fuel));
    }
  });
});

describe("custom sections", () => {
  const custom = (name: string, ...content: number[]): number[] =>
    section(0, name.length, ...Buffer.from(name), ...content);

  test("stay as they are and where they are, but for those that tell positions in code", () => {
    const bytes = binary(
      custom("first", 1, 2),
      section(1, 1, 0x60, 0, 0),
      section(3, 1, 0),
      custom("metadata.code.branch_hint", 1, 2, 3),
      section(10, 1, 2, 0, 0x0b),
      custom("last", 9),
    );
    const { sections } = readShape(rewrite(bytes));
    expect(sections.map(({ name }) => name)).toEqual([
      "first",
      "type",
      "function",
      "global",
      "export",
      "code",
      "last",
    ]);
    expect(Buffer.from(rewrite(bytes)).includes(Buffer.from([5, ...Buffer.from("first"), 1, 2]))).toBe(true);
  });

  test("names of functions are the right ones: they are in the stack of a trap", async () => {
    const text = `(module (func $helper) (func $culprit (unreachable)) (func $entry (export "f") (call $culprit)))`;
    const module = (await wabt()).parseWat("a.wat", text);
    const bytes = new Uint8Array(module.toBinary({ write_debug_names: true }).buffer);
    module.destroy();
    try {
      run("f", instantiate(rewrite(bytes)).exports);
      expect.unreachable();
    } catch (error) {
      expect((error as Error).stack).toMatch(/culprit[\s\S]*entry/);
    }
  });
});

describe("sizes", () => {
  const sizesOf = async (wat: string, memoryBytesMax: number, tableElementsMax = 100): Promise<unknown> =>
    readShape(rewrite(await compileWat(`(module ${wat})`), { memoryBytesMax, tableElementsMax })).memories;

  test("a memory gets the limit as its maximum, unless its own is smaller", async () => {
    const limit = 8 * pageBytes;
    expect(await sizesOf("(memory 2)", limit)).toEqual([{ pagesMin: 2, pagesMax: 8 }]);
    expect(await sizesOf("(memory 2)", limit + pageBytes - 1)).toEqual([{ pagesMin: 2, pagesMax: 8 }]);
    expect(await sizesOf("(memory 2 4)", limit)).toEqual([{ pagesMin: 2, pagesMax: 4 }]);
    expect(await sizesOf("(memory 2 65536)", limit)).toEqual([{ pagesMin: 2, pagesMax: 8 }]);
    expect(await sizesOf("(memory 8)", limit)).toEqual([{ pagesMin: 8, pagesMax: 8 }]);
    expect(await sizesOf("(memory 1 16 shared)", limit)).toEqual([{ pagesMin: 1, pagesMax: 8 }]);
    expect(await sizesOf(`(import "env" "m" (memory 1))`, limit)).toEqual([{ pagesMin: 1, pagesMax: 8 }]);
    expect(await sizesOf("(memory 0)", 2 ** 40)).toEqual([{ pagesMin: 0, pagesMax: 65_536 }]);
  });

  test("one that begins with more is refused", async () => {
    const limit = 8 * pageBytes;
    await expect(sizesOf("(memory 9)", limit)).rejects.toMatchObject({
      code: "module.memory",
      message: `guest cannot be run within limits: it begins with ${9 * pageBytes} bytes of memory, and ${limit} is the limit`,
      where: { module: "guest" },
      hint: expect.stringContaining("memory-bytes") as string,
    });
    await expect(sizesOf("(table 101 funcref)", limit)).rejects.toMatchObject({
      code: "module.memory",
      message: expect.stringContaining("its tables begin with 101 elements, and 100 is the limit") as string,
      hint: expect.stringContaining("table-elements") as string,
    });
    await sizesOf("(table 100 funcref)", limit);
  });

  test("growing beyond them gives -1, as it does anywhere", async () => {
    const bytes = await compileWat(`(module (memory 1) (table 10 funcref)
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "widen") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))`);
    const { grow, widen } = instantiate(
      rewrite(bytes, { memoryBytesMax: 4 * pageBytes, tableElementsMax: 20 }),
    ).exports as Record<string, (by: number) => number>;
    expect([grow?.(3), grow?.(1), grow?.(0)]).toEqual([1, -1, 4]);
    expect([widen?.(11), widen?.(10), widen?.(1)]).toEqual([-1, 10, -1]);
  });

  test("several share what their beginnings leave", () => {
    // Two memories come with Node 22, several tables are older.
    const tables = binary(section(4, 3, 0x70, 0, 10, 0x6f, 0, 20, 0x70, 1, 0, 5));
    const { sections } = readShape(rewrite(tables, { tableElementsMax: 90 }));
    expect(sections.map(({ name }) => name)).toContain("table");
    expect(
      Buffer.from(rewrite(tables, { tableElementsMax: 90 })).includes(
        Buffer.from([3, 0x70, 1, 10, 30, 0x6f, 1, 20, 40, 0x70, 1, 0, 5]),
      ),
    ).toBe(true);
    const memories = binary(section(5, 2, 0, 1, 1, 2, 200, 1));
    expect(readShape(rewrite(memories, { memoryBytesMax: 9 * pageBytes })).memories).toEqual([
      { pagesMin: 1, pagesMax: 4 },
      { pagesMin: 2, pagesMax: 5 },
    ]);
  });
});

test.each([
  "bench/guests/keep.wasm",
  "bench/guests/search.wasm",
  "smartmodules/assemblyscript/json-filter/json-filter.wasm",
  "smartmodules/assemblyscript/json-pick/json-pick.wasm",
  "node_modules/playwright-core/lib/webp_codec.wasm",
  "node_modules/oxc-parser/parser.wasm32-wasip1.wasm",
])("%s, made by a compiler, stays valid", async (path) => {
  const bytes = await readFile(new URL(`../../../${path}`, import.meta.url)).catch(() => undefined);
  // Packages of others may lack it on this platform.
  if (bytes === undefined) return;
  const rewritten = rewrite(bytes, { memoryBytesMax: 2 ** 32 });
  expect(isValid(rewritten)).toBe(true);
  // What goes behind the code counts in a module of a few hundred bytes.
  expect(rewritten.length).toBeLessThan(bytes.length * 1.4 + 64);
  const compiled = new webAssembly.Module(rewritten);
  expect(compiled).toBeDefined();
});
