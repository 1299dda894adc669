import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { utf8 } from "../../src/base/index.ts";
import { frameOf } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { Guest, type Outcome } from "./guest.ts";
import { jsonText, spell } from "./json-text.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("json-rename");
});

interface Wanted {
  readonly rename?: Record<string, string>;
  readonly remove?: readonly string[];
  readonly conflict?: "fail" | "keep" | "replace";
}

function change({ rename, remove, conflict }: Wanted, record: string): Outcome {
  const parameters = {
    ...(rename === undefined ? {} : { rename: JSON.stringify(rename) }),
    ...(remove === undefined ? {} : { remove: JSON.stringify(remove) }),
    ...(conflict === undefined ? {} : { conflict }),
  };
  return new Guest(wasm, parameters).run(frameOf([record]))[0]!;
}

test.each<[string, Wanted, string, string]>([
  ["a name", { rename: { a: "b" } }, '{"a": 1.50, "c":"\\u0061"}', '{"b": 1.50, "c":"\\u0061"}'],
  ["an escaped name", { rename: { a: 'q"é' } }, '{"\\u0061":1}', '{"q\\"é":1}'],
  ["a nested name", { rename: { "a.b": "c" } }, '{"b":1,"a":{"b":2}}', '{"b":1,"a":{"c":2}}'],
  ["around another", { rename: { a: "x", "a.b": "y" } }, '{"a":{"b":[{}]}}', '{"x":{"y":[{}]}}'],
  ["in an element", { rename: { "a[1].b": "c" } }, '{"a":[{"b":1},{"b":2}]}', '{"a":[{"b":1},{"c":2}]}'],
  ["at the root of an array", { rename: { "$[0].b": "c" } }, ' [{"b":1} ] ', ' [{"c":1} ] '],
  ["every member of the name", { rename: { a: "b" } }, '{"a":1,"a":2}', '{"b":1,"b":2}'],
  ["names swapped", { rename: { a: "b", b: "a" } }, '{"a":1,"b":2}', '{"b":1,"a":2}'],
  ["a chain of names", { rename: { a: "b", b: "c" } }, '{"a":1,"b":2}', '{"b":1,"c":2}'],
  ["to a removed name", { rename: { a: "b" }, remove: ["b"] }, '{"a":1,"b":2}', '{"b":1}'],
  ["removing the first", { remove: ["a"] }, '{ "a": 1, "b": 2 }', '{ "b": 2 }'],
  ["removing the last", { remove: ["b"] }, '{ "a": 1, "b": 2 }', '{ "a": 1 }'],
  ["removing the middle", { remove: ["b"] }, '{"a":1, "b":2, "c":3}', '{"a":1, "c":3}'],
  ["removing all", { remove: ["a", "b"] }, '{"a":1,"b":2}', "{}"],
  ["removing the ends", { remove: ["a", "c"] }, '{"a":1,"b":2,"c":3}', '{"b":2}'],
  ["removing each of a name", { remove: ["p"] }, '{"p":1,"b":2,"p":3}', '{"b":2}'],
  ["removing what is around", { remove: ["a"], rename: { "a.b": "c" } }, '{"a":{"b":1},"d":2}', '{"d":2}'],
])("%s", (_, wanted, record, expected) => {
  expect(change(wanted, record)).toStrictEqual({ verdict: "replaced", value: expected });
});

test("what has nothing to change is kept as it is", () => {
  const wanted = { rename: { a: "b", "c.d": "e", "f[0].g": "h", same: "same" }, remove: ["i"] };
  for (const record of ["{}", "[1]", '"a"', '{"b":1,"c":[2],"f":{"g":3}}', '{"c":{"a":1},"f":[]}']) {
    expect(change(wanted, record)).toStrictEqual({ verdict: "kept" });
  }
});

describe("a name that is there already", () => {
  const rename = { a: "b" };

  test("fails the record, in whatever order they come", () => {
    const error = "`a` cannot be renamed: there is `b` already";
    expect(change({ rename }, '{"a":1,"b":2}')).toStrictEqual({ verdict: "failed", error });
    expect(change({ rename }, '{"b":1,"a":2}')).toStrictEqual({ verdict: "failed", error });
    expect(change({ rename: { a: "x", b: "x" } }, '{"b":1,"a":2}').error).toBe(
      "`b` cannot be renamed: there is `x` already, which is renamed from `a`",
    );
  });

  test("stays, or is replaced", () => {
    expect(change({ rename, conflict: "keep" }, '{"a":1,"b":2}')).toStrictEqual({ verdict: "kept" });
    expect(change({ rename, conflict: "replace" }, '{"b":1,"a":2}').value).toBe('{"b":2}');
    const chain = { a: "b", c: "a" };
    expect(change({ rename: chain, conflict: "keep" }, '{"c":1,"a":2,"b":3}')).toStrictEqual({
      verdict: "kept",
    });
    expect(change({ rename: chain, conflict: "replace" }, '{"c":1,"a":2,"b":3}').value).toBe('{"a":1,"b":2}');
  });
});

/* A document of which every byte is known, so that what should become of it can be written down. */

interface Member {
  readonly name: string;
  /** The name as it is spelled, and white space: before it, behind it, before the value, behind that. */
  readonly spelled: string;
  readonly spaces: readonly [string, string, string, string];
  readonly value: Node;
}

type Node = string | readonly Member[];

const space = fc.constantFrom("", "", "", " ", "\n\t");
const name = fc.constantFrom("a", "b", "c", "d");
const spelling = fc.nat(3);
/** Objects in leaves are out of reach of the paths. */
const leaf = jsonText.map((text) => (text.trim().startsWith("{") ? `[${text}]` : text.trim()));
const { node } = fc.letrec<{ node: Node; member: Member }>((tie) => ({
  node: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie("member"), { maxLength: 5 })),
  member: fc
    .tuple(name, spelling, fc.tuple(space, space, space, space), tie("node"))
    .map(([text, way, spaces, value]) => ({
      name: text,
      spelled: way === 0 ? `"\\u00${text.charCodeAt(0).toString(16)}"` : JSON.stringify(text),
      spaces,
      value,
    })),
}));

const print = (at: Node): string => (typeof at === "string" ? at : expectedText(at, "", {}));

/** What a document becomes, or undefined where it fails. */
function expectedText(members: readonly Member[], path: string, wanted: Wanted): string {
  const outcomes = expectedOutcomes(new Set(members.map((member) => member.name)), path, wanted);
  let out = "{";
  let hasKept = false;
  let isJoined = true;
  for (const [index, { name: old, spelled, spaces, value }] of members.entries()) {
    const [before, behind, beforeValue, after] = spaces;
    const outcome = outcomes.get(old);
    if (outcome === undefined) {
      if (index === 0) out += before;
      if (hasKept || index === members.length - 1) out += after;
      isJoined = !hasKept;
      continue;
    }
    const inner = typeof value === "string" ? value : expectedText(value, `${path}${old}.`, wanted);
    if (index === 0 || !isJoined || hasKept) out += index === 0 ? before : `,${before}`;
    out += `${outcome === old ? spelled : JSON.stringify(outcome)}${behind}:${beforeValue}${inner}${after}`;
    hasKept = true;
    isJoined = false;
  }
  return `${out}}`;
}

class Conflict extends Error {}

/** The new name of each member of an object; none for those that go. */
function expectedOutcomes(
  present: ReadonlySet<string>,
  path: string,
  { rename = {}, remove = [], conflict = "fail" }: Wanted,
): Map<string, string> {
  const result = new Map<string, string>();
  for (const each of present) if (!remove.includes(path + each)) result.set(each, each);
  const order = Object.keys(rename).filter(
    (from) => result.has(from.slice(path.length)) && from.startsWith(path),
  );
  const renames = order.map((from) => [from.slice(path.length), rename[from]!] as const);
  for (const [from, to] of renames) result.set(from, to);
  for (;;) {
    const clash = renames.find(([from, to], index) => {
      if (result.get(from) !== to || from === to) return false;
      const isEarlier = renames
        .slice(0, index)
        .some(([other, same]) => same === to && result.get(other) === to);
      return result.get(to) === to || isEarlier;
    });
    if (clash === undefined) return result;
    if (conflict === "fail") throw new Conflict();
    const [from, to] = clash;
    if (conflict === "keep") result.set(from, from);
    else {
      const inWay =
        result.get(to) === to
          ? to
          : renames.find(([other, same]) => same === to && result.get(other) === to)![0];
      result.delete(inWay);
    }
  }
}

test("does to every byte what a plain reference does", () => {
  const path = fc.array(name, { minLength: 1, maxLength: 2 }).map((names) => names.join("."));
  const wanted = fc.record({
    rename: fc.dictionary(path, fc.constantFrom("a", "b", "x", "y"), {
      minKeys: 1,
      maxKeys: 4,
      noNullPrototype: true,
    }),
    remove: fc.array(path, { maxLength: 2 }),
    conflict: fc.constantFrom("fail" as const, "keep" as const, "replace" as const),
  });
  const counts = { failed: 0, replaced: 0 };
  fc.assert(
    fc.property(node, wanted, (document, given) => {
      const remove = given.remove.filter((each) => !Object.hasOwn(given.rename, each));
      const rules = { ...given, remove };
      fc.pre(typeof document !== "string");
      const text = print(document);
      const outcome = change(rules, text);
      let expected: string | undefined;
      try {
        expected = expectedText(document as readonly Member[], "", rules);
      } catch (error) {
        if (!(error instanceof Conflict)) throw error;
      }
      if (expected === undefined) counts.failed++;
      else counts.replaced++;
      if (expected === undefined) expect(outcome.verdict).toBe("failed");
      else expect(outcome.value ?? text).toBe(expected);
    }),
    { numRuns: 1000 },
  );
  // Both outcomes must have been seen, or the property says little.
  expect(counts.failed).toBeGreaterThan(20);
  expect(counts.replaced).toBeGreaterThan(300);
});

test("takes what JSON.parse takes and nothing else", () => {
  const guest = new Guest(wasm, { rename: '{"a.b":"c","level[0].a":"x"}' });
  const mutated = fc
    .tuple(
      fc.jsonValue(),
      fc.infiniteStream(fc.nat(255)),
      fc.nat(),
      fc.constantFrom("", "{", '"', ",", "]", "\\", "1", "}"),
    )
    .map(([value, choices, at, put]) => {
      const text = `{"a":${spell(value, () => choices.next().value as number)},"level":[{"a":1}]}`;
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + (at % 3));
    })
    .filter((text) => !/[\ud800-\udfff]/u.test(text));
  fc.assert(
    fc.property(mutated, (text) => {
      // What follows in memory, and would complete a text that is cut off, must not matter.
      const { verdict } = guest.run(frameOf([text]), { after: utf8('":1}]}"}') })[0]!;
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(verdict === "failed").toBe(!isJson);
    }),
    { numRuns: 500 },
  );
});

test("records one behind another, more than the output region takes", () => {
  const records = Array.from({ length: 500 }, (_, i) => `{"n":${i},"a":"${"x".repeat(i)}"}`);
  const guest = new Guest(wasm, { rename: '{"a":"longer"}' });
  const outcomes = guest.run(frameOf(records), { outputBytes: 1000 });
  expect(outcomes.map(({ value }) => value)).toStrictEqual(
    records.map((text) => text.replace('"a"', '"longer"')),
  );
  expect(guest.calls).toBeGreaterThan(10);
});

test("no more is written to the output region than fits", () => {
  const long = "n".repeat(600);
  const guest = new Guest(wasm, { rename: `{"a":"${long}"}` });
  const outcomes = guest.run(frameOf(Array.from({ length: 60 }, () => '{"a":1}')), { outputBytes: 1000 });
  expect(new Set(outcomes.map(({ value }) => value))).toStrictEqual(new Set([`{"${long}":1}`]));
  // The second one of two does not fit, and ends the call.
  expect(guest.calls).toBe(30);
});

test("a record that is not JSON fails alone", () => {
  const outcomes = new Guest(wasm, { remove: '["a"]' }).run(frameOf(['{"a":1}', '{"a":1', "", '{"a":2} x']));
  expect(outcomes).toStrictEqual([
    { verdict: "replaced", value: "{}" },
    { verdict: "failed", error: "invalid JSON at byte 6: it ends before it is complete" },
    { verdict: "failed", error: "invalid JSON at byte 0: it ends before it is complete" },
    { verdict: "failed", error: "invalid JSON at byte 8: expected nothing more" },
  ]);
});

describe("parameters that are refused", () => {
  test.each<[Record<string, string>, string]>([
    [{}, "one of the parameters `rename` and `remove` must be set"],
    [{ rename: "[]" }, "the parameter `rename` must be a JSON object of paths and new names"],
    [{ rename: '{"a":1}' }, "the parameter `rename` has 1 where a new name in quotes should be"],
    [
      { rename: '{"a[":"b"}' },
      "the path `a[` cannot be read: expected a position or a name in double quotes at character 3",
    ],
    [{ rename: '{"a[0]":"b"}' }, "the path `a[0]` does not end in the name of a member"],
    [{ rename: '{"$":"b"}' }, "the path `$` does not end in the name of a member"],
    [{ rename: '{"a":"b","$.a":"c"}' }, "the path `$.a` is renamed twice"],
    [{ remove: "a" }, "the parameter `remove` must be a JSON array of paths"],
    [{ remove: "[1]" }, "the parameter `remove` has 1 where a path in quotes should be"],
    [{ rename: '{"a":"b"}', remove: '["a"]' }, "the path `a` is both renamed and removed"],
    [
      { remove: '["a"]', conflict: "replaces" },
      "the parameter `conflict` must be one of fail, keep, replace; not `replaces`, did you mean `replace`?",
    ],
    [{ renames: "{}" }, "the parameter `renames` is not known; did you mean `rename`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters)).toThrow(new Error(problem));
  });
});
