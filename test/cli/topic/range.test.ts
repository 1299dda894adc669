import { expect, test } from "vitest";
import { startOf } from "../../../src/cli/topic/range.ts";

const bounds = { first: 10, next: 20 };

test.each([
  ["beginning", 10],
  ["end", 20],
  [10, 10],
  [15, 15],
  [20, 20],
] as const)("from %s begins at %d", (point, offset) => {
  expect(startOf(point, bounds)).toEqual({ offset });
});

test("what was trimmed away cannot be read, which is said", () => {
  const { offset, note } = startOf(9, bounds);
  expect(offset).toBe(10);
  expect(note).toContain("before offset 10");
});

test("an offset that is not there yet is kept, which is said", () => {
  const { offset, note } = startOf(21, bounds);
  expect(offset).toBe(21);
  expect(note).toContain("no record at offset 21 yet");
});
