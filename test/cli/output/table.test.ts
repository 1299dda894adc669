import { expect, test } from "vitest";
import { type Column, tableLines } from "../../../src/cli/output/index.ts";

const columns: readonly Column[] = [
  { header: "name", align: "left" },
  { header: "in", align: "right" },
  { header: "records/s", align: "right" },
];

test("columns are as wide as their widest cell, numbers to the right", () => {
  expect(
    tableLines(columns, [
      ["json-filter.wasm", "1,707", "-"],
      ["x", "3", "12"],
    ]),
  ).toEqual([
    "name                 in  records/s",
    "json-filter.wasm  1,707          -",
    "x                     3         12",
  ]);
});

test("lines do not end in spaces, and missing cells are empty", () => {
  const left: readonly Column[] = [
    { header: "a", align: "left" },
    { header: "b", align: "left" },
  ];
  expect(tableLines(left, [["1", "long"], ["2"]])).toEqual(["a  b", "1  long", "2"]);
});

test("a wide name is cut before anything else is", () => {
  const lines = tableLines(columns, [["a-very-long-module-name.wasm", "1", "2"]], {
    columnsMax: 30,
    cut: "…",
  });
  expect(lines).toEqual(["name             in  records/s", "a-very-long-mo…   1          2"]);
});

test("where that is not enough, lines are cut", () => {
  const lines = tableLines(columns, [["a-very-long-module-name.wasm", "1", "2"]], {
    columnsMax: 12,
    cut: "…",
  });
  expect(lines).toEqual(["name      i…", "a-very-…   …"]);
});

test("control characters in cells are shown, not obeyed", () => {
  expect(tableLines(columns, [["\u001B[2Jx", "1", "2"]])[1]).toBe("\\x1b[2Jx   1          2");
});
