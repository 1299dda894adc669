import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { utf8 } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";
import type { RecordInput } from "../../src/record/index.ts";
import { committed } from "./built.ts";
import { type Fed, feed, openNamed } from "./chains.ts";
import { Guest } from "./guest.ts";

const sum = async (
  parameters: Record<string, string>,
  records: readonly (string | RecordInput)[],
): Promise<Fed> => feed(await openNamed("sum-by", { number: "n", ...parameters }), records);

/** The running sums of numbers, as they stand in the output. */
const sums = async (...numbers: readonly (string | number)[]): Promise<readonly string[]> =>
  (
    await sum(
      {},
      numbers.map((number) => `{"n":${number}}`),
    )
  ).texts.map((text) => text.slice(7, -1));

test("adds decimals up as they are written", async () => {
  expect(await sums("0.1", "0.2", "-0.3", "1e2", "1.500", "-101.5000", "-0.0", "1E-3", "-1")).toStrictEqual(
    "0.1 0.3 0 100 101.5 0 0 0.001 -0.999".split(" "),
  );
  expect(await sums("9007199254740993", "1", "18446744073709551615", "18446744073709551616")).toStrictEqual(
    "9007199254740993 9007199254740994 18455751272964292609 36902495346673844225".split(" "),
  );
});

interface Decimal {
  readonly digits: bigint;
  /** Digits behind the point; below 0 zeros before it. */
  readonly places: number;
}

const decimal = fc.record({
  digits: fc.oneof(
    fc.bigInt(-1000n, 1000n),
    fc.bigInt(-(10n ** 21n), 10n ** 21n),
    fc.bigInt(-(2n ** 63n), 2n ** 64n),
  ),
  places: fc.integer({ min: -3, max: 12 }),
});

/** One of the ways in which a number can be written. */
function written({ digits, places }: Decimal, way: number): string {
  const sign = digits < 0n ? "-" : "";
  const text = String(digits < 0n ? -digits : digits);
  if (way === 0 || places < 0) return `${sign}${text}e${-places}`;
  const exponent = text.length - 1 - places;
  if (way === 1) return `${sign}${text.slice(0, 1)}.${text.slice(1)}0E${exponent < 0 ? "" : "+"}${exponent}`;
  const padded = text.padStart(places + 1, "0");
  const point = padded.length - places;
  return `${sign}${padded.slice(0, point)}.${padded.slice(point)}0`;
}

function plain(units: bigint): string {
  const text = String(units < 0n ? -units : units).padStart(13, "0");
  const fraction = text.slice(-12).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${text.slice(0, -12)}${fraction === "" ? "" : `.${fraction}`}`;
}

test("gives what whole numbers of any length give, for each group, restarted anywhere", async () => {
  const record = fc.record({
    group: fc.constantFrom("a", "b"),
    number: decimal,
    way: fc.nat(2),
    quoted: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 60, size: "max" }), fc.nat(60), async (records, cut) => {
      const totals = new Map<string, bigint>();
      const expected = records.map(({ group, number }) => {
        const total = (totals.get(group) ?? 0n) + number.digits * 10n ** BigInt(12 - number.places);
        totals.set(group, total);
        return `{"group":"${group}","sum":${plain(total)}}`;
      });
      const texts = records.map(({ group, number, way, quoted }) => {
        const text = written(number, way);
        return `{"g":"${group}","n":${quoted ? `"${text}"` : text}}`;
      });
      const out: string[] = [];
      let accumulator: Uint8Array | undefined;
      for (const part of [texts.slice(0, cut), texts.slice(cut)].filter((each) => each.length > 0)) {
        const chain = await openNamed("sum-by", { number: "n", field: "g" }, { accumulator });
        const fed = feed(chain, part);
        expect(fed.failures).toStrictEqual([]);
        out.push(...fed.texts);
        accumulator = chain.transforms[0]?.accumulator();
      }
      expect(out).toStrictEqual(expected);
    }),
    { numRuns: 200 },
  );
});

describe("what does not fit", () => {
  const most = "9".repeat(38);

  test("fails its record, and the sum stays as it was", async () => {
    const numbers = [
      most,
      most,
      "-1",
      "1e-1",
      `-${most}`,
      "1e-38",
      "-1e-38",
      "1",
      `-${most}`,
      `-${most}`,
      "-1",
    ];
    const { texts, failures } = await sum(
      {},
      numbers.map((number) => `{"n":${number}}`),
    );
    expect(texts.map((text) => text.slice(7, -1))).toStrictEqual([
      most,
      `${most.slice(1)}8`.padStart(38, "9"),
      "-1",
      `-0.${most}`,
      "-1",
      "0",
      `-${most}`,
      `-1${"0".repeat(38)}`,
    ]);
    expect(failures).toStrictEqual([1, 3, 9].map((i) => [i, "the sum would need more than 38 digits"]));
  });

  test("may be a single number", async () => {
    for (const number of [
      "1e39",
      "1e-39",
      `${"1".repeat(41)}`,
      "1e999999999999",
      "-1e-400",
      "170141183460469231731687303715884105730",
    ]) {
      const { failures } = await sum({}, [`{"n":${number}}`, '{"n":1}']);
      expect(failures).toStrictEqual([[0, `the field \`n\` needs more than 38 digits: ${number}`]]);
    }
    expect(await sums(`0.${"0".repeat(500)}`, `1${"0".repeat(38)}`, "0e999999999999")).toStrictEqual([
      "0",
      `1${"0".repeat(38)}`,
      `1${"0".repeat(38)}`,
    ]);
  });

  test("accumulatorBytesMax: as many groups as there may be fit", async () => {
    const groups = Math.floor((limits.accumulatorBytesMax.default - 32) / 48);
    const chain = await openNamed("sum-by", { number: "n", field: "g", groups: String(groups) });
    const record = (_: unknown, i: number): string => `{"g":${i},"n":1}`;
    const { failures } = feed(chain, Array.from({ length: groups + 1 }, record));
    expect(failures.map(([index]) => index)).toStrictEqual([groups]);
    expect(chain.transforms[0]?.accumulator()?.length).toBe(32 + groups * 48);
  });
});

test("a field that is no number fails its record; one that is not there may be nothing", async () => {
  const fields = ["5", '"2.5"', '"5 "', '""', "true", "[]", "null", '"1e1"', '"0x1"'];
  const records = [...fields.map((field) => `{"n":${field}}`), "{}", "x"];
  const wrong = ['"5 "', '""', "true", "[]"].map((text, i) => [
    i + 2,
    `the field \`n\` is no number: ${text}`,
  ]);
  const invalid = [10, "invalid JSON at byte 0: expected a value"];
  expect(await sum({}, records)).toMatchObject({
    texts: ['{"sum":5}', '{"sum":7.5}', '{"sum":17.5}'],
    failures: [
      ...wrong,
      [6, "the field `n` is null"],
      [8, 'the field `n` is no number: "0x1"'],
      [9, "the field `n` is missing"],
      invalid,
    ],
  });
  expect(await sum({ missing: "zero" }, records)).toMatchObject({
    texts: ['{"sum":5}', '{"sum":7.5}', '{"sum":7.5}', '{"sum":17.5}', '{"sum":17.5}'],
    failures: [...wrong, [8, 'the field `n` is no number: "0x1"'], invalid],
  });
});

test("windows and groups are those of count-by", async () => {
  const records = [5, 15, 6, 25, 36, 7].map((timestamp) => ({
    value: `{"n":0.${timestamp},"g":"x"}`,
    timestamp,
  }));
  const { texts, failures } = await sum({ field: "g", window: "10ms" }, records);
  expect(texts).toStrictEqual([
    '{"group":"x","window":0,"sum":0.5}',
    '{"group":"x","window":10,"sum":0.15}',
    '{"group":"x","window":0,"sum":1.1}',
    '{"group":"x","window":20,"sum":0.25}',
    '{"group":"x","window":30,"sum":0.36}',
  ]);
  expect(failures).toStrictEqual([[5, "the record of 7 is late: a record of 36 has closed its window"]]);
});

test("a sum of all may begin with a number, and one of another field is refused", async () => {
  const chain = await openNamed("sum-by", { number: "n" }, { accumulator: utf8("-99.75") });
  expect(feed(chain, ['{"n":100}']).texts).toStrictEqual(['{"sum":0.25}']);
  const accumulator = chain.transforms[0]?.accumulator();
  const other = expect.stringContaining("has other groups, windows or numbers") as string;
  await expect(openNamed("sum-by", { number: "m" }, { accumulator })).rejects.toMatchObject({
    message: other,
  });
  await expect(openNamed("count-by", {}, { accumulator })).rejects.toMatchObject({ message: other });
  const none = expect.stringContaining("the accumulator is no number: 1,5") as string;
  await expect(openNamed("sum-by", { number: "n" }, { accumulator: utf8("1,5") })).rejects.toMatchObject({
    message: none,
  });
  const message = expect.stringContaining("leave `accumulator` out") as string;
  await expect(
    openNamed("sum-by", { number: "n", by: "key" }, { accumulator: utf8("1") }),
  ).rejects.toMatchObject({ message });
});

describe("parameters that are refused", () => {
  let wasm: Uint8Array;
  beforeAll(async () => {
    wasm = await committed("sum-by");
  });

  test.each<[Record<string, string>, string]>([
    [{}, "the parameter `number` is missing"],
    [
      { number: "a[" },
      "the path `a[` cannot be read: expected a position or a name in double quotes at character 3",
    ],
    [{ number: "a", missing: "0" }, "the parameter `missing` must be one of fail, zero; not `0`"],
    [
      { number: "a", by: "key", field: "b" },
      "of the parameters `by`, `field` and `fields` only one can be set",
    ],
    [
      { number: "a", groups: "21845" },
      "the parameter `groups` must be a whole number from 1 to 21844, not `21845`",
    ],
    [{ numbr: "a" }, "the parameter `numbr` is not known; did you mean `number`?"],
  ])("%j", (parameters, problem) => {
    expect(() => new Guest(wasm, parameters)).toThrow(new Error(problem));
  });
});
