import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { parseDurationMs } from "../../src/base/index.ts";
import { buildModule } from "../../src/devkit/index.ts";
import { frameOf, type RecordInput } from "../../src/record/index.ts";
import { buildMs } from "./built.ts";
import { Guest } from "./guest.ts";

/** Says what the parts of the SDK say that modules with a memory are made of. */
const source = `
  import { Parameters, Record } from "millrace/assemblyscript";
  import { addToFingerprint, fingerprintHigh, fingerprintLow, startFingerprint } from "millrace/assemblyscript/hash/fingerprint";
  import { isNoTime, parseTime } from "millrace/assemblyscript/text/time";
  let what = "";
  export function init(parameters: Parameters): void {
    what = parameters.get("say");
    if (parameters.has("duration")) parameters.refuse(parameters.durationMs("duration").toString());
    if (parameters.has("whole")) parameters.refuse(parameters.integer("whole", -3, 9007199254740991, 7).toString());
  }
  export function map(record: Record): void {
    const value = record.value;
    if (what == "time") {
      const time = parseTime(value.at, value.length);
      record.setValue(time == isNoTime ? "none" : time.toString());
      return;
    }
    startFingerprint();
    if (what == "both") addToFingerprint(record.key.at, record.key.length);
    addToFingerprint(value.at, value.length);
    record.setValue(fingerprintLow.toString(16) + " " + fingerprintHigh.toString(16));
  }`;

let wasm: Uint8Array;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-state-"));
  try {
    const file = join(folder, "say.ts");
    await writeFile(file, source);
    ({ wasm } = await buildModule({ source: file }));
  } finally {
    await rm(folder, { recursive: true });
  }
}, buildMs);

const said = (
  what: string,
  records: readonly (string | Uint8Array | RecordInput)[],
): (string | undefined)[] => new Guest(wasm, { say: what }).run(frameOf(records)).map(({ value }) => value);

describe("fingerprints", () => {
  const mask = 2n ** 64n - 1n;
  const rotate = (word: bigint, bits: bigint): bigint => ((word << bits) | (word >> (64n - bits))) & mask;
  const times = (one: bigint, other: bigint): bigint => (one * other) & mask;
  const mix = (word: bigint): bigint => {
    const once = times(word ^ (word >> 33n), 0xff51afd7ed558ccdn);
    const twice = times(once ^ (once >> 33n), 0xc4ceb9fe1a85ec53n);
    return twice ^ (twice >> 33n);
  };

  /** MurmurHash3 x64 128 with the seed 0, as it is published. */
  function murmur(bytes: Uint8Array): string {
    const [c1, c2] = [0x87c37b91114253d5n, 0x4cf5ad432745937fn];
    let [one, other] = [0n, 0n];
    const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    for (let i = 0; i < padded.length; i += 16) {
      one ^= times(rotate(times(view.getBigUint64(i, true), c1), 31n), c2);
      const second = times(rotate(times(view.getBigUint64(i + 8, true), c2), 33n), c1);
      if (i + 16 > bytes.length) {
        other ^= second;
        break;
      }
      one = (rotate(one, 27n) + other) & mask;
      one = (one * 5n + 0x52dce729n) & mask;
      other = (rotate(other ^ second, 31n) + one) & mask;
      other = (other * 5n + 0x38495ab5n) & mask;
    }
    one ^= BigInt(bytes.length);
    other ^= BigInt(bytes.length);
    one = (one + other) & mask;
    other = (other + one) & mask;
    [one, other] = [mix(one), mix(other)];
    one = (one + other) & mask;
    return `${one.toString(16)} ${((other + one) & mask).toString(16)}`;
  }

  test("of known texts are the published ones", () => {
    expect(said("one", ["", "The quick brown fox jumps over the lazy dog"])).toStrictEqual([
      "0 0",
      "e34bbc7bbc071b6c 7a433ca9c49a9347",
    ]);
  });

  test("of bytes of any length are those of the published function", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 70 }), { minLength: 1, maxLength: 20 }), (values) => {
        expect(said("one", values)).toStrictEqual(values.map(murmur));
      }),
    );
  });

  test("of two pieces say where one ends", () => {
    const pairs = [
      ["", "abc"],
      ["a", "bc"],
      ["ab", "c"],
      ["abc", ""],
      ["abc", "\0"],
      ["", ""],
    ] as const;
    const all = said(
      "both",
      pairs.map(([key, value]) => ({ key, value })),
    );
    expect(new Set(all).size).toBe(pairs.length);
  });
});

describe("parameters", () => {
  const refusal = (parameters: Record<string, string>): string => {
    try {
      new Guest(wasm, parameters);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  test("durations are read as configs have them", () => {
    const piece = fc.constantFrom(
      ..."1 12 0 007 s m h d w M y ms us ns min hours µs weeks x . - 9007199254740993 99999999999999999999".split(
        " ",
      ),
      " ",
      "\u00a0\t",
      "",
    );
    const known = fc
      .tuple(fc.nat(99999), fc.constantFrom("ms", " s", "m ", "h", "d", "sec", "years", "months", "wk"))
      .map((parts) => parts.join(""));
    const text = fc
      .oneof(fc.array(known, { minLength: 1, maxLength: 3 }), fc.array(piece, { maxLength: 5 }))
      .map((parts) => parts.join(""));
    let good = 0;
    fc.assert(
      fc.property(text, (duration) => {
        const ms = parseDurationMs(duration);
        if (ms !== undefined) good++;
        const wrong = `the parameter \`duration\` must be a duration such as \`500ms\`, \`5s\` or \`1h 30m\`, not \`${duration}\``;
        const message = refusal({ duration });
        if (ms === undefined) expect(message).toBe(wrong);
        else expect(Number(message)).toBe(ms);
      }),
      { numRuns: 1000 },
    );
    expect(good).toBeGreaterThan(300);
  });

  test("whole numbers lie within their bounds", () => {
    expect(["-3", "0", "9007199254740991", "1e3"].map((whole) => refusal({ whole }))).toStrictEqual([
      "-3",
      "0",
      "9007199254740991",
      "1000",
    ]);
    for (const whole of ["-4", "9007199254740992", "1.5", "", "x", "0x1"]) {
      expect(refusal({ whole })).toBe(
        `the parameter \`whole\` must be a whole number from -3 to 9007199254740991, not \`${whole}\``,
      );
    }
  });
});

describe("times", () => {
  test("are what Date.parse says", () => {
    const date = fc.date({
      min: new Date("0000-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59Z"),
      noInvalidDate: true,
    });
    const ahead = fc.constantFrom("Z", "z", "+00:00", "+05:30", "-11:00", "+2359");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(date, ahead, fc.constantFrom("T", " ", "t")), { minLength: 1, maxLength: 20 }),
        (dates) => {
          const texts = dates.map(
            ([each, zone, letter]) => `${each.toISOString().slice(0, -1).replace("T", letter)}${zone}`,
          );
          const plain = texts.map((text) =>
            text.replace(/[ t]/, "T").replace("z", "Z").replace("+2359", "+23:59"),
          );
          expect(said("time", texts)).toStrictEqual(plain.map((text) => String(Date.parse(text))));
        },
      ),
    );
  });

  test("may leave out the zone, and have any fraction", () => {
    const texts = [
      "1970-01-01T00:00:01",
      "1970-01-01T00:00:01.5Z",
      "1970-01-01T00:00:01,123456789",
      "2016-12-31T23:59:60Z",
    ];
    expect(said("time", texts)).toStrictEqual([
      "1000",
      "1500",
      "1123",
      String(Date.parse("2017-01-01T00:00:00Z")),
    ]);
  });

  test("are refused where a part is not there or too large", () => {
    const wrong =
      "2024-01-01 2024-01-01T00:00 2023-02-29T00:00:00Z 1900-02-29T00:00:00Z 2024-13-01T00:00:00Z 2024-00-01T00:00:00Z 2024-01-00T00:00:00Z" +
      " 2024-04-31T00:00:00Z 2024-01-01T24:00:00Z 2024-01-01T00:60:00Z 2024-01-01T00:00:61Z 2024-01-01T00:00:00.Z 2024-01-01T00:00:00+1" +
      " 2024-01-01T00:00:00+24:00 2024-01-01T00:00:00+01:60 2024-01-01T00:00:00ZZ 2024/01/01T00:00:00Z 2024-01-01X00:00:00Z 2o24-01-01T00:00:00Z";
    expect(new Set(said("time", wrong.split(" ")))).toStrictEqual(new Set(["none"]));
    expect(said("time", ["2000-02-29T00:00:00Z"])).toStrictEqual([
      String(Date.parse("2000-02-29T00:00:00Z")),
    ]);
  });
});
