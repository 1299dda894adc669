import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { utf8 } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import type { RecordInput } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { type Fed, feed, openNamed } from "./chains.ts";
import { Guest } from "./guest.ts";

const count = async (
  parameters: Record<string, string>,
  records: readonly (string | RecordInput)[],
): Promise<Fed> => feed(await openNamed("count-by", parameters), records);

describe("groups", () => {
  test("without one all records are counted, JSON or not", async () => {
    expect((await count({}, ["a", "", '{"x":1}'])).texts).toStrictEqual([
      '{"count":1}',
      '{"count":2}',
      '{"count":3}',
    ]);
  });

  test("of a field stand there as in the record; what is not there is null", async () => {
    const fields = ['"a\\u0062"', '"ab"', "1", '"1"', "1.0", "null", "{}", "[1, 2]", "true"];
    const records = [...fields.map((field) => `{"f":${field}}`), '{"g":1}', "no JSON"];
    const { texts, failures } = await count({ field: "f" }, records);
    expect(texts).toStrictEqual([
      '{"group":"a\\u0062","count":1}',
      '{"group":"ab","count":2}',
      '{"group":1,"count":1}',
      '{"group":"1","count":1}',
      '{"group":1.0,"count":1}',
      '{"group":null,"count":1}',
      '{"group":{},"count":1}',
      '{"group":[1, 2],"count":1}',
      '{"group":true,"count":1}',
      '{"group":null,"count":1}',
    ]);
    expect(failures).toStrictEqual([[10, "invalid JSON at byte 0: expected a value"]]);
  });

  test("of keys, values and several fields", async () => {
    const keyed = [{ value: "x", key: 'k"' }, "y", { value: "z", key: 'k"' }];
    expect((await count({ by: "key" }, keyed)).texts).toStrictEqual([
      '{"group":"k\\"","count":1}',
      '{"group":null,"count":1}',
      '{"group":"k\\"","count":2}',
    ]);
    expect((await count({ by: "value" }, ["é", "b", "é"])).texts[2]).toBe('{"group":"é","count":2}');
    const fields = { fields: '["b","a.c"]' };
    expect(
      (await count(fields, ['{"a":{"c":1},"b":"x"}', '{"b":"x"}', '{"b":"x","a":{"c":1}}'])).texts,
    ).toStrictEqual([
      '{"group":["x",1],"count":1}',
      '{"group":["x",null],"count":1}',
      '{"group":["x",1],"count":2}',
    ]);
  });

  test("are as many as may be; a record that begins one more fails and counts nowhere", async () => {
    const chain = await openNamed("count-by", { by: "value", groups: "2" });
    expect(feed(chain, ["a", "b", "c", "a", "c"])).toMatchObject({
      texts: ['{"group":"a","count":1}', '{"group":"b","count":1}', '{"group":"a","count":2}'],
      failures: [2, 4].map((i) => [
        i,
        "there are 2 groups already, and this record begins another; raise `groups`",
      ]),
    });
  });

  test("accumulatorBytesMax: as many as there may be fit, and go on after a restart", async () => {
    const most = Math.floor((limits.accumulatorBytesMax.default - 32) / 32);
    const parameters = { by: "value", groups: String(most) };
    const chain = await openNamed("count-by", parameters);
    const records = Array.from({ length: most }, (_, i) => `r${i}`);
    expect(feed(chain, records).failures).toStrictEqual([]);
    const accumulator = chain.transforms[0]?.accumulator();
    expect(accumulator?.length).toBe(32 + most * 32);
    const again = await openNamed("count-by", parameters, { accumulator });
    const { texts } = feed(again, records);
    expect(texts.every((text) => text.endsWith('"count":2}'))).toBe(true);
  });
});

describe("windows", () => {
  const at = (...times: number[]): RecordInput[] => times.map((timestamp) => ({ value: "v", timestamp }));

  test("begin at multiples of their length, and close once a record is late enough", async () => {
    const parameters = { window: "10ms", late: "5ms" };
    expect(await count(parameters, at(13, 19, 20, 14, 24, 15, 25, 16, 34, 29))).toMatchObject({
      texts: [
        '{"window":10,"count":1}',
        '{"window":10,"count":2}',
        '{"window":20,"count":1}',
        '{"window":10,"count":3}',
        '{"window":20,"count":2}',
        '{"window":10,"count":4}',
        '{"window":20,"count":3}',
        '{"window":30,"count":1}',
        '{"window":20,"count":4}',
      ],
      failures: [[7, "the record of 16 is late: a record of 25 has closed its window"]],
    });
  });

  test("make room for groups when they close", async () => {
    const records = [1, 2, 11, 12, 21, 31].map((timestamp) => ({ value: String(timestamp % 10), timestamp }));
    const { texts, failures } = await count(
      { by: "value", window: "10ms", late: "0s", groups: "2" },
      records,
    );
    expect(texts).toHaveLength(6);
    expect(failures).toStrictEqual([]);
    const kept = await count({ by: "value", window: "10ms", groups: "2" }, records);
    expect(kept.failures.map(([index]) => index)).toStrictEqual([2, 3]);
    expect(kept.failures[0]?.[1]).toContain("raise `groups`, or shorten `window` or `late`");
  });

  test("need a time", async () => {
    expect((await count({ window: "1s" }, ["a"])).failures).toStrictEqual([[0, "the record has no time"]]);
    const { texts } = await count({ window: "1h", time: "t" }, [
      '{"t":"2024-02-29T23:59:59.999-00:30"}',
      '{"t":-1}',
    ]);
    expect(texts).toStrictEqual([`{"window":${Date.parse("2024-03-01T00:00:00Z")},"count":1}`]);
  });
});

interface Told {
  readonly group: string;
  readonly time: number;
}

/** What comes out, or undefined for a record that fails. */
function reference(
  records: readonly Told[],
  window: number,
  late: number,
  groups: number,
): (string | undefined)[] {
  const counts = new Map<string, number>();
  let latest = -Infinity;
  return records.map(({ group, time }) => {
    const start = Math.floor(time / window) * window;
    latest = Math.max(latest, time);
    const isOpen = (from: number): boolean => from + window > latest - late;
    for (const name of counts.keys()) if (!isOpen(Number(name.split(" ")[0]))) counts.delete(name);
    const name = `${start} ${group}`;
    if (!isOpen(start) || (!counts.has(name) && counts.size >= groups)) return undefined;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return JSON.stringify({ group, window: start, count: counts.get(name) });
  });
}

test("does what a plain reference does, restarted anywhere", async () => {
  const told = fc.record({
    group: fc.constantFrom("a", "b", "c", "d"),
    time: fc.integer({ min: -60, max: 150 }),
  });
  const settings = fc.record({
    window: fc.integer({ min: 1, max: 40 }),
    late: fc.option(fc.nat(60)),
    groups: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(told, { maxLength: 120, size: "max" }),
      settings,
      fc.nat(120),
      async (records, { window, late, groups }, cut) => {
        const parameters = {
          field: "group",
          time: "time",
          window: `${window}ms`,
          groups: String(groups),
          ...(late === null ? {} : { late: `${late}ms` }),
        };
        const expected = reference(records, window, late ?? window, groups);
        const texts = records.map((record) => JSON.stringify(record));
        const parts = [texts.slice(0, cut), texts.slice(cut)].filter((part) => part.length > 0);
        const out: string[] = [];
        let accumulator: Uint8Array | undefined;
        for (const part of parts) {
          const chain = await openNamed("count-by", parameters, { accumulator });
          out.push(...feed(chain, part).texts);
          accumulator = chain.transforms[0]?.accumulator();
        }
        expect(out).toStrictEqual(expected.filter((text) => text !== undefined));
      },
    ),
    { numRuns: 200 },
  );
});

describe("an accumulator", () => {
  test("of other parameters is refused", async () => {
    const chain = await openNamed("count-by", { field: "a", window: "1m" });
    feed(chain, [{ value: '{"a":1}', timestamp: 1 }]);
    const accumulator = chain.transforms[0]?.accumulator();
    const message = expect.stringContaining(
      "what was added up so far has other groups, windows or numbers",
    ) as string;
    for (const other of [
      { field: "b", window: "1m" },
      { field: "a", window: "2m" },
      { field: "a" },
      { field: "a", window: "1m", time: "t" },
    ]) {
      await expect(openNamed("count-by", other, { accumulator })).rejects.toMatchObject({
        code: "module.init",
        message,
      });
    }
    const same = await openNamed(
      "count-by",
      { field: "a", window: "60s", late: "5m", groups: "9" },
      { accumulator },
    );
    expect(feed(same, [{ value: '{"a":1}', timestamp: 2 }]).texts).toStrictEqual([
      '{"group":1,"window":0,"count":2}',
    ]);
  });

  test("that was cut off is refused", async () => {
    const chain = await openNamed("count-by", { by: "value" });
    feed(chain, ["a", "b"]);
    const accumulator = chain.transforms[0]?.accumulator()?.subarray(0, -1);
    const message = expect.stringContaining("what was added up so far is not as long as it says") as string;
    await expect(openNamed("count-by", { by: "value" }, { accumulator })).rejects.toMatchObject({ message });
  });

  test("may be a number that a count of all begins with", async () => {
    const chain = await openNamed("count-by", {}, { accumulator: utf8("41") });
    expect(feed(chain, ["a"]).texts).toStrictEqual(['{"count":42}']);
    const on = await openNamed("count-by", {}, { accumulator: chain.transforms[0]?.accumulator() });
    expect(feed(on, ["a"]).texts).toStrictEqual(['{"count":43}']);
    for (const wrong of ["x", "1.5", "1e300"]) {
      const message = expect.stringContaining(`the accumulator is no count: ${wrong}`) as string;
      await expect(openNamed("count-by", {}, { accumulator: utf8(wrong) })).rejects.toMatchObject({
        message,
      });
    }
    const message = expect.stringContaining("leave `accumulator` out") as string;
    await expect(openNamed("count-by", { field: "a" }, { accumulator: utf8("1") })).rejects.toMatchObject({
      message,
    });
    await expect(openNamed("count-by", { window: "1s" }, { accumulator: utf8("1") })).rejects.toMatchObject({
      message,
    });
  });
});

describe("parameters that are refused", () => {
  let wasm: Uint8Array;
  beforeAll(async () => {
    wasm = await committed("count-by");
  });

  test.each<[Record<string, string>, string]>([
    [{ by: "field" }, "the parameter `by` must be one of key, value; not `field`"],
    [{ by: "key", fields: '["a"]' }, "of the parameters `by`, `field` and `fields` only one can be set"],
    [
      { window: "1 minut" },
      "the parameter `window` must be a duration such as `500ms`, `5s` or `1h 30m`, not `1 minut`",
    ],
    [
      { window: "0s" },
      "the parameter `window` must be a whole number of milliseconds, and not none, not `0s`",
    ],
    [
      { window: "1s", late: "x" },
      "the parameter `late` must be a duration such as `500ms`, `5s` or `1h 30m`, not `x`",
    ],
    [{ late: "1s" }, "the parameter `late` belongs to `window`, which is not set"],
    [{ time: "t" }, "the parameter `time` belongs to `window`, which is not set"],
    [{ groups: "32768" }, "the parameter `groups` must be a whole number from 1 to 32767, not `32768`"],
    [{ group: "a" }, "the parameter `group` is not known; did you mean `groups`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters)).toThrow(new Error(problem));
  });
});
