import { describe, expect, test } from "vitest";
import wabt from "wabt";
import { compileWat } from "../../support/wat.ts";
import { fuelOf, instantiate, rewrite } from "./support.ts";

/** What is charged in the first function, in the order of the code: at its entry, then at its loops. */
async function chargesOf(code: string, more = `(export "f" (func 0))`): Promise<number[]> {
  const bytes = rewrite(await compileWat(`(module (memory 1) (func ${code}) (func $other) ${more})`));
  const module = (await wabt()).readWasm(bytes, { readDebugNames: false, tail_call: true });
  const text = module.toText({ foldExprs: false });
  module.destroy();
  const [own = ""] = text.split("(func (;1;)");
  return Array.from(own.matchAll(/i64\.const (\d+)\s+i64\.sub/g), ([, cost]) => Number(cost));
}

const two = "(drop (i32.const 1))";

describe("a stretch of code costs its longest way", () => {
  test.each([
    ["one instruction each", `(nop) ${two} (block)`, [1 + 2]],
    ["locals", `(local i32 i32 f64) ${two}`, [1 + 3 + 2]],
    ["past an if whose branch leaves", `(if (i32.const 0) (then (return))) ${two} ${two}`, [1 + 2 + 4]],
    ["into an if whose branch leaves", `(if (i32.const 0) (then ${two} ${two} (return)))`, [1 + 2 + 5]],
    ["into an if whose branch traps", `(if (i32.const 0) (then ${two} ${two} (unreachable)))`, [1 + 2 + 5]],
    [
      "the longer side of an if",
      `(if (i32.const 0) (then ${two}) (else ${two} ${two})) ${two}`,
      [1 + 2 + 4 + 2],
    ],
    [
      "the other side, when that is the longer",
      `(if (i32.const 0) (then ${two} ${two}) (else ${two}))`,
      [1 + 2 + 4],
    ],
    ["behind a block that is left by a branch", `(block (br 0)) ${two}`, [1 + 1 + 2]],
    [
      "the longer of two ways to a label",
      `(block (br_if 0 (i32.const 0)) ${two} ${two} (br 0)) ${two}`,
      [1 + 2 + 4 + 1 + 2],
    ],
    ["each label of a table", `(block (block (br_table 0 1 (i32.const 0))) ${two}) ${two}`, [1 + 2 + 2 + 2]],
    ["what cannot be reached not at all", `(return) ${two} ${two}`, [1 + 1]],
    ["a loop that only goes back", `${two} (loop ${two} ${two} (br 0))`, [1 + 2, 1 + 4 + 1]],
    ["a pass that goes back early", `(loop (br_if 0 (i32.const 0)) ${two})`, [1, 1 + 2 + 2]],
    [
      "a loop that is left for a block around it",
      `(block ${two} (loop ${two} ${two} (br 1))) ${two}`,
      [1 + 4, 1 + 5],
    ],
    ["what stands behind a loop", `(loop (br_if 0 (i32.const 0))) ${two}`, [1 + 2, 1 + 2]],
    [
      "loops in loops, each for itself",
      `(loop ${two} (loop ${two} ${two}) (br_if 0 (i32.const 0)))`,
      [1, 1 + 4, 1 + 4],
    ],
    [
      "an inner loop that goes on with the outer one",
      `(loop ${two} (loop ${two} ${two} (br 1)))`,
      [1, 1 + 2, 1 + 5],
    ],
  ])("%s", async (_what, code, charges) => {
    expect(await chargesOf(code)).toEqual(charges);
  });
});

describe("a function has a meter of its own", () => {
  test.each([
    ["when it is exported", two, `(export "f" (func 0))`],
    ["when it is in a table", two, "(table 1 funcref) (elem (i32.const 0) func 0)"],
    ["when it is in a segment of expressions", two, "(elem funcref (ref.func 0))"],
    ["when it is declared to be referred to", two, "(elem declare func 0)"],
    ["when a global refers to it", two, "(global funcref (ref.func 0))"],
    ["when it is the start function", two, "(start 0)"],
    ["when it has a loop", "(loop)", ""],
    ["when it calls", "(call $other) (call $more)", "(func $more (loop))"],
    ["when it calls at its end", "(return_call 0)", ""],
    ["when it calls by number", "(call_indirect (i32.const 0))", "(table 0 funcref)"],
    ["when it works on many bytes", "(drop (memory.grow (i32.const 0)))", ""],
  ])("%s", async (_when, code, more) => {
    expect((await chargesOf(code, more)).length).toBeGreaterThan(0);
  });

  test("and has none otherwise", async () => {
    expect(await chargesOf(two, `(func (export "g") (call 0))`)).toEqual([]);
  });
});

describe("an instruction on many pays for each of them, before it runs", () => {
  test.each([
    ["memory.fill", "(memory.fill (i32.const 0) (i32.const 0) (local.get 0))", 8000, 1000],
    ["memory.copy", "(memory.copy (i32.const 0) (i32.const 0) (local.get 0))", 8000, 1000],
    ["memory.init", "(memory.init $d (i32.const 0) (i32.const 0) (local.get 0))", 80, 10],
    ["memory.grow", "(drop (memory.grow (local.get 0)))", 3, 3 * 1024],
    ["table.fill", "(table.fill $t (i32.const 0) (ref.null func) (local.get 0))", 50, 50],
    ["table.copy", "(table.copy $t $t (i32.const 0) (i32.const 0) (local.get 0))", 50, 50],
    ["table.init", "(table.init $t $e (i32.const 0) (i32.const 0) (local.get 0))", 2, 2],
    ["table.grow", "(drop (table.grow $t (ref.null func) (local.get 0)))", 40, 40],
  ])("%s", async (_name, code, length, price) => {
    const bytes = await compileWat(`(module (memory 1) (table $t 60 funcref) (elem $e func $f $f)
      (data $d "${"d".repeat(80)}") (func $f (export "f") (param i32) ${code}))`);
    const rewritten = rewrite(bytes);
    const usedFor = (count: number): number => {
      const instance = instantiate(rewritten);
      const before = fuelOf(instance).value;
      (instance.exports.f as (count: number) => number)(count);
      return Number(before - fuelOf(instance).value);
    };
    expect(usedFor(length) - usedFor(0)).toBe(price);
  });
});
