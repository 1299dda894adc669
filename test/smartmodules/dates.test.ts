import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { buildMs, buildProbe } from "./built.ts";
import { Guest } from "./guest.ts";

let probe: Uint8Array;
beforeAll(async () => {
  probe = await buildProbe("dates");
}, buildMs);

const run = (parameters: Record<string, string>, records: readonly (string | Uint8Array)[]): unknown[] =>
  new Guest(probe, parameters).run(frameOf(records)).map(({ value, error }) => value ?? error);

const parse = (...texts: (string | Uint8Array)[]): unknown[] =>
  run({ do: "parse" }, texts).map((each) => (each === "none" ? undefined : Number(each)));

const parseForm = (format: string, ...texts: string[]): unknown[] =>
  run({ do: "parseForm", format }, texts).map((each) => (each === "none" ? undefined : Number(each)));

const bytesOf = (...values: readonly (number | bigint)[]): Uint8Array =>
  new Uint8Array(new BigInt64Array(values.map(BigInt)).buffer);

/** All that a Date of JavaScript can be. */
const dateMsMax = 8.64e15;
const anyMs = fc.oneof(
  fc.integer({ min: -dateMsMax, max: dateMsMax }),
  fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
  fc.integer({ min: -100_000, max: 100_000 }),
);
/** The years that four digits can say. */
const shortMs = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

describe("writing", () => {
  test("RFC 3339 is what toISOString gives", () => {
    fc.assert(
      fc.property(fc.array(anyMs, { minLength: 100, maxLength: 100 }), (times) => {
        expect(
          run(
            { do: "format" },
            times.map((ms) => bytesOf(ms)),
          ),
        ).toStrictEqual(times.map((ms) => new Date(ms).toISOString()));
      }),
    );
  });

  test("the first and the last number that there is", () => {
    expect(run({ do: "format" }, [bytesOf(2n ** 63n - 1n), bytesOf(-(2n ** 63n))])).toStrictEqual([
      "+292278994-08-17T07:12:55.807Z",
      "-292275055-05-16T16:47:04.192Z",
    ]);
  });

  test("forms", () => {
    const ms = Date.UTC(2024, 1, 9, 3, 4, 5, 67);
    const write = (format: string): unknown => run({ do: "formatForm", format }, [bytesOf(ms)])[0];
    expect(write("%Y-%m-%d %H:%M:%S.%L%z")).toBe("2024-02-09 03:04:05.067+0000");
    expect(write("%d/%b/%Y:%T %z")).toBe("09/Feb/2024:03:04:05 +0000");
    expect(write("%a, %e %b")).toBe("Fri,  9 Feb");
    expect(write("%s %Q %f")).toBe("1707447845 1707447845067 067000");
    expect(write("%F %% é\u{1f600}|")).toBe("2024-02-09 % é\u{1f600}|");
    expect(run({ do: "formatForm", format: "%s %L %f" }, [bytesOf(-1)])[0]).toBe("-1 999 999000");
  });

  test("forms agree with Date for all times", () => {
    const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    fc.assert(
      fc.property(fc.array(anyMs, { minLength: 50, maxLength: 50 }), (times) => {
        const written = run(
          { do: "formatForm", format: "%FT%T.%LZ %a %Q" },
          times.map((ms) => bytesOf(ms)),
        );
        expect(written).toStrictEqual(
          times.map((ms) => `${new Date(ms).toISOString()} ${weekdays[new Date(ms).getUTCDay()]} ${ms}`),
        );
      }),
    );
  });
});

describe("reading", () => {
  const pad = (value: number, length = 2): string => String(value).padStart(length, "0");
  const offset = fc.oneof(
    fc.constantFrom("Z", "z"),
    fc
      .tuple(fc.constantFrom("+", "-"), fc.nat(23), fc.nat(59))
      .map(([sign, hours, minutes]) => `${sign}${pad(hours)}:${pad(minutes)}`),
  );

  test("RFC 3339 is read as Date.parse reads it", () => {
    const text = fc
      .tuple(
        shortMs,
        offset,
        fc.constantFrom("T", "t", " "),
        fc.constantFrom("", ".", ".1", ".12", ".1239", ".999999999"),
      )
      .map(([ms, zone, separator, fraction]) => {
        const iso = new Date(ms).toISOString();
        const point = fraction === "." ? iso.slice(19, 23) : fraction;
        return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${point}${zone}`;
      });
    fc.assert(
      fc.property(fc.array(text, { minLength: 50, maxLength: 50 }), (texts) => {
        expect(parse(...texts)).toStrictEqual(
          texts.map((each) => Date.parse(`${each.slice(0, 10)}T${each.slice(11).replace("z", "Z")}`)),
        );
      }),
    );
  });

  test("what is written is read again", () => {
    fc.assert(
      fc.property(fc.array(shortMs, { minLength: 50, maxLength: 50 }), (times) => {
        expect(parse(...times.map((ms) => new Date(ms).toISOString()))).toStrictEqual(times);
        for (const format of ["%Y-%m-%d %H:%M:%S.%L", "%a %e %b %Y %T.%f%z", "%Q"]) {
          const written = run(
            { do: "formatForm", format },
            times.map((ms) => bytesOf(ms)),
          ) as string[];
          expect(parseForm(format, ...written)).toStrictEqual(times);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("any number in the place of another is a date if Date.parse says so", () => {
    const part = (max: number): fc.Arbitrary<string> =>
      fc.integer({ min: 0, max }).map((value) => pad(value));
    const text = fc
      .tuple(
        fc.constantFrom("1900", "2000", "2023", "2024", "0000"),
        part(14),
        part(33),
        part(25),
        part(61),
        part(61),
      )
      .map(
        ([year, month, day, hour, minute, second]) => `${year}-${month}-${day}T${hour}:${minute}:${second}Z`,
      );
    fc.assert(
      fc.property(fc.array(text, { minLength: 200, maxLength: 200 }), (texts) => {
        const expected = texts.map((each) => {
          const ms = Date.parse(each);
          // Date lets 30 February be 1 March.
          const isReal =
            !Number.isNaN(ms) &&
            (each.includes("T24") || new Date(ms).toISOString().startsWith(each.slice(0, 10)));
          const day = Date.parse(`${each.slice(0, 10)}T00:00:00Z`);
          return isReal && new Date(day).toISOString().startsWith(each.slice(0, 10)) ? ms : undefined;
        });
        expect(parse(...texts.filter((each) => !each.includes("23:59:60")))).toStrictEqual(
          expected.filter((_, i) => !texts[i]?.includes("23:59:60")),
        );
      }),
    );
  });

  test.each([
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["2024-02-29T12:30", Date.UTC(2024, 1, 29, 12, 30)],
    ["2024-02-29 12:30:15,25+02", Date.UTC(2024, 1, 29, 10, 30, 15, 250)],
    ["2024-02-29T12:30:15-0130", Date.UTC(2024, 1, 29, 14, 0, 15)],
    ["2024-12-31T24:00:00Z", Date.UTC(2025, 0, 1)],
    ["2016-12-31T23:59:60Z", Date.UTC(2017, 0, 1)],
    ["2016-12-31T23:59:60.5Z", Date.UTC(2017, 0, 1) + 500],
    ["2017-01-01T01:59:60+02:00", Date.UTC(2017, 0, 1)],
    ["1969-12-31T23:59:59.9999Z", -1],
  ])("%s is %d", (text, ms) => {
    expect(parse(text)).toStrictEqual([ms]);
  });

  test.each([
    "",
    "2024",
    "2024-02",
    "2024-02-30",
    "2023-02-29",
    "1900-02-29",
    "2024-00-10",
    "2024-13-10",
    "2024-02-00",
    "24-02-10",
    "2024/02/10",
    "2024-02-10T",
    "2024-02-10T1",
    "2024-02-10T10",
    "2024-02-10T10:",
    "2024-02-10T10:1",
    "2024-02-10T10:10:",
    "2024-02-10T10:10:1",
    "2024-02-10T10:10:10.",
    "2024-02-10T10:10:10.Z",
    "2024-02-10T10:10:10Zz",
    "2024-02-10T10:10:10+",
    "2024-02-10T10:10:10+2",
    "2024-02-10T10:10:10+24:00",
    "2024-02-10T10:10:10+02:60",
    "2024-02-10T10:10:10+02:",
    "2024-02-10T10:10:10+02:0",
    "2024-02-10T10:10:10+020",
    "2024-02-10T25:00:00Z",
    "2024-02-10T24:00:01Z",
    "2024-02-10T24:00:00.001Z",
    "2024-02-10T10:60:00Z",
    "2024-02-10T10:10:60Z",
    "2024-02-10T10:10:61Z",
    "2024-02-10x10:10:10Z",
    " 2024-02-10",
    "2024-02-10 ",
    "2024-02-10T10.10.10Z",
    "+02024-02-10",
    "２０２４-02-10",
  ])("%j is none", (text) => {
    expect(parse(text)).toStrictEqual([undefined]);
  });

  test("what stands after a record has no influence", () => {
    const text = "2024-02-29T12:30:15.250+02:00";
    for (let length = 0; length <= text.length; length++) {
      const cut = text.slice(0, length);
      const ends = ["", text.slice(length), "0000000", ":00:00Z", "-01-01"].map((after) => {
        const guest = new Guest(probe, { do: "parse" });
        return guest.run(frameOf([cut]), { after: new TextEncoder().encode(after) })[0]?.value;
      });
      expect(new Set(ends).size, cut).toBe(1);
    }
  });

  test("bytes of any kind are never more than no date", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 50 }), (all) => {
        for (const each of parse(...all)) expect(each === undefined || Number.isSafeInteger(each)).toBe(true);
      }),
    );
  });

  test.each([
    ["%d/%b/%Y:%H:%M:%S %z", "09/feb/2024:03:04:05 +0100", Date.UTC(2024, 1, 9, 2, 4, 5)],
    ["%d/%b/%Y:%H:%M:%S %z", "09/Feb/2024:03:04:05", undefined],
    ["%a %e", "Thu  1", 0],
    ["%a %e", "Fri  1", undefined],
    ["%a %e", "Xri  1", undefined],
    ["%b", "Ju", undefined],
    ["%e", "31", 30 * 86_400_000],
    ["%F", "2024-02-30", undefined],
    ["%T", "23:59:59", 86_399_000],
    ["%T", "24:00:00", undefined],
    ["%T", "00:00:60", undefined],
    ["%H", "-1", undefined],
    ["%T.%f", "00:00:01.5", 1500],
    ["%T.%f", "00:00:01.123456789", 1123],
    ["%T.%f", "00:00:01.1234567891", undefined],
    ["%T.%f", "00:00:01.", undefined],
    ["%T.%L", "00:00:01.12", undefined],
    ["%s", "-12", -12_000],
    ["%s.%f", "12.5", 12_500],
    ["%s", "", undefined],
    ["%s", "-", undefined],
    ["%Q", "999999999999999", 999_999_999_999_999],
    ["%Q", "1000000000000000", undefined],
    ["%%%M", "%07", 420_000],
    ["é%M", "é07", 420_000],
    ["é%M", "è07", undefined],
    ["%M%z", "07Z", 420_000],
    ["%M%z", "07", undefined],
    ["%M", "07 ", undefined],
    ["%M", "7", undefined],
  ] as const)("%s of %s is %s", (format, text, ms) => {
    expect(parseForm(format, text)).toStrictEqual([ms]);
  });
});

test("windows are the same as with BigInt, before 1970 too", () => {
  const ms = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
  const windowMs = fc.bigInt({ min: 1n, max: 10n ** 9n });
  fc.assert(
    fc.property(fc.array(fc.tuple(ms, windowMs, ms), { minLength: 50 }), (all) => {
      const found = run(
        { do: "window" },
        all.map((each) => bytesOf(...each)),
      );
      for (const [i, [time, length, origin]] of all.entries()) {
        const start = BigInt(found[i] as string);
        expect(start <= time && time < start + length && (start - origin) % length === 0n).toBe(true);
      }
    }),
  );
});

test.each([
  ["%Y-%q", "%q at character 4 is not known, known are %Y %m %d %e %H %M %S %L %f %z %s %Q %b %a %F %T %%"],
  ["%Y%", "it ends with a % at character 3"],
])("the format %s is refused", (format, problem) => {
  expect(() => run({ do: "format", format }, [])).toThrow(
    new Error(`the date format \`${format}\` cannot be read: ${problem}`),
  );
});
