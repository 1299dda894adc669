import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { committed } from "./built.ts";
import { type Fed, feed, openNamed } from "./chains.ts";
import { Guest } from "./guest.ts";
import { jsonText } from "./json-text.ts";

const split = async (parameters: Record<string, string>, ...records: string[]): Promise<Fed> =>
  feed(await openNamed("json-split", parameters), records);

test("makes a record of each element, as it stands, and copies nothing", async () => {
  const chain = await openNamed("json-split", {});
  expect(feed(chain, ['[1.50, {"a" : 1},[2], "x\\u0041",null ]', "[]", " [ ] ", "[3]"])).toStrictEqual({
    texts: ["1.50", '{"a" : 1}', "[2]", '"x\\u0041"', "null", "3"],
    keys: Array.from({ length: 6 }, () => undefined),
    failures: [],
  });
  expect(chain.transforms[0]?.counts).toMatchObject({ expanded: 2, emitted: 6, dropped: 2, bytesOut: 0 });
});

test("does what JSON.parse and a loop do, wherever the array is", async () => {
  const elements = fc.array(jsonText, { maxLength: 8 });
  const whole = await openNamed("json-split", {});
  const nested = await openNamed("json-split", { field: "a.rows[1]" });
  fc.assert(
    fc.property(fc.array(elements, { minLength: 1, maxLength: 5 }), (records) => {
      const expected = records.flat().map((text) => text.trim());
      const arrays = records.map((each) => `[${each.join(",")}]`);
      expect(feed(whole, arrays)).toMatchObject({ texts: expected, failures: [] });
      const around = arrays.map((text) => `{"b":[9],"a":{"rows":[[0],${text}],"c":1}}`);
      expect(feed(nested, around)).toMatchObject({ texts: expected, failures: [] });
    }),
    { numRuns: 200 },
  );
});

describe("outer fields", () => {
  test("go into the element, which keeps its own of the same name", async () => {
    const outer = '{"id":"order.id","n":"n","none":"no.where"}';
    const record = '{"order":{"id":7},"n":[1],"items":[{"a":1},{"id":"own"},{},{ },{"\\u006e":0,"id":1}]}';
    expect((await split({ field: "items", outer }, record)).texts).toStrictEqual([
      '{"id":7,"n":[1],"a":1}',
      '{"n":[1],"id":"own"}',
      '{"id":7,"n":[1]}',
      '{"id":7,"n":[1] }',
      '{"\\u006e":0,"id":1}',
    ]);
  });

  test("stand beside the element where it has a name", async () => {
    const parameters = { field: "v", outer: '["host","at.ms"]', as: 'the "value"' };
    expect((await split(parameters, '{"host":"h","at":{"ms":5},"v":[1,{"host":2},[]]}')).texts).toStrictEqual(
      [
        '{"host":"h","ms":5,"the \\"value\\"":1}',
        '{"host":"h","ms":5,"the \\"value\\"":{"host":2}}',
        '{"host":"h","ms":5,"the \\"value\\"":[]}',
      ],
    );
    expect((await split(parameters, '{"v":[1]}')).texts).toStrictEqual(['{"the \\"value\\"":1}']);
  });

  test("fail a record with an element that has no place for them", async () => {
    const fed = await split({ field: "v", outer: '["a"]' }, '{"v":[{}]}', '{"v":[{},4]}', '{"v":[true]}');
    expect(fed.texts).toStrictEqual(["{}"]);
    expect(fed.failures).toStrictEqual([
      [1, "element 1 is a number and can get no outer fields; `as` gives it a name"],
      [2, "element 0 is true and can get no outer fields; `as` gives it a name"],
    ]);
  });

  test("give what spreading objects gives", async () => {
    const name = fc.constantFrom("a", "b", 'q"\\', "é", "x.y");
    const object = fc.dictionary(name, fc.jsonValue({ maxDepth: 1 }), { noNullPrototype: true });
    const chain = await openNamed("json-split", {
      field: "items",
      outer: JSON.stringify({ a: "o.a", 'q"\\': "o.b", "x.y": "o.é", z: "o.z" }),
    });
    fc.assert(
      fc.property(object, fc.array(object, { maxLength: 200 }), (o, items) => {
        const outer = Object.entries({ a: o.a, 'q"\\': o.b, "x.y": o.é }).filter(
          ([, value]) => value !== undefined,
        );
        const expected = items.map((item) => ({ ...Object.fromEntries(outer), ...item }));
        const { texts, failures } = feed(chain, [JSON.stringify({ items, o })]);
        expect(failures).toStrictEqual([]);
        expect(texts.map((text) => JSON.parse(text) as unknown)).toStrictEqual(
          JSON.parse(JSON.stringify(expected)),
        );
        // No name may stand there twice, which JSON.parse would not show.
        for (const [index, text] of texts.entries()) {
          expect(text).toHaveLength(JSON.stringify(expected[index]).length);
        }
      }),
      { numRuns: 200 },
    );
  });
});

test("a key is taken from each element; one that has none loses that of the record", async () => {
  const chain = await openNamed("json-split", { key: "k.id" });
  const value = '[{"k":{"id":"caf\\u00e9"}},{"k":{"id":[1, 2]}},{"k":1},3]';
  expect(feed(chain, [{ value, key: "outer" }]).keys).toStrictEqual(["café", "[1, 2]", undefined, undefined]);
  const without = await openNamed("json-split", {});
  expect(feed(without, [{ value: "[1,2]", key: "outer" }]).keys).toStrictEqual(["outer", "outer"]);
});

test("what becomes of records without an array, or with an empty one, is a choice", async () => {
  const records = ['{"v":5}', "{}", '{"v":[]}', '{"v":{}}', '{"v":[1]}', "x"];
  const invalid = [5, "invalid JSON at byte 0: expected a value"];
  expect(await split({ field: "v" }, ...records)).toMatchObject({
    texts: ["1"],
    failures: [
      [0, "there is no array, but a number"],
      [1, "there is no array"],
      [3, "there is no array, but an object"],
      invalid,
    ],
  });
  expect(await split({ field: "v", none: "drop", empty: "fail" }, ...records)).toMatchObject({
    texts: ["1"],
    failures: [[2, "the array is empty"], invalid],
  });
  expect(await split({ field: "v", none: "keep", empty: "keep" }, ...records)).toMatchObject({
    texts: ['{"v":5}', "{}", '{"v":[]}', '{"v":{}}', "1"],
    failures: [invalid],
  });
});

test("many elements with outer fields, more than the host first has room for", async () => {
  const chain = await openNamed("json-split", { field: "v", outer: '["o"]', as: "v", key: "$" });
  const records = Array.from({ length: 20 }, (_, r) => ({
    o: "o".repeat(200),
    v: Array.from({ length: 3000 }, (_, i) => r * i),
  }));
  const { texts, keys } = feed(
    chain,
    records.map((record) => JSON.stringify(record)),
  );
  const expected = records.flatMap(({ o, v }) =>
    v.map((each) => [JSON.stringify({ o, v: each }), String(each)] as const),
  );
  expect(texts).toHaveLength(expected.length);
  // One wrong record is enough to see; a list of thousands would take minutes to be compared.
  expect(expected.findIndex(([text, key], i) => texts[i] !== text || keys[i] !== key)).toBe(-1);
  expect(chain.transforms[0]?.counts.calls).toBeGreaterThan(5);
});

describe("parameters that are refused", () => {
  let wasm: Uint8Array;
  beforeAll(async () => {
    wasm = await committed("json-split");
  });

  test.each<[Record<string, string>, string]>([
    [{ field: "" }, "the parameter `field` is empty"],
    [{ field: "a..b" }, "the path `a..b` cannot be read: expected a name at character 3"],
    [{ outer: "x" }, "the parameter `outer` is no JSON: invalid JSON at byte 0: expected a value"],
    [{ outer: "1" }, "the parameter `outer` must be a JSON object or array"],
    [{ outer: "{}" }, "the parameter `outer` names no field"],
    [{ outer: "[1]" }, "the parameter `outer` has 1 where a path in quotes should be"],
    [{ outer: '["$"]' }, "the path `$` has no name; write `outer` as an object to give it one"],
    [{ outer: '["a","b.a"]' }, "there are two fields that would be called `a`"],
    [{ outer: '["a"]', as: "a" }, "there are two fields that would be called `a`"],
    [{ as: "a" }, "the parameter `as` belongs to `outer`, which is not set"],
    [{ none: "skip" }, "the parameter `none` must be one of fail, keep, drop; not `skip`"],
    [{ fields: "a" }, "the parameter `fields` is not known; did you mean `field`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters)).toThrow(new Error(problem));
  });
});
