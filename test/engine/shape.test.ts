import { describe, expect, test } from "vitest";
import { formatType } from "../../src/engine/index.ts";
import { readShape } from "../../src/engine/module/shape.ts";
import { compileWat } from "../support/wat.ts";

/** A section of a binary module. */
function section(id: number, ...content: readonly number[]): number[] {
  return [id, content.length, ...content];
}

function binary(...sections: readonly number[][]): Uint8Array {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}

const name = (text: string): number[] => [text.length, ...Buffer.from(text)];

describe("readShape", () => {
  test("lists imports, exports, memories and sections, and gives functions their types", async () => {
    const shape = readShape(
      await compileWat(`(module
        (import "env" "f" (func (param i32 i64) (result f32)))
        (import "env" "t" (table 1 2 funcref))
        (import "env" "g" (global (mut i64)))
        (memory (export "m") 3 70000)
        (func (export "mine") (param f64 v128 externref) (result i32 i64) (unreachable))
        (export "again" (func 0))
        (export "table" (table 0))
        (global (export "number") i32 (i32.const 0)))`),
    );
    expect(shape.imports).toEqual([
      { module: "env", name: "f", kind: "function" },
      { module: "env", name: "t", kind: "table" },
      { module: "env", name: "g", kind: "global" },
    ]);
    expect(shape.exports.map((item) => [item.name, item.kind, item.type && formatType(item.type)])).toEqual([
      ["m", "memory", undefined],
      ["mine", "function", "(f64, v128, externref) -> i32, i64"],
      ["again", "function", "(i32, i64) -> f32"],
      ["table", "table", undefined],
      ["number", "global", undefined],
    ]);
    expect(shape.memories).toEqual([{ pagesMin: 3, pagesMax: 70000 }]);
    expect(shape.sections.map((item) => item.name)).toEqual([
      "type",
      "import",
      "function",
      "memory",
      "global",
      "export",
      "code",
    ]);
  });

  test("names custom sections by their own name, and counts an imported memory", () => {
    const shape = readShape(
      binary(section(0, ...name("producers"), 0), section(2, 1, ...name("a"), ...name("b"), 2, 1, 1, 2)),
    );
    expect(shape.sections).toEqual([
      { name: "producers", bytes: 11 },
      { name: "import", bytes: 9 },
    ]);
    expect(shape.memories).toEqual([{ pagesMin: 1, pagesMax: 2 }]);
  });

  test("reads on behind reference types of later proposals", () => {
    // (func (param (ref null 0)) (result i32)), then (func), a global of type (ref func), and a table of (ref null 0).
    const types = section(1, 2, 0x60, 1, 0x63, 0, 1, 0x7f, 0x60, 0, 0);
    const imports = section(
      2,
      3,
      ...[...name("a"), ...name("g"), 3, 0x64, 0x70, 0],
      ...[...name("a"), ...name("t"), 1, 0x63, 0x80, 0x00, 0, 1],
      ...[...name("a"), ...name("f"), 0, 1],
    );
    const shape = readShape(binary(types, imports, section(3, 1, 0), section(7, 1, ...name("e"), 0, 1)));
    expect(shape.imports.map((item) => [item.name, item.kind])).toEqual([
      ["g", "global"],
      ["t", "table"],
      ["f", "function"],
    ]);
    expect(shape.exports).toEqual([
      { name: "e", kind: "function", type: { parameters: ["unknown"], results: ["i32"] } },
    ]);
  });

  test("leaves types unknown from the first one of another form on", () => {
    // (func), a struct without fields, (func (param i32)).
    const types = section(1, 3, 0x60, 0, 0, 0x5f, 0, 0x60, 1, 0x7f, 0);
    const exported = section(7, 2, ...name("a"), 0, 0, ...name("b"), 0, 1);
    const shape = readShape(binary(types, section(3, 2, 0, 2), exported));
    expect(shape.exports).toEqual([
      { name: "a", kind: "function", type: { parameters: [], results: [] } },
      { name: "b", kind: "function" },
    ]);
  });

  test("stops at the end of a section, whatever is in it", () => {
    const endless = binary(section(2, 0xff, 0xff));
    expect(() => readShape(endless)).toThrow(expect.objectContaining({ code: "module.rewrite" }));
    const tooMany = binary(section(3, 0xff, 0xff, 0x03, 0));
    expect(() => readShape(tooMany)).toThrow(expect.objectContaining({ code: "module.rewrite" }));
  });
});
