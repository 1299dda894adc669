import { expect, test } from "vitest";
import { styleFor } from "../../../src/cli/output/style.ts";

const utf8Locale = { LANG: "en_US.UTF-8" };

test("a terminal gets colours", () => {
  expect(styleFor(true, utf8Locale).red("x")).toBe("\u001B[31mx\u001B[39m");
});

test.each([
  ["no terminal", false, {}],
  ["NO_COLOR", true, { NO_COLOR: "1" }],
  ["a dumb terminal", true, { TERM: "dumb" }],
  ["FORCE_COLOR without a terminal", false, { FORCE_COLOR: "1", CI: "1" }],
])("%s gets none", (_name, isTerminal, environment) => {
  expect(styleFor(isTerminal, environment).red("x")).toBe("x");
});

test("an empty NO_COLOR is as good as none", () => {
  expect(styleFor(true, { NO_COLOR: "" }).red("x")).not.toBe("x");
});

test.each([
  [{ LANG: "en_US.UTF-8" }, "linux", true],
  [{ LANG: "C.utf8" }, "linux", true],
  [{ LC_ALL: "C", LANG: "en_US.UTF-8" }, "linux", false],
  [{ LC_ALL: "", LC_CTYPE: "C.UTF-8" }, "linux", true],
  [{}, "linux", false],
  [{ LANG: "en_US.UTF-8", TERM: "linux" }, "linux", false],
  [{ WT_SESSION: "1" }, "win32", true],
  [{ LANG: "en_US.UTF-8" }, "win32", false],
])("with %o on %s, signs beyond ASCII are shown: %s", (environment, platform, isUnicode) => {
  const { glyphs } = styleFor(false, environment, platform);
  expect(glyphs.failed).toBe(isUnicode ? "✗" : "x");
  const isAscii = Object.values(glyphs).every((glyph) => /^[ -~]+$/.test(glyph));
  expect(isAscii).toBe(!isUnicode);
});
