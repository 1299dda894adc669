import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { textOf, utf8 } from "../../src/base/index.ts";
import { MillraceError } from "../../src/errors.ts";
import { limits } from "../../src/limits.ts";
import { findJsonElements, formatJsonPointer } from "../../src/record/index.ts";

function elementsOf(text: string, pointer: string): string[] {
  const bytes = utf8(text);
  const { count, spans } = findJsonElements(bytes, pointer);
  return Array.from({ length: count }, (_, i) => {
    const at = spans[i * 2]!;
    return textOf(bytes.subarray(at, at + spans[i * 2 + 1]!));
  });
}

function errorOf(text: string | Uint8Array, pointer = ""): MillraceError {
  try {
    findJsonElements(typeof text === "string" ? utf8(text) : text, pointer);
  } catch (error) {
    if (MillraceError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("elements at a pointer", () => {
  test.each([
    ["the whole document", "[1, 2 ,3]", "", ["1", "2", "3"]],
    [
      "a key",
      '{"a":{"b":[]},"features":[{"x":1},[2],"]",null]}',
      "/features",
      ['{"x":1}', "[2]", '"]"', "null"],
    ],
    ["an index", '{"a":[[0],[1,2]]}', "/a/1", ["1", "2"]],
    ["no elements", '{"a":[ ]}', "/a", []],
    ["an empty key", '{"":[1]}', "/", ["1"]],
    ["an escaped pointer", '{"a/b":{"m~n":[1]}}', "/a~1b/m~0n", ["1"]],
    ["an escaped key", '{"f\\u0065atures":[1]}', "/features", ["1"]],
    ["a key beyond ASCII", '{"größe":[1]}', "/größe", ["1"]],
    ["the last of two equal keys", '{"a":[1],"a":[2,3]}', "/a", ["2", "3"]],
    [
      "elements as they stand",
      '[\n  {\n "a" : 1.50e+2 }\n ,\t"\\u00e9"]',
      "",
      ['{\n "a" : 1.50e+2 }', '"\\u00e9"'],
    ],
    ["a byte order mark", "\ufeff[1]", "", ["1"]],
  ])("%s", (_name, text, pointer, expected) => {
    expect(elementsOf(text, pointer)).toEqual(expected);
  });

  test("more elements than the first table of spans holds", () => {
    const numbers = Array.from({ length: 5000 }, (_, i) => String(i));
    expect(elementsOf(`[${numbers.join(",")}]`, "")).toEqual(numbers);
  });

  test("elements and pointers of any document are those of JSON.parse", () => {
    const document = fc.tuple(
      fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()),
      fc.integer({ min: 0, max: 3 }),
    );
    fc.assert(
      fc.property(
        document,
        fc.array(fc.jsonValue()),
        fc.array(fc.string()),
        ([around, indent], target, path) => {
          let value: unknown = target;
          for (const key of path.toReversed()) value = { ...around, [key]: value };
          const text = JSON.stringify(value, undefined, indent);
          const found = elementsOf(text, formatJsonPointer(path));
          expect(found.map((element) => JSON.parse(element))).toEqual(JSON.parse(JSON.stringify(target)));
        },
      ),
    );
  });

  test("a text is JSON exactly when JSON.parse takes it", () => {
    const damaged = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", ",", "]", "}", '"', "\\", "0", "-", ".", "e", "\u0001", "tru", "u12"),
      )
      .map(([text, at, insert]) => {
        const place = at % (text.length + 1);
        return `[${text.slice(0, place)}${insert}${text.slice(place + (at % 2))}]`;
      });
    fc.assert(
      fc.property(damaged, (text) => {
        let isTaken = true;
        try {
          findJsonElements(utf8(text), "");
        } catch (error) {
          isTaken = !(MillraceError.is(error) && error.code === "json.invalid");
        }
        expect(isTaken).toBe(isJson(text));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a text that is not JSON", () => {
  test.each([
    ["", "byte 0 (1:1): expected a value, but the text ends there"],
    ["[1,]", 'byte 3 (1:4): expected a value, found "]" in `[1,]`'],
    ["[1 2]", 'byte 3 (1:4): expected "," or "]", found "2"'],
    ['{"a":1,}', 'byte 7 (1:8): expected a key in double quotes, found "}"'],
    ['{"a" 1}', 'byte 5 (1:6): expected ":", found "1"'],
    ['{"a":1 "b":2}', 'byte 7 (1:8): expected "," or "}", found """'],
    ["[01]", 'byte 2 (1:3): expected "," or "]", found "1"'],
    ["[-]", "expected a digit"],
    ["[1.]", "expected a digit"],
    ["[1e+]", "expected a digit"],
    ["[tru]", 'byte 4 (1:5): expected true, found "]"'],
    ['["a\tb"]', "byte 3 (1:4): expected control characters in a string to be escaped, found byte 0x09"],
    ['["\\x"]', 'byte 3 (1:4): expected an escape such as \\n or \\u00e9, found "x"'],
    ['["\\u12g4"]', 'byte 6 (1:7): expected four hexadecimal digits behind \\u, found "g"'],
    ['["abc', "byte 5 (1:6): expected the end of the string that begins at byte 1, but the text ends there"],
    ["[1]]", 'byte 3 (1:4): expected the end of the text, found "]"'],
    ["[1,\n  é]", "byte 6 (2:3): expected a value, found byte 0xc3"],
    ["<!doctype html>\n<html>", 'byte 0 (1:1): expected a value, found "<" in `<!doctype html> <html>`'],
  ])("%j", (text, message) => {
    const error = errorOf(text);
    expect(error.code).toBe("json.invalid");
    expect(error.message).toContain(message);
  });

  test("is found behind the array that was asked for", () => {
    expect(errorOf('{"a":[1],"b":nul}', "/a").code).toBe("json.invalid");
  });

  test("columns count characters, and the excerpt shows what is around the place", () => {
    const error = errorOf(`["${"ä".repeat(50)}", x, "${"z".repeat(100)}"]`);
    expect(error.message).toContain("byte 105 (1:56)");
    expect(error.message).toMatch(/ in `….*", x, "z+…`$/);
  });

  test("nesting is allowed to jsonDepthMax levels and no deeper", () => {
    const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${"}]".repeat(levels / 2)}`;
    const { default: levels } = limits.jsonDepthMax;
    expect(elementsOf(nested(levels), "")).toHaveLength(1);
    expect(errorOf(`[${nested(levels)}]`).message).toContain(`expected at most ${levels} levels of nesting`);
  });

  test("nesting is limited without recursion", () => {
    expect(errorOf("[".repeat(1_000_000)).code).toBe("json.invalid");
  });
});

describe("a pointer that leads nowhere", () => {
  test.each([
    [
      '{"features":[]}',
      "/feature",
      '/feature leads nowhere: the document has no key "feature"',
      "did you mean /features?",
    ],
    ['{"a":{"b":1,"c":2}}', "/a/x9", '/a/x9 leads nowhere: /a has no key "x9"', "it has b, c"],
    ["{}", "/a", '/a leads nowhere: the document has no key "a"', "the object has no keys at all"],
    ["[[1]]", "/1", '/1 leads nowhere: the document is an array without an element "1"', undefined],
    ["[[1]]", "/00", '/00 leads nowhere: the document is an array without an element "00"', undefined],
    ['{"a":"text"}', "/a/b", "/a/b leads nowhere: /a is a string", undefined],
    ['{"a":-1}', "/a", "/a is a number, not an array", "point to the array whose elements are the records"],
    ['{"a":{}}', "/a", "/a is an object, not an array", "point to the array whose elements are the records"],
    [
      "true",
      "",
      "the document is a boolean, not an array",
      "point to the array whose elements are the records",
    ],
    [
      '{"a":[1],"a":null}',
      "/a",
      "/a is null, not an array",
      "point to the array whose elements are the records",
    ],
  ])("%s at %s", (text, pointer, message, hint) => {
    const error = errorOf(text, pointer);
    expect(error.code).toBe("json.pointer");
    expect(error.message).toBe(message);
    expect(error.hint).toBe(hint);
  });

  test.each(["features", "/a~2", "/~"])("%s is no pointer", (pointer) => {
    expect(errorOf("[]", pointer)).toMatchObject({
      code: "json.pointer",
      message: `"${pointer}" is not a JSON pointer`,
    });
  });

  test("lists only a few keys", () => {
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key${i}`, i]));
    expect(errorOf(JSON.stringify(many), "/zzzzzzzz").hint).toMatch(/^it has key0, key1, .*key9 and more$/);
  });
});
