import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
// The folder's door does not show what only the store needs.
import { isEntryFile, keyOf } from "../../src/modules/entry.ts";
import { formatName, parseName, parseReference } from "../../src/modules/index.ts";
import { compareVersions, fullVersion } from "../../src/modules/semantic-version.ts";

const hash = "0123456789abcdef".repeat(4);

function problemOf(text: string): string {
  try {
    parseReference(text);
  } catch (error) {
    if (MillraceError.is(error) && error.code === "module.name") return error.message;
    throw error;
  }
  return "none";
}

describe("what names a module", () => {
  test.each([
    ["jolt", { group: undefined, name: "jolt", version: undefined }],
    ["infinyon/jolt", { group: "infinyon", name: "jolt", version: undefined }],
    ["infinyon/jolt@0.4.1", { group: "infinyon", name: "jolt", version: "0.4.1" }],
    [
      "infinyon-labs/array_map-json@0.1",
      { group: "infinyon-labs", name: "array_map-json", version: "0.1.0" },
    ],
    ["jolt@1", { group: undefined, name: "jolt", version: "1.0.0" }],
    ["jolt@v1.2.3-rc.1+b5", { group: undefined, name: "jolt", version: "1.2.3-rc.1+b5" }],
    ["a.b", { group: undefined, name: "a.b", version: undefined }],
  ])("%s is a name", (text, name) => {
    expect(parseReference(text)).toEqual({ name, sha256: undefined });
    expect(parseReference(`${text}#sha256=${hash.toUpperCase()}`)).toEqual({ name, sha256: hash });
  });

  test.each([
    "jolt.wasm",
    "jolt.WASM",
    "./jolt",
    "../a/jolt",
    "/a/jolt",
    "a/b/c",
    "a\\b",
    ".hidden",
    "a/jolt@0.4.1.wasm",
    "what#ever.wasm",
    "C:\\a\\b.wasm",
    "./a#b/c",
  ])("%s is a path", (path) => {
    expect(parseReference(path)).toEqual({ path, sha256: undefined });
    expect(parseReference(`${path}#sha256=${hash}`)).toEqual({ path, sha256: hash });
  });

  test.each([
    ["jolt@", '"" is no version of a module'],
    ["jolt@one", '"one" is no version of a module'],
    ["jolt@1.2.3.4", '"1.2.3.4" is no version of a module'],
    ["jolt@1@2", "is no version"],
    ["a b", "cannot be the name"],
    ["-a", "cannot be the name"],
    ["a/", "cannot be the name"],
    ["a/-b", "cannot be the name"],
    ["a/..", "cannot be the name"],
    ["a/.", "cannot be the name"],
    ["ends.", "cannot be the name"],
    ["ä", "cannot be the name"],
    ["a\0b", "the code 0"],
    ["a\0b.wasm", "the code 0"],
    ["a\nb", "cannot be the name"],
    ["C:foo", "cannot be the name"],
    ["con", "Windows has a device of that name"],
    ["a/NUL", "Windows has a device of that name"],
    ["com1.x/a", "Windows has a device of that name"],
    ["", "needs a name or a path"],
    ["a.wasm#sha256=12", "ends in what is no hash"],
    [`a.wasm#sha512=${hash}`, "ends in what is no hash"],
    [`a.wasm#sha256=${hash}0`, "ends in what is no hash"],
    ["a#", "ends in what is no hash"],
  ])("%j is refused", (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });

  test("has parts of a bounded length", () => {
    const most = limits.moduleNameCharactersMax.default;
    const longest = `${"g".repeat(most)}/${"n".repeat(most)}@1.0.0-${"v".repeat(50)}`;
    expect(formatName(parseName(longest))).toBe(longest);
    // With what the store adds it is a name that file systems take.
    expect(`${keyOf(parseName(longest))}.0123456789abcdef.wasm`.length).toBeLessThanOrEqual(255);
    expect(problemOf("n".repeat(most + 1))).toBe(
      `the name of a module has ${most + 1} characters, the limit is ${most}`,
    );
    expect(problemOf(`${"g".repeat(most + 1)}/n`)).toContain("the name of a group has");
    expect(problemOf(`n@1.0.0-${"v".repeat(80)}`)).toContain("is no version");
  });

  const part = fc
    .stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/)
    .filter((text) => problemOf(text) === "none");
  const version = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)).map((numbers) => numbers.join("."));
  const nameOf = fc.record({
    group: fc.option(part, { nil: undefined }),
    name: part,
    version: fc.option(version, { nil: undefined }),
  });

  test("is read as it is written", () => {
    fc.assert(
      fc.property(nameOf, (name) => {
        expect(parseName(formatName(name))).toEqual(name);
        expect(isEntryFile(`${keyOf(name)}.json`)).toBe(true);
      }),
    );
  });

  test("never leads out of a folder, and two names share files only where their case differs", () => {
    fc.assert(
      fc.property(nameOf, nameOf, (left, right) => {
        expect(keyOf(left)).toMatch(/^[a-z0-9_][a-z0-9._~@+-]*$/);
        expect(keyOf(left)).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/);
        const isSame = formatName(left).toLowerCase() === formatName(right).toLowerCase();
        expect(keyOf(left) === keyOf(right)).toBe(isSame);
      }),
    );
  });

  test("is a path, a name or refused, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        if (problemOf(text) !== "none") return;
        const reference = parseReference(text);
        if ("name" in reference) expect(keyOf(reference.name)).toMatch(/^[a-z0-9_][a-z0-9._~@+-]*$/);
        else expect(reference.path).not.toContain("\0");
      }),
      { numRuns: 500 },
    );
  });
});

describe("versions", () => {
  test("are in the order of their numbers, and what comes before a version is older", () => {
    const ordered = ["0.1", "0.4.1-2", "0.4.1-10", "0.4.1-a", "0.4.1-a.1", "0.4.1", "0.4.2", "0.10", "1"].map(
      fullVersion,
    );
    const shuffled = [...ordered].reverse() as string[];
    expect(shuffled.sort(compareVersions)).toEqual(ordered);
    expect(compareVersions("1.0.0+a", "1.0.0+b")).toBe(0);
  });
});
