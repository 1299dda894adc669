import { expect, test } from "vitest";
import { parseShare } from "../../src/base/index.ts";

test.each([
  ["1/100", 0.01],
  [" 3 / 4 ", 0.75],
  ["0.25", 0.25],
  [".5", 0.5],
  ["12.5%", 0.125],
  ["1", 1],
  ["100%", 1],
])("%j is the share %d", (text, share) => {
  expect(parseShare(text)).toBe(share);
});

test.each(["0", "1/0", "2", "101%", "-1", "1/", "", "a", "1/2/3", "5/4"])("%j is none", (text) => {
  expect(parseShare(text)).toBeUndefined();
});
