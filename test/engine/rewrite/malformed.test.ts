import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { MillraceError } from "../../../src/errors.ts";
import { limits } from "../../../src/limits.ts";
import { compileWat } from "../../support/wat.ts";
import { expectFailure } from "../run.ts";
import { binary, isValid, rewrite, section } from "./support.ts";

const many = [0xff, 0xff, 0xff, 0xff, 0x0f];
const tooLong = [0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
const tooLarge = [0xff, 0xff, 0xff, 0xff, 0x7f];
const oneType = section(1, 1, 0x60, 0, 0);
const oneFunction = [oneType, section(3, 1, 0)];
const code = (...bytes: number[]): number[] => section(10, 1, bytes.length, ...bytes);

describe("malformed modules are refused, with what is wrong and where", () => {
  test.each([
    ["nothing", new Uint8Array(0), "does not begin"],
    ["another version", Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), "does not begin"],
    ["a component", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), "does not begin"],
    ["a section without a size", binary([1]), "it ends too early, at byte 9 (0x9)"],
    ["a section that is longer than the file", binary([1, 5, 0]), "ends too early"],
    ["a size of more than 32 bits", binary([1, ...tooLarge]), "more than 32 bits, at byte 9"],
    ["a size of too many bytes", binary([1, ...tooLong]), "more than 32 bits"],
    ["an unknown section", binary(section(14)), "a section of the kind 14"],
    ["a section of exceptions", binary(section(13, 1, 0, 0)), "a section of the kind 13"],
    ["a section twice", binary(oneType, oneType), "out of its order"],
    ["sections out of order", binary(section(3, 0), section(1, 0)), "out of its order"],
    ["more in a section than it says", binary(section(1, 0, 0)), "longer than what is in it"],
    ["a type of garbage collection", binary(section(1, 1, 0x5f, 0)), "a type of the form 0x5f"],
    ["a reference with a type", binary(section(1, 1, 0x60, 1, 0x64, 0x70, 0)), "the type 0x64"],
    ["an import of an exception", binary(section(2, 1, 0, 0, 4, 0, 0)), "an import of the kind 0x04"],
    ["a table with a beginning", binary(section(4, 1, 0x40, 0, 0x70, 0, 0)), "the reference type 0x40"],
    ["a memory of 64 bits", binary(section(5, 1, 4, 0)), "the flags 0x04"],
    ["a table that is shared", binary(section(4, 1, 0x70, 2, 0)), "the flags 0x02"],
    ["a form of element segments", binary(section(9, 1, 8)), "element segments of the form 8"],
    [
      "code for another count of functions",
      binary(...oneFunction, section(10, 0)),
      "has 1 functions and the code of 0",
    ],
    [
      "a function of a type that is not there",
      binary(section(3, 1, 0), code(0, 3, 0x40, 0x0b, 0x0b)),
      "there is no type 0",
    ],
    ["code without an end", binary(...oneFunction, code(0, 0x01)), "ends too early"],
    ["code behind its end", binary(...oneFunction, code(0, 0x0b, 0x0b)), "goes on behind the end"],
    ["a branch to nowhere", binary(...oneFunction, code(0, 0x0c, 1, 0x0b)), "there is no block 1"],
    [
      "a branch of a table to nowhere",
      binary(...oneFunction, code(0, 0x0e, 1, 0, 9, 0x0b)),
      "there is no block 9",
    ],
    ["an else without an if", binary(...oneFunction, code(0, 0x05, 0x0b)), "an else stands outside"],
    [
      "a second else",
      binary(...oneFunction, code(0, 0x04, 0x40, 5, 5, 0x0b, 0x0b)),
      "an else stands outside",
    ],
    [
      "a constant of too many bytes",
      binary(...oneFunction, code(0, 0x41, ...tooLong, 0x0b)),
      "more than 5 bytes",
    ],
    [
      "a body that is longer than its section",
      binary(...oneFunction, section(10, 1, 9, 0)),
      "ends too early",
    ],
  ])("%s", (_what, bytes, message) => {
    expect(isValid(bytes) && !message.includes("out")).toBe(false);
    const error = expectFailure(() => rewrite(bytes), "module.rewrite", message);
    expect([error.where, error.category]).toEqual([{ module: "guest" }, "config"]);
    expect(error.hint).toBeTruthy();
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 9])("section %d says that it has four billion entries", (id) => {
    expectFailure(() => rewrite(binary(section(id, ...many))), "module.rewrite", "ends too early");
  });

  test.each([
    ["functions", section(10, ...many)],
    ["locals", code(...many, 0x0b)],
    ["labels", code(0, 0x0e, ...many, 0x0b)],
    ["types of a select", code(0, 0x1c, ...many, 0x0b)],
  ])("code says that it has four billion %s", (_what, section) => {
    const error = expectFailure(() => rewrite(binary(...oneFunction, section)), "module.rewrite", "");
    expect(error.message).toMatch(/ends too early|the code of 4294967295|is not known|no block/);
  });
});

test("blockDepthMax: blocks may be nested so deep, and no deeper", () => {
  const most = limits.blockDepthMax.default;
  const nested = (depth: number): Uint8Array => {
    const body = [
      0,
      ...Array.from({ length: depth }, () => [0x02, 0x40]).flat(),
      ...Array.from({ length: depth + 1 }, () => 0x0b),
    ];
    const size = (count: number): number[] => [
      (count & 0x7f) | 0x80,
      ((count >> 7) & 0x7f) | 0x80,
      count >> 14,
    ];
    return binary(...oneFunction, [10, ...size(body.length + 4), 1, ...size(body.length), ...body]);
  };
  expect(isValid(rewrite(nested(most)))).toBe(true);
  expectFailure(() => rewrite(nested(most + 1)), "module.rewrite", `nested more than ${most} deep`);
});

describe("a module that was damaged anywhere", () => {
  let modules: readonly Uint8Array[] = [];
  beforeAll(async () => {
    const file = new URL("../../../bench/guests/search.wasm", import.meta.url);
    modules = [
      new Uint8Array(await readFile(file)),
      await compileWat(`(module
        (import "env" "f" (func $f (param i32))) (import "env" "m" (memory 1)) (import "env" "g" (global i64))
        (table 2 funcref) (global (mut i32) (i32.const 1)) (export "x" (func $x)) (start $y)
        (elem (i32.const 0) $x $y) (elem declare func $y) (elem funcref (ref.func $x) (ref.null func))
        (func $x (param i32 i64) (result i32) (local v128 f32) (loop (result i32) (br_if 0 (i32.const 1))
          (block (br_table 0 1 0 (local.get 0))) (memory.fill (i32.const 0) (i32.const 0) (i32.const 8)) (i32.const 3)))
        (func $y (call $f (call_indirect (param i32 i64) (result i32) (i32.const 1) (i64.const 2) (i32.const 0))))
        (data (i32.const 0) "abc") (data "passive"))`),
    ];
  });

  /** What comes out is a module, or the refusal of one; anything else throws. */
  function tryRewrite(bytes: Uint8Array): void {
    try {
      rewrite(bytes);
    } catch (error) {
      if (!MillraceError.is(error)) throw error;
      expect(["module.rewrite", "module.memory"]).toContain(error.code);
      expect(isValid(bytes) && error.message.includes("too early"), error.message).toBe(false);
    }
  }

  test("by being cut short", () => {
    for (const bytes of modules) {
      for (let length = 0; length < bytes.length; length++) tryRewrite(bytes.slice(0, length));
    }
  });

  test("by another byte", () => {
    for (const bytes of modules) {
      for (let at = 8; at < bytes.length; at++) {
        for (const value of [0, 1, 0x0b, 0x40, 0x7f, 0x80, 0xfc, 0xfd, 0xff]) {
          const damaged = bytes.slice();
          damaged[at] = value;
          tryRewrite(damaged);
        }
      }
    }
  });

  test("one that is still valid stays so", () => {
    let count = 0;
    for (const bytes of modules) {
      for (let at = 8; at < bytes.length; at++) {
        const damaged = bytes.slice();
        damaged[at] = ((damaged[at] as number) + 1) & 0xff;
        if (!isValid(damaged)) continue;
        try {
          expect(isValid(rewrite(damaged)), `byte ${at}`).toBe(true);
          count++;
        } catch (error) {
          if (!MillraceError.is(error) || error.code === "module.rewrite") throw error;
        }
      }
    }
    expect(count).toBeGreaterThan(100);
  });
});
