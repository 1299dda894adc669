import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf, type RecordInput } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { feed, openNamed, showEarlier } from "./chains.ts";
import { Guest } from "./guest.ts";

let wasm: Uint8Array;
beforeAll(async () => {
  wasm = await committed("throttle");
});

const verdicts = (parameters: Record<string, string>, records: readonly (string | RecordInput)[]): string =>
  new Guest(wasm, parameters)
    .run(frameOf(records))
    .map(({ verdict }) => verdict[0])
    .join("");

const at = (...times: number[]): RecordInput[] => times.map((timestamp) => ({ value: "v", timestamp }));

test("keeps the first records of each interval, late ones in that which they happened in", () => {
  expect(verdicts({ count: "2", interval: "1s" }, at(0, 999, 500, 1000, 1001, 1002, 3, 2000, 1999))).toBe(
    "kkdkkddkd",
  );
});

test("a record without a time fails; a field can say it", () => {
  expect(verdicts({ count: "1", interval: "1s" }, ["v", ...at(0)])).toBe("fk");
  const parameters = { count: "1", interval: "1s", time: "at" };
  const times = [
    "1500",
    '"1970-01-01T00:00:01.999Z"',
    "1.5e3",
    "-1",
    "-1000",
    "-1001",
    "null",
    '"x"',
    "1e99",
  ];
  const outcomes = new Guest(wasm, parameters).run(
    frameOf([...times.map((time) => `{"at":${time}}`), "{}", "x"]),
  );
  expect(outcomes.map(({ verdict }) => verdict[0]).join("")).toBe("kddkdkfffff");
  const expected = "the time must be milliseconds since 1970 or a text such as 2024-01-31T12:00:00Z, not";
  expect(outcomes.slice(6).map(({ error }) => error)).toStrictEqual([
    `${expected} null`,
    `${expected} "x"`,
    `${expected} 1e99`,
    "the record has no field for its time",
    "invalid JSON at byte 0: expected a value",
  ]);
});

test("counts for each group what a plain reference counts", () => {
  const record = fc.record({
    user: fc.constantFrom("a", "b", undefined),
    time: fc.integer({ min: -50, max: 200 }),
  });
  fc.assert(
    fc.property(
      fc.array(record, { maxLength: 200, size: "max" }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 60 }),
      (records, count, length) => {
        const counts = new Map<string, number>();
        const expected = records.map(({ user, time }) => {
          const name = `${user} ${Math.floor(time / length)}`;
          const before = counts.get(name) ?? 0;
          if (before < count) counts.set(name, before + 1);
          return before < count ? "k" : "d";
        });
        const parameters = { count: String(count), interval: `${length}ms`, field: "user", time: "time" };
        expect(
          verdicts(
            parameters,
            records.map((each) => JSON.stringify(each)),
          ),
        ).toBe(expected.join(""));
      },
    ),
    { numRuns: 200 },
  );
});

test("by key, where records without one count together", () => {
  const keys = ["a", "b", "a", undefined, undefined, ""];
  const records = keys.map((key) => ({ value: "v", timestamp: 1, ...(key === undefined ? {} : { key }) }));
  expect(verdicts({ count: "1", interval: "1s", by: "key" }, records)).toBe("kkdkdk");
});

test("of more groups than are remembered the counts that began first begin anew", () => {
  const records = ["a", "b", "a", "c", "b", "a", "a", "c"].map((value) => ({ value, timestamp: 1 }));
  const parameters = { count: "1", interval: "1s", by: "value", groups: "2" };
  expect(verdicts(parameters, records)).toBe("kkdkdkdd");
  expect(verdicts({ ...parameters, groups: "3" }, records)).toBe("kkdkdddd");
});

test("records shown before count, whatever they look like", async () => {
  const chain = await openNamed("throttle", { count: "3", interval: "1s", field: "u" });
  expect(chain.transforms[0]).toMatchObject({ looksBack: true, stateful: true });
  const said = (value: string, timestamp: number): RecordInput => ({ value, timestamp });
  showEarlier(chain, [
    said('{"u":1}', 10),
    said('{"u":1}', 20),
    said("x", 30),
    '{"u":1}',
    said('{"u":1}', 1000),
  ]);
  const records = [said('{"u":1,"n":1}', 500), said('{"u":1,"n":2}', 501), said('{"u":2}', 502)];
  expect(feed(chain, records).texts).toStrictEqual(['{"u":1,"n":1}', '{"u":2}']);
});

describe("parameters that are refused", () => {
  test.each<[Record<string, string>, string]>([
    [{}, "the parameter `count` is missing"],
    [{ count: "1" }, "the parameter `interval` is missing"],
    [
      { count: "0", interval: "1s" },
      "the parameter `count` must be a whole number from 1 to 1000000000, not `0`",
    ],
    [
      { count: "1", interval: "1" },
      "the parameter `interval` must be a duration such as `500ms`, `5s` or `1h 30m`, not `1`",
    ],
    [
      { count: "1", interval: "1us" },
      "the parameter `interval` must be a whole number of milliseconds, and not none, not `1us`",
    ],
    [
      { count: "1", interval: "1s", groups: "x" },
      "the parameter `groups` must be a whole number from 1 to 10000000, not `x`",
    ],
    [
      { count: "1", interval: "1s", time: "a." },
      "the path `a.` cannot be read: expected a name at character 3",
    ],
    [{ count: "1", intervall: "1s" }, "the parameter `intervall` is not known; did you mean `interval`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters)).toThrow(new Error(problem));
  });
});
