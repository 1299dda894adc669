import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { control, statefulFlag } from "../../src/engine/abi/packed/layout.ts";
import { frameOf, type RecordInput } from "../../src/record/index.ts";
import { buildMs, buildProbe } from "./built.ts";
import { Guest, type Outcome, type RunOptions } from "./guest.ts";

let probe: Uint8Array;
beforeAll(async () => {
  probe = await buildProbe();
}, buildMs);

const run = (
  parameters: Record<string, string>,
  records: readonly (RecordInput | Uint8Array | string)[],
  options?: RunOptions,
): Outcome[] => new Guest(probe, parameters).run(frameOf(records), options);

const replaced = (value: string): Outcome => ({ verdict: "replaced", value });

function bytesOfDouble(value: number): Uint8Array {
  return new Uint8Array(new Float64Array([value]).buffer);
}

function bitsOf(value: number): string {
  return String(new BigInt64Array(new Float64Array([value]).buffer)[0]);
}

const anyDouble = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    // Doubles whose bits are drawn evenly have all exponents, which numbers drawn evenly have not.
    fc
      .bigInt({ min: 0n, max: 0xffffffffffffffffn })
      .map((bits) => new Float64Array(new BigUint64Array([bits]).buffer)[0]!),
    fc.tuple(fc.integer(), fc.integer({ min: 0, max: 12 })).map(([digits, places]) => digits / 10 ** places),
  )
  .filter(Number.isFinite);

describe("numbers", () => {
  const hardTexts = [
    "0",
    "-0",
    "0.0",
    "1",
    "4.5",
    "0.1",
    "123456789012345678",
    "9007199254740993",
    "9007199254740992.5",
    "9007199254740993.00001",
    "1e22",
    "1e23",
    "8.5e22",
    "1e-22",
    "1e-23",
    "3.14159265358979323846264338327950288",
    "2.2250738585072011e-308",
    "2.2250738585072014e-308",
    "4.9e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324",
    "5e-324",
    "1.7976931348623157e308",
    "1.7976931348623158e308",
    "1.7976931348623159e308",
    "1e309",
    "-1e400",
    "1e-400",
    "0e999999999",
    "1e-999999999",
    "1e999999999",
    "6929495644600919.5",
    "3.7455744005952583e15",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    `0.${"0".repeat(400)}1e400`,
    `1${"0".repeat(400)}e-400`,
    `${"9".repeat(900)}e-900`,
    `1.${"0".repeat(850)}1`,
    `2.4703282292062327208299664${"1".repeat(900)}e-324`,
    "8.988465674311580536566680721305e307",
    "0.500000000000000166533453693773481063544750213623046875",
  ];

  test.each([["numbers known to be hard", hardTexts]])("%s are read exactly", (_, texts) => {
    expect(run({ do: "bits" }, texts)).toStrictEqual(
      texts.map((text) => replaced(bitsOf(JSON.parse(text) as number))),
    );
  });

  test("any decimal is read as JSON.parse reads it", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 40 });
    const decimal = fc
      .tuple(
        digits,
        fc.option(digits, { nil: undefined }),
        fc.option(fc.integer({ min: -345, max: 330 }), { nil: undefined }),
      )
      .map(([whole, rest, exponent]) => {
        const head = whole.replace(/^0+(?=\d)/, "");
        return `${head}${rest === undefined ? "" : `.${rest}`}${exponent === undefined ? "" : `e${exponent}`}`;
      });
    const text = fc.oneof(
      decimal,
      anyDouble.map(String),
      anyDouble.map((value) => value.toExponential(20)),
      middle,
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 200, maxLength: 200 }), (texts) => {
        const found = run({ do: "bits" }, texts);
        expect(found).toStrictEqual(texts.map((each) => replaced(bitsOf(JSON.parse(each) as number))));
      }),
      { numRuns: 40 },
    );
  });

  /** Exactly between two doubles, or next to it, where only all digits tell. */
  const middle = fc
    .tuple(
      fc.bigInt({ min: 1n << 52n, max: (1n << 53n) - 1n }),
      fc.nat(600),
      fc.constantFrom("", "0001", "-"),
    )
    .map(([mantissa, shift, end]) => {
      const exact = (2n * mantissa + 1n) << BigInt(shift);
      return end === "-" ? String(exact - 1n) : `${exact}${end === "" ? "" : `.${end}`}`;
    });

  test("doubles are written with the digits of JavaScript", () => {
    const hard = [
      0, -0, 1, -1.5, 0.1, 0.3, 1e21, 1e20, 123456789012345680000, 1e-6, 1e-7, 1.5e-7, 5e-324,
      1.7976931348623157e308,
    ];
    const powers = Array.from({ length: 2098 }, (_, i) => 2 ** (i - 1074));
    const tens = Array.from({ length: 632 }, (_, i) => Number(`1e${i - 323}`));
    const all = [...hard, 2.2250738585072014e-308, 2 ** 53 + 2, 4.35, 0.000001, 1 / 3, ...powers, ...tens];
    const outcomes = run({ do: "format" }, all.map(bytesOfDouble));
    expect(outcomes).toStrictEqual(all.map((value) => replaced(JSON.stringify(value))));
    fc.assert(
      fc.property(fc.array(anyDouble, { minLength: 200, maxLength: 200 }), (values) => {
        const written = run({ do: "format" }, values.map(bytesOfDouble));
        expect(written).toStrictEqual(values.map((value) => replaced(JSON.stringify(value))));
      }),
      { numRuns: 40 },
    );
  });

  test("whole numbers of 64 bits are written", () => {
    const values = [0n, 1n, -1n, 9n, 10n, 9223372036854775807n, -9223372036854775808n];
    const records = values.map((value) => new Uint8Array(new BigInt64Array([value]).buffer));
    expect(run({ do: "integer" }, records)).toStrictEqual(values.map((value) => replaced(String(value))));
  });

  test("what JSON has no number for becomes null", () => {
    expect(run({ do: "format" }, [NaN, Infinity, -Infinity].map(bytesOfDouble))).toStrictEqual(
      new Array(3).fill(replaced("null")),
    );
  });
});

describe("writing JSON", () => {
  test("texts get quotes and escapes as from JSON.stringify", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom('"', "\\", "\n", "\u0000", "\u001f", "\u007f", "a", "é"),
        maxLength: 60,
      }),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 10, maxLength: 10 }), (texts) => {
        const expected = texts.map((each) =>
          replaced(
            JSON.stringify(
              new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(each)),
            ),
          ),
        );
        expect(run({ do: "quote" }, texts)).toStrictEqual(expected);
        expect(run({ do: "quoteText" }, texts)).toStrictEqual(expected);
      }),
    );
  });

  const written: Record<string, string> = {
    n: '"na\\"me":',
    N: '"na\\"me":',
    S: '"slice":',
    t: '"te\\nxt"',
    "1": "1.5",
    i: "-7",
    b: "true",
    "0": "null",
    x: "null",
    r: "[1]",
  };

  /** The text that a row of calls makes, or undefined when one of them is out of place. */
  function model(calls: string): string | undefined {
    const open: string[] = [];
    let text = "";
    let state = "value";
    const value = (piece: string): boolean => {
      if (state === "done" || state === "name" || state === "firstName") return false;
      text += (state === "element" ? "," : "") + piece;
      state = { value: "done", member: "name", firstElement: "element", element: "element" }[state] as string;
      return true;
    };
    for (const call of calls) {
      if (call === "{" || call === "[") {
        if (!value(call)) return undefined;
        open.push(state);
        state = call === "{" ? "firstName" : "firstElement";
      } else if (call === "}" || call === "]") {
        const places = call === "}" ? ["name", "firstName"] : ["element", "firstElement"];
        if (!places.includes(state)) return undefined;
        text += call;
        state = open.pop() as string;
      } else if ("nNS".includes(call)) {
        if (state !== "name" && state !== "firstName") return undefined;
        text += (state === "name" ? "," : "") + written[call];
        state = "member";
      } else if (call === "m") {
        if (state !== "name" && state !== "firstName") return undefined;
        text += `${state === "name" ? "," : ""}${written.n}null`;
        state = "name";
      } else if (!value(written[call]!)) return undefined;
    }
    return state === "done" ? text : undefined;
  }

  test("calls in order make JSON, and calls out of order fail the record", () => {
    const calls = fc.string({ unit: fc.constantFrom(..."{}[]nNSmt1ib0xr"), maxLength: 12 });
    const sound = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3, depthSize: "small" },
        fc.constantFrom(..."t1ib0xr"),
        fc.array(tie("value"), { maxLength: 3 }).map((all) => `[${all.join("")}]`),
        fc
          .array(fc.tuple(fc.constantFrom("n", "N", "S", "mn", "mmN"), tie("value")), { maxLength: 3 })
          .map((all) => `{${all.flat().join("")}}`),
      ),
    })).value as fc.Arbitrary<string>;
    fc.assert(
      fc.property(fc.array(fc.oneof(calls, sound), { minLength: 50, maxLength: 50 }), (rows) => {
        const outcomes = run({ do: "write", with: "slice" }, rows);
        for (const [i, row] of rows.entries()) {
          const expected = row === "" ? "kept" : model(row);
          if (expected === "kept") expect(outcomes[i]).toStrictEqual({ verdict: "kept" });
          else if (expected === undefined) expect(outcomes[i]?.error).toMatch(/^the JSON written /);
          else expect(outcomes[i]).toStrictEqual(replaced(expected));
          if (expected !== undefined && expected !== "kept") JSON.parse(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("nesting has a limit", () => {
    const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
    expect(run({ do: "write" }, [nested(512), nested(513), "1"])).toStrictEqual([
      replaced(nested(512)),
      { verdict: "failed", error: "the JSON written has more than 512 levels" },
      replaced("1.5"),
    ]);
  });

  test("an unfinished text fails the record", () => {
    expect(run({ do: "unfinished" }, ["a"])).toStrictEqual([
      { verdict: "failed", error: "the JSON written is not complete" },
    ]);
  });
});

describe("the record", () => {
  test("nothing set: the record is kept", () => {
    expect(run({ do: "none" }, ["a", ""])).toStrictEqual([{ verdict: "kept" }, { verdict: "kept" }]);
  });

  test("keys are read, set and removed", () => {
    const records = [{ value: "v", key: "k" }, { value: "v" }, { value: "", key: "" }];
    expect(run({ do: "echoKey" }, records)).toStrictEqual(
      ['[true,"k"]', '[false,""]', '[true,""]'].map((value) => ({
        ...replaced(value),
        key: "made while the output is open",
      })),
    );
    expect(run({ do: "key" }, records).map(({ key }) => key)).toStrictEqual(["v", "v", ""]);
    expect(run({ do: "keyText", with: "é" }, records).map(({ key }) => key)).toStrictEqual(["vé", "vé", "é"]);
    expect(run({ do: "dropKey" }, records)).toStrictEqual(
      records.map(() => ({ verdict: "replaced", key: null })),
    );
  });

  test("timestamps and offsets are read, and timestamps set", () => {
    const frame = frameOf([{ value: "a", timestamp: 5 }, { value: "b", timestamp: -7_000_000_000 }, "c"], {
      offset: 2 ** 40,
    });
    const values = (task: string): (string | undefined)[] =>
      new Guest(probe, { do: task }).run(frame).map(({ value }) => value);
    expect(values("time")).toStrictEqual(["5", "-7000000000", "-1"]);
    expect(values("offset")).toStrictEqual([2 ** 40, 2 ** 40 + 1, 2 ** 40 + 2].map(String));
    expect(new Guest(probe, { do: "later" }).run(frame).map(({ timestamp }) => timestamp)).toStrictEqual([
      6, -6_999_999_999, 0,
    ]);
    const plain = frameOf(["a", "b"], { timestamp: 99 });
    expect(new Guest(probe, { do: "time" }).run(plain)).toStrictEqual([replaced("99"), replaced("99")]);
    expect(new Guest(probe, { do: "offset" }).run(plain)).toStrictEqual([replaced("-1"), replaced("-1")]);
  });

  test("a failure drops what else was set, and the next records go on", () => {
    const failed = { verdict: "failed", error: "first" };
    expect(run({ do: "failLate", with: "x".repeat(100) }, ["a", "b"])).toStrictEqual([failed, failed]);
    const long = run({ do: "fail", with: "é".repeat(5000) }, ["r", ""])[0]!.error as string;
    expect(long).toBe(`r${"é".repeat(1023)}`);
  });

  test("setting the value and writing it is a contradiction", () => {
    expect(run({ do: "both" }, ["a"])[0]).toStrictEqual({
      verdict: "failed",
      error: "the module both sets the value and writes to the output",
    });
  });

  test("a value that was set is read from then on", () => {
    expect(run({ do: "twice", path: "x" }, ['{"x":[1,2]}'])).toStrictEqual([replaced("[1,2]")]);
  });

  test("parts of the input are answered without a copy", () => {
    const guest = new Guest(probe, { do: "raw", path: "a" });
    guest.run(frameOf(['{"a":"here"}']));
    const valueAt = new DataView(guest.exports.memory.buffer).getUint32(guest.get(control.valuesAt), true);
    expect(valueAt).toBe(guest.get(control.inputAt) + 64 + 5);
  });

  test("a module says that it keeps state, and keeps it from call to call", () => {
    const guest = new Guest(probe, { do: "count" });
    expect(guest.get(control.flags) & statefulFlag).toBe(statefulFlag);
    expect(guest.run(frameOf(["a", "b"]))).toStrictEqual([replaced("1"), replaced("2")]);
    expect(guest.run(frameOf(["c"]))).toStrictEqual([replaced("3")]);
  });
});

describe("a full output region", () => {
  test("ends the call, costs no record its turn, and changes no answer", () => {
    const records = Array.from({ length: 40 }, (_, i) => String((i * 37) % 90));
    const expected = records.map((times) =>
      replaced(JSON.stringify(new Array(Number(times)).fill("some text"))),
    );
    for (const outputBytes of [0, 8, 64, 500, 4096, 1 << 20]) {
      const guest = new Guest(probe, { do: "repeat", with: "some text" });
      expect(guest.run(frameOf(records), { outputBytes })).toStrictEqual(expected);
      if (outputBytes === 1 << 20) expect(guest.calls).toBe(1);
      else expect(guest.calls).toBeGreaterThan(1);
    }
  });

  test("no record is worked on twice", () => {
    const records = new Array(100).fill("a") as string[];
    const outcomes = run({ do: "count" }, records, { outputBytes: 16 });
    expect(outcomes.map(({ value }) => value)).toStrictEqual(records.map((_, i) => String(i + 1)));
  });

  test("keys and errors spill as well", () => {
    const records = ["a".repeat(300), "b".repeat(300), "c"];
    expect(run({ do: "keyText" }, records, { outputBytes: 310 }).map(({ key }) => key)).toStrictEqual(
      records,
    );
    expect(run({ do: "fail" }, records, { outputBytes: 310 }).map(({ error }) => error)).toStrictEqual(
      records,
    );
    expect(run({ do: "echoKey" }, records, { outputBytes: 4 }).map(({ value }) => value)).toStrictEqual(
      new Array(3).fill('[false,""]'),
    );
  });

  test("pieces that are made while another is open end a call only when they are many", () => {
    const guest = new Guest(probe, { do: "echoKey" });
    const records = new Array(30_000).fill("a") as string[];
    const outcomes = guest.run(frameOf(records), { outputBytes: 1 << 20 });
    expect(new Set(outcomes.map(({ key }) => key))).toStrictEqual(new Set(["made while the output is open"]));
    expect(guest.calls).toBeGreaterThan(1);
    expect(guest.calls).toBeLessThan(10);
  });

  test("one record may make 16 MiB and not much more", () => {
    const text = "x".repeat(1 << 10);
    const timesFor = (bytes: number): number => Math.floor(bytes / (text.length + 3));
    const times = timesFor((16 << 20) - (32 << 10));
    const records = [times, timesFor((16 << 20) + (32 << 10)), 1].map(String);
    const outcomes = run({ do: "repeat", with: text }, records);
    expect(outcomes[0]!.value?.length).toBe(times * (text.length + 3) + 1);
    expect(outcomes[1]).toStrictEqual({
      verdict: "failed",
      error: "the module makes too much of this record, the limit is 16 MiB",
    });
    expect(outcomes[2]).toStrictEqual(replaced(JSON.stringify([text])));
  });
});

describe("a trap", () => {
  test("leaves its message, and the cursor at its record", () => {
    const guest = new Guest(probe, { do: "boundary" });
    expect(() => guest.run(frameOf(["a"]))).toThrow(/unreachable/);
    expect(guest.error).toMatch(
      /^a position outside of the slice at ~lib\/millrace\/assemblyscript\/text\/slice\.ts:\d+:\d+$/,
    );
    expect(guest.get(control.cursor)).toBe(0);
    const other = new Guest(probe, { do: "nonsense" });
    expect(() => other.run(frameOf(["a"]))).toThrow(/unreachable/);
    expect(other.error).toMatch(/^no such task: nonsense at index\.ts:\d+:\d+$/);
  });
});

describe("memory", () => {
  test("stays as it is over 200,000 records that make strings", () => {
    const guest = new Guest(probe, { do: "strings" });
    const frame = frameOf(Array.from({ length: 2000 }, (_, i) => `record ${i} with a text of some length`));
    const pages: number[] = [];
    for (let i = 0; i < 100; i++) {
      guest.run(frame, { outputBytes: 1 << 21 });
      pages.push(guest.exports.memory.buffer.byteLength >> 16);
    }
    expect(pages.at(-1)).toBe(pages[10]);
    expect(pages.at(-1)).toBeLessThan(200);
  });

  test("stays as it is when every call spills", () => {
    const guest = new Guest(probe, { do: "repeat", with: "some text" });
    const frame = frameOf(Array.from({ length: 50 }, (_, i) => String(i * 200)));
    const sizes = Array.from({ length: 30 }, () => {
      guest.run(frame, { outputBytes: 1000 });
      return guest.exports.memory.buffer.byteLength;
    });
    expect(sizes.at(-1)).toBe(sizes[3]);
  });
});

describe("parameters", () => {
  test.each([
    [{}, "the parameter `do` is missing"],
    [{ dop: "none" }, "the parameter `dop` is not known; did you mean `do`?"],
    [
      { do: "none", somethingElse: "1" },
      "the parameter `somethingElse` is not known; known are do, path, with, paths, number",
    ],
    [{ do: "" }, "the parameter `do` is empty"],
    [{ do: "none", number: "1x" }, "the parameter `number` must be a number, not `1x`"],
    [{ do: "none", number: "" }, "the parameter `number` must be a number, not ``"],
  ])("%j: %s", (parameters, problem) => {
    expect(() => new Guest(probe, parameters as Record<string, string>)).toThrow(new Error(problem));
  });
});
