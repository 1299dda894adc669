import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf, type RecordInput } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { feed, openNamed, showEarlier } from "./chains.ts";
import { Guest } from "./guest.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("dedup");
});

const verdicts = (parameters: Record<string, string>, records: readonly (string | RecordInput)[]): string =>
  new Guest(wasm, parameters)
    .run(frameOf(records))
    .map(({ verdict }) => verdict[0])
    .join("");

describe("records are told apart", () => {
  test("by value, byte for byte, when nothing is said", () => {
    expect(verdicts({}, ["a", "b", "a", "", "", "a ", "b"])).toBe("kkdkdkd");
    expect(verdicts({ by: "value" }, ["a", "a"])).toBe("kd");
  });

  test("by key", () => {
    const records = ["x", "y", "x", "", ""].map((key, i) => ({ key, value: String(i) }));
    expect(verdicts({ by: "key" }, records)).toBe("kkdkd");
  });

  test("by a field, texts by what they stand for, and a text is not what it looks like", () => {
    const fields = [
      '"a"',
      '"\\u0061"',
      "1",
      '"1"',
      "1",
      "1.0",
      "null",
      "null",
      "true",
      '"true"',
      "[1]",
      "[1]",
      "[ 1]",
    ];
    const records = fields.map((field, i) => `{"n":${i},"f":${field}}`);
    expect(verdicts({ field: "f" }, records)).toBe("kdkkdkkdkkkdk");
  });

  test("by several fields, wherever one ends and the next begins", () => {
    const records = [
      ["a", "bc"],
      ["ab", "c"],
      ["a", "bc"],
      ["", "abc"],
      ["abc", ""],
      ["abc", ""],
    ];
    const texts = records.map(([x, y]) => JSON.stringify({ y, x }));
    expect(verdicts({ fields: '["x","y"]' }, texts)).toBe("kkdkkd");
    expect(verdicts({ fields: '["x"]' }, texts)).toBe("kkdkkd");
  });

  test("those without a key or a field are kept, dropped or failed, and never taken for each other", () => {
    const records = ["{}", "{}", '{"a":1}', '{"a":1}', '{"a":1,"b":2}', '{"a":1,"b":2}'];
    expect(verdicts({ fields: '["a","b"]' }, records)).toBe("kkkkkd");
    expect(verdicts({ fields: '["a","b"]', missing: "drop" }, records)).toBe("ddddkd");
    expect(verdicts({ by: "key" }, ["a", "a", { value: "a", key: "" }])).toBe("kkk");
    const [outcome] = new Guest(wasm, { by: "key", missing: "fail" }).run(frameOf(["a"]));
    expect(outcome).toStrictEqual({
      verdict: "failed",
      error: "the record does not have what it is told apart by",
    });
  });

  test("and one that is not JSON fails, unless it need not be", () => {
    expect(verdicts({ field: "a" }, ["x", '{"a":1}', "x"])).toBe("fkf");
    expect(verdicts({}, ["x", "x"])).toBe("kd");
  });
});

describe("memory", () => {
  test("is of the latest kept records; the oldest are forgotten", () => {
    expect(verdicts({ count: "2" }, ["a", "b", "a", "c", "b", "a", "c", "b"])).toBe("kkdkdkdk");
    expect(verdicts({ count: "1" }, ["a", "a", "b", "a", "a"])).toBe("kdkkd");
  });

  interface Seen {
    readonly id: number;
    readonly time: number;
  }

  /** Which records are kept, by looking through all that were. */
  function reference(records: readonly Seen[], count: number, age: number): string {
    const kept: Seen[] = [];
    return records
      .map((record) => {
        const before = kept.slice(-count).findLast(({ id }) => id === record.id);
        if (before !== undefined && Math.abs(record.time - before.time) < age) return "d";
        kept.push(record);
        return "k";
      })
      .join("");
  }

  const seen = fc.record({ id: fc.nat(20), time: fc.nat(100) });

  test("with age and count does what looking through the last records does", () => {
    fc.assert(
      fc.property(
        fc.array(seen, { maxLength: 200, size: "max" }),
        fc.integer({ min: 1, max: 25 }),
        fc.option(fc.nat(50)),
        (records, count, age) => {
          const parameters = {
            field: "id",
            count: String(count),
            ...(age === null ? {} : { age: `${age + 1}ms` }),
          };
          const frames = records.map(({ id, time }) => ({ value: `{"id":${id}}`, timestamp: time }));
          const expected = reference(records, count, age === null ? Infinity : age + 1);
          expect(verdicts(parameters, frames)).toBe(expected);
          const told = records.map((record) => JSON.stringify(record));
          if (age !== null) expect(verdicts({ ...parameters, time: "time" }, told)).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("of many records, grown and gone round, is the same", () => {
    const random = fc.sample(fc.nat(9000), { numRuns: 40_000, seed: 5 });
    for (const count of [2048, 3000, 100_000]) {
      const records = random.map((id) => ({ id, time: 0 }));
      const expected = random.length > 0 ? fastReference(random, count) : "";
      expect(
        verdicts(
          { field: "id", count: String(count) },
          records.map(({ id }) => `{"id":${id}}`),
        ) === expected,
      ).toBe(true);
    }
  });

  function fastReference(ids: readonly number[], count: number): string {
    // A map keeps the order in which its keys were put there.
    const kept = new Map<number, true>();
    return ids
      .map((id) => {
        if (kept.has(id)) return "d";
        kept.set(id, true);
        const [oldest] = kept.keys();
        if (kept.size > count) kept.delete(oldest as number);
        return "k";
      })
      .join("");
  }

  test("stays where it is once it has its size", () => {
    const guest = new Guest(wasm, { count: "5000" });
    let n = 0;
    const more = (): void => void guest.run(frameOf(Array.from({ length: 4000 }, () => `record ${n++}`)));
    more();
    more();
    const bytes = guest.bytes.length;
    for (let i = 0; i < 20; i++) more();
    expect(guest.bytes.length).toBe(bytes);
  });
});

describe("age", () => {
  test("counts from the record that was kept, in both directions", () => {
    const at = (...times: number[]): RecordInput[] => times.map((timestamp) => ({ value: "a", timestamp }));
    expect(verdicts({ age: "1s" }, at(5000, 5999, 6000, 6500, 7000, 6001, 6000))).toBe("kdkdkdk");
  });

  test("needs a time, and takes one from a field", () => {
    expect(verdicts({ age: "1s" }, ["a", { value: "a", timestamp: 5 }])).toBe("fk");
    const times = ['"2024-01-01T00:00:00Z"', '"2024-01-01T01:00:00.5+01:00"', "1704067201000", '"soon"'];
    const records = times.map((time) => `{"id":1,"at":${time}}`);
    expect(verdicts({ age: "1s", field: "id", time: "at" }, records)).toBe("kdkf");
  });
});

test("records shown before are remembered, whatever they look like", async () => {
  const chain = await openNamed("dedup", { field: "id", age: "1m" });
  expect(chain.transforms[0]).toMatchObject({ looksBack: true, stateful: true });
  showEarlier(chain, [{ value: '{"id":1}', timestamp: 1000 }, "no JSON", "{}", '{"id":2}']);
  const now = ['{"id":1}', '{"id":2}', '{"id":3}', '{"id":2}'].map((value) => ({ value, timestamp: 2000 }));
  expect(feed(chain, now).texts).toStrictEqual(['{"id":2}', '{"id":3}']);
});

describe("parameters that are refused", () => {
  test.each<[Record<string, string>, string]>([
    [{ by: "name" }, "the parameter `by` must be one of key, value; not `name`"],
    [{ by: "key", field: "a" }, "of the parameters `by`, `field` and `fields` only one can be set"],
    [{ field: "" }, "the parameter `field` is empty"],
    [{ fields: "a" }, "the parameter `fields` must be a JSON array of paths"],
    [{ fields: "[]" }, "the parameter `fields` names no field"],
    [{ fields: "[1]" }, "the parameter `fields` has 1 where a path in quotes should be"],
    [{ count: "0" }, "the parameter `count` must be a whole number from 1 to 10000000, not `0`"],
    [{ count: "1.5" }, "the parameter `count` must be a whole number from 1 to 10000000, not `1.5`"],
    [
      { count: "10000001" },
      "the parameter `count` must be a whole number from 1 to 10000000, not `10000001`",
    ],
    [{ age: "10" }, "the parameter `age` must be a duration such as `500ms`, `5s` or `1h 30m`, not `10`"],
    [{ age: "0s" }, "the parameter `age` must be a whole number of milliseconds, and not none, not `0s`"],
    [{ time: "at" }, "the parameter `time` belongs to `age`, which is not set"],
    [{ missing: "skip" }, "the parameter `missing` must be one of keep, drop, fail; not `skip`"],
    [{ feild: "a" }, "the parameter `feild` is not known; did you mean `field`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters)).toThrow(new Error(problem));
  });
});
