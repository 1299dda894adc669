import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { rules } from "./rules.ts";
import { readTree } from "./source-tree.ts";

const tree = readTree(join(import.meta.dirname, "../.."));

describe("the house", () => {
  test("has files that the rules can look at", () => {
    expect(tree.source.has("src/errors.ts")).toBe(true);
    expect(tree.tests.size).toBeGreaterThan(0);
  });

  test.each(Object.entries(rules))("%s", (_name, rule) => {
    expect(rule(tree)).toEqual([]);
  });
});
