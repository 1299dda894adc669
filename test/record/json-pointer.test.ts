import fc from "fast-check";
import { expect, test } from "vitest";
import { formatJsonPointer, parseJsonPointer } from "../../src/record/index.ts";

// The examples of RFC 6901, section 5, and some that are no pointers.
test.each([
  ["", []],
  ["/foo/0", ["foo", "0"]],
  ["/", [""]],
  ["/a~1b", ["a/b"]],
  ["/m~0n", ["m~n"]],
  ["/~01", ["~1"]],
  ["/ ", [" "]],
  ["//", ["", ""]],
  ["foo", undefined],
  ["/a~", undefined],
  ["/~2", undefined],
])("%j", (text, tokens) => {
  expect(parseJsonPointer(text)).toEqual(tokens);
});

test("any tokens make a pointer that parses to them", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom("~", "/", "0", "1", "a") })), (tokens) => {
      expect(parseJsonPointer(formatJsonPointer(tokens))).toEqual(tokens);
    }),
  );
});
