import { describe, expect, test } from "vitest";
import { webAssembly } from "../../../src/base/index.ts";
import { isRestorable, stateGlobalsOf } from "../../../src/engine/rewrite/index.ts";
import { compileWat } from "../../support/wat.ts";
import { expectFailure } from "../run.ts";
import { instantiate, rewrite } from "./support.ts";

const memory = '(memory (export "memory") 1)';

async function isRestorableWith(fields: string, fuel: number | undefined = 1000): Promise<boolean> {
  const bytes = rewrite(await compileWat(`(module ${fields})`), { fuel });
  return isRestorable(new webAssembly.Module(bytes));
}

describe("a module is restorable", () => {
  test.each([
    ["with memory alone", memory],
    [
      "with globals of whole numbers",
      `${memory} (global (mut i32) (i32.const 1)) (global (mut i64) (i64.const 1))`,
    ],
    ["with constants of any type", `${memory} (global f64 (f64.const 1)) (global funcref (ref.null func))`],
    [
      "with tables that nothing changes",
      `${memory} (table 1 funcref) (func (drop (table.get 0 (i32.const 0))))`,
    ],
    [
      "with a segment that is used again and again",
      `${memory} (data "a") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)))`,
    ],
  ])("%s", async (_, fields) => {
    expect(await isRestorableWith(fields)).toBe(true);
  });
});

describe("a module is not restorable", () => {
  test.each([
    ["without a memory", ""],
    ["with a function that it imports", `(import "a" "b" (func)) ${memory}`],
    ["with a global that it imports", `(import "a" "b" (global i32)) ${memory}`],
    ["with a memory that it imports", '(import "a" "b" (memory 1))'],
    ["with a memory that is shared", "(memory 1 2 shared)"],
    ["with a global of a vector", `${memory} (global (mut v128) (v128.const i64x2 0 0))`],
    ["with a global of a fraction", `${memory} (global (mut f32) (f32.const 0))`],
    ["with a global of a reference", `${memory} (global (mut externref) (ref.null extern))`],
    [
      "where a small function changes a table",
      `${memory} (table 1 funcref) (func $f (table.set 0 (i32.const 0) (ref.null func))) (func (call $f))`,
    ],
    [
      "where a small function drops a segment",
      `${memory} (data "a") (func $f (data.drop 0)) (func (call $f))`,
    ],
  ])("%s", async (_, fields) => {
    expect(await isRestorableWith(fields)).toBe(false);
  });

  test("without a meter, for which alone its code is looked at", async () => {
    const bytes = rewrite(await compileWat(`(module ${memory})`), { fuel: undefined });
    expect(isRestorable(new webAssembly.Module(bytes))).toBe(false);
  });
});

test("the globals that code can change are there to be read and set, beside the module's own exports", async () => {
  const bytes = rewrite(
    await compileWat(`(module ${memory}
      (global $a (mut i32) (i32.const 7)) (global $b i32 (i32.const 1)) (global $c (export "c") (mut i64) (i64.const 8))
      (func (export "a") (result i32) (global.get $a)))`),
  );
  const instance = instantiate(bytes);
  const globals = stateGlobalsOf(instance);
  expect(globals.map(({ value }) => value)).toEqual([7, 8n]);
  (globals[0] as { value: number | bigint }).value = 9;
  expect((instance.exports as unknown as { a(): number }).a()).toBe(9);
});

test("a module that exports something under a name that is kept for its globals is refused", async () => {
  const bytes = await compileWat(
    `(module ${memory} (global (mut i32) (i32.const 0)) (func (export "millrace_global_0")))`,
  );
  expectFailure(() => rewrite(bytes), "module.rewrite", "millrace_global_0, a name that is kept");
});
