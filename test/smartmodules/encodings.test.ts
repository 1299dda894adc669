import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { frameOf } from "../../src/record/index.ts";
import { buildMs, buildProbe } from "./built.ts";
import { Guest } from "./guest.ts";

let probe: Uint8Array;
beforeAll(async () => {
  probe = await buildProbe("encodings");
}, buildMs);

const run = (
  parameters: Record<string, string>,
  records: readonly (string | Uint8Array)[],
  outputBytes = 1 << 16,
): unknown[] =>
  new Guest(probe, parameters)
    .run(frameOf(records), { outputBytes })
    .map(({ value, error }) => value ?? error);

const manyBytes = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 40, maxLength: 40 });
/** Bytes of every length up to some blocks, and some that are long. */
const lengths = [...Array.from({ length: 260 }, (_, i) => i), 1000, 4096, 100_003].map((length) =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 255),
);

describe("base64 and hex", () => {
  const encodings: Record<string, (bytes: Buffer) => string> = {
    encode: (bytes) => bytes.toString("base64"),
    encodeUnpadded: (bytes) => bytes.toString("base64").replaceAll("=", ""),
    encodeUrl: (bytes) => bytes.toString("base64url"),
    encodePaddedUrl: (bytes) => bytes.toString("base64").replaceAll("+", "-").replaceAll("/", "_"),
    encodeHex: (bytes) => bytes.toString("hex"),
  };

  test.each(Object.entries(encodings))("%s is what Buffer gives", (task, expected) => {
    const check = (all: readonly Uint8Array[]): void => {
      expect(run({ do: task }, all)).toStrictEqual(all.map((bytes) => expected(Buffer.from(bytes))));
    };
    check(lengths);
    fc.assert(fc.property(manyBytes, check));
  });

  test("what was encoded is decoded again, with and without padding", () => {
    const check = (all: readonly Uint8Array[]): void => {
      const expected = all.map((bytes) => Buffer.from(bytes).toString("hex"));
      const inEach = (text: (bytes: Buffer) => string): string[] =>
        all.map((bytes) => text(Buffer.from(bytes)));
      expect(run({ do: "decode" }, inEach(encodings.encode!))).toStrictEqual(expected);
      expect(run({ do: "decode" }, inEach(encodings.encodeUnpadded!))).toStrictEqual(expected);
      expect(run({ do: "decodeUrl" }, inEach(encodings.encodeUrl!))).toStrictEqual(expected);
      expect(run({ do: "decodeUrl" }, inEach(encodings.encodePaddedUrl!))).toStrictEqual(expected);
      expect(run({ do: "decodeHex" }, expected)).toStrictEqual(expected);
      expect(
        run(
          { do: "decodeHex" },
          expected.map((each) => each.toUpperCase()),
        ),
      ).toStrictEqual(expected);
    };
    check(lengths);
    fc.assert(fc.property(manyBytes, check), { numRuns: 30 });
  });

  test("texts that nothing is encoded to are refused", () => {
    const unit = fc.constantFrom(..."AQgwZz09+/-_=", " ", "\n", "é", "\0");
    const texts = fc.array(fc.string({ unit, maxLength: 9 }), { minLength: 100, maxLength: 100 });
    fc.assert(
      fc.property(texts, (all) => {
        const expected = (encoding: "base64" | "base64url"): string[] =>
          all.map((text) => {
            const bytes = Buffer.from(text, encoding);
            const plain = bytes.toString(encoding).replaceAll("=", "");
            const padded = plain.padEnd(Math.ceil(plain.length / 4) * 4, "=");
            return text === plain || text === padded ? bytes.toString("hex") : "none";
          });
        expect(run({ do: "decode" }, all)).toStrictEqual(expected("base64"));
        expect(run({ do: "decodeUrl" }, all)).toStrictEqual(expected("base64url"));
      }),
    );
  });

  test.each([
    [
      "decode",
      [
        "=",
        "==",
        "===",
        "====",
        "A",
        "A===",
        "AA=",
        "AAA==",
        "AAAA=",
        "AAAAA",
        "AB==",
        "AB",
        "AAB=",
        "A=A=",
        "AA==AA==",
        "AA A",
        "AA-_",
        "AAAA====",
      ],
    ],
    ["decodeUrl", ["AA+/", "AA\n", "AAA ", "AB", "A"]],
    ["decodeHex", ["0", "0g", "g0", "000", " 0", "0x00", "é"]],
  ])("%s refuses %j", (task, texts) => {
    expect(run({ do: task }, texts)).toStrictEqual(texts.map(() => "none"));
  });
});

describe("hashes", () => {
  const mask = (1n << 64n) - 1n;
  const [p1, p2, p3, p4, p5] = [
    0x9e3779b185ebca87n,
    0xc2b2ae3d27d4eb4fn,
    0x165667b19e3779f9n,
    0x85ebca77c2b2ae63n,
    0x27d4eb2f165667c5n,
  ] as const;
  const left = (value: bigint, by: bigint): bigint => ((value << by) | ((value & mask) >> (64n - by))) & mask;
  const round = (lane: bigint, input: bigint): bigint => (left((lane + input * p2) & mask, 31n) * p1) & mask;

  const signed = (hash: bigint): string => String(BigInt.asIntN(64, hash));

  /** XXH64 as its specification has it, slow and plain. */
  function xxh64(bytes: Uint8Array, seed: bigint): bigint {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    let hash = (seed + p5) & mask;
    if (bytes.length >= 32) {
      let lanes = [seed + p1 + p2, seed + p2, seed, seed - p1].map((lane) => lane & mask);
      for (; at + 32 <= bytes.length; at += 32) {
        lanes = lanes.map((lane, i) => round(lane, view.getBigUint64(at + i * 8, true)));
      }
      hash = lanes.reduce((sum, lane, i) => sum + left(lane, [1n, 7n, 12n, 18n][i]!), 0n) & mask;
      for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * p1 + p4) & mask;
    }
    hash = (hash + BigInt(bytes.length)) & mask;
    for (; at + 8 <= bytes.length; at += 8)
      hash = (left(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * p1 + p4) & mask;
    if (at + 4 <= bytes.length) {
      hash = (left(hash ^ ((BigInt(view.getUint32(at, true)) * p1) & mask), 23n) * p2 + p3) & mask;
      at += 4;
    }
    for (; at < bytes.length; at++) hash = (left(hash ^ ((BigInt(bytes[at]!) * p5) & mask), 11n) * p1) & mask;
    hash = ((hash ^ (hash >> 33n)) * p2) & mask;
    hash = ((hash ^ (hash >> 29n)) * p3) & mask;
    return hash ^ (hash >> 32n);
  }

  test("hash64 is XXH64", () => {
    // Known from its first implementation, so that the one above is held as well.
    expect(run({ do: "hash64" }, ["", "a", "abc"])).toStrictEqual(
      ["ef46db3751d8e999", "d24ec4f1a98c6e5b", "44bc2cf5ad770999"].map((hash) => signed(BigInt(`0x${hash}`))),
    );
    const short = lengths.slice(0, 261);
    expect(run({ do: "hash64" }, short)).toStrictEqual(short.map((bytes) => signed(xxh64(bytes, 0n))));
    expect(run({ do: "hash64Seeded" }, short)).toStrictEqual(
      short.map((bytes) => signed(xxh64(bytes, 0x9e3779b97f4a7c15n))),
    );
    fc.assert(
      fc.property(manyBytes, (all) => {
        expect(run({ do: "hash64" }, all)).toStrictEqual(all.map((bytes) => signed(xxh64(bytes, 0n))));
      }),
      { numRuns: 20 },
    );
  });

  test("sha256 is what node:crypto gives, in one piece and in many", () => {
    const check = (all: readonly Uint8Array[]): void => {
      const expected = all.map((bytes) => createHash("sha256").update(bytes).digest("hex"));
      expect(run({ do: "sha256" }, all)).toStrictEqual(expected);
      expect(run({ do: "sha256Pieces" }, all)).toStrictEqual(expected);
    };
    check(lengths);
    fc.assert(fc.property(manyBytes, check));
  });

  test("keyed hashes are what node:crypto gives, for keys of any length", () => {
    for (const length of [0, 1, 31, 32, 63, 64, 65, 128, 200]) {
      const key = "kéy".repeat(70).slice(0, length);
      const expected = lengths.map((bytes) => createHmac("sha256", key).update(bytes).digest("hex"));
      expect(run({ do: "hmac", key }, lengths)).toStrictEqual(expected);
    }
  });
});

test("what stands after a record has no influence", () => {
  for (const task of ["encode", "decode", "encodeHex", "decodeHex", "hash64", "sha256", "hmac"]) {
    for (let length = 0; length <= 20; length++) {
      const ends = ["", "A".repeat(80), "=".repeat(80)].map((after) => {
        const guest = new Guest(probe, { do: task });
        return guest.run(frameOf(["0".repeat(length)]), { after: new TextEncoder().encode(after) })[0]?.value;
      });
      expect(new Set(ends).size).toBe(1);
    }
  }
});
