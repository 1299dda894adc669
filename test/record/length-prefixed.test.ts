import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { Batch, frameOf, type LengthPrefix, lengthPrefixedEncoder } from "../../src/record/index.ts";
import { anyBytes } from "../support/records.ts";
import { decodeAll } from "./decoding.ts";

const prefixes: readonly LengthPrefix[] = [
  ...([1, 2, 4, 8] as const).flatMap((bytes) =>
    (["big-endian", "little-endian"] as const).map((order) => ({ bytes, order })),
  ),
  { bytes: "varint", order: "big-endian" },
];
const big4: LengthPrefix = { bytes: 4, order: "big-endian" };
const decode = (bytes: Uint8Array, options = big4, sizes?: readonly number[]) =>
  decodeAll({ kind: "length-prefixed", options }, bytes, sizes === undefined ? {} : { sizes });
const encode = (values: readonly (Uint8Array | string)[], prefix = big4) => {
  const { bytes, refused, ends } = lengthPrefixedEncoder(prefix).encode(Batch.of(frameOf(values)));
  return { bytes: bytes.slice(), refused, ends: [...ends!] };
};
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

describe("golden bytes", () => {
  test.each([
    [1, "big-endian", "03616263 00"],
    [2, "big-endian", "0003616263 0000"],
    [2, "little-endian", "0300616263 0000"],
    [4, "big-endian", "00000003616263 00000000"],
    [4, "little-endian", "03000000616263 00000000"],
    [8, "big-endian", "0000000000000003616263 0000000000000000"],
    [8, "little-endian", "0300000000000000616263 0000000000000000"],
    ["varint", "big-endian", "03616263 00"],
  ] as const)("of lengths in %s bytes, %s", async (bytes, order, golden) => {
    const encoded = encode(["abc", ""], { bytes, order });
    expect(Buffer.from(encoded.bytes).toString("hex")).toBe(golden.replaceAll(" ", ""));
    expect((await decode(hex(golden), { bytes, order })).values).toEqual(["abc", ""]);
  });

  test("of a varint of two bytes: 300 is ac 02", async () => {
    const { bytes } = encode(["x".repeat(300)], { bytes: "varint", order: "big-endian" });
    expect(Buffer.from(bytes.subarray(0, 2)).toString("hex")).toBe("ac02");
  });
});

test("what was encoded is decoded again, however it comes in parts, with offsets and all bytes counted", async () => {
  const parts = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyBytes),
      fc.constantFrom(...prefixes),
      parts,
      async (values, prefix, sizes) => {
        const { bytes, ends } = encode(values, prefix);
        expect(ends.at(-1) ?? 0).toBe(bytes.length);
        const decoded = await decode(bytes, prefix, sizes);
        expect(decoded.values).toEqual(values.map((value) => Buffer.from(value).toString("latin1")));
        expect(decoded.offsets).toEqual(values.map((_, index) => index));
        expect([decoded.failures, decoded.byteCount, decoded.error]).toEqual([[], bytes.length, undefined]);
      },
    ),
  );
});

test("cut anywhere, it gives the records before the cut, and names what breaks off", async () => {
  const { bytes, ends } = encode(["one", "", "three"]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const { values, failures } = await decode(bytes.subarray(0, cut));
    const whole = ends.filter((end) => end <= cut).length;
    expect(values).toEqual(["one", "", "three"].slice(0, whole));
    const isCut = cut > 0 && !ends.includes(cut);
    expect(failures.map(({ code, where }) => [code, where])).toEqual(
      isCut ? [["record.cut", `in#${whole + 1}`]] : [],
    );
  }
});

test("a length of 4 GiB takes no memory, and is a record too large", async () => {
  const { values, failures } = await decode(hex("00000001 61 ffffffff 6262"));
  expect(values).toEqual(["a"]);
  expect(failures).toMatchObject([
    { code: "record.cut", where: "in#2", message: expect.stringContaining("4294967295") },
  ]);
});

test("recordBytesMax: a record may have that many bytes; one more is passed over, and the next is found", async () => {
  const most = limits.recordBytesMax.default;
  const { bytes } = encode(["a", "b".repeat(most), "c"]);
  expect((await decode(bytes, big4, [65_536])).values.map(({ length }) => length)).toEqual([1, most, 1]);
  const large = Buffer.concat([
    hex("00000001 61"),
    Buffer.alloc(4),
    Buffer.alloc(most * 2 + 1),
    hex("00000001 62"),
  ]);
  large.writeUInt32BE(most * 2 + 1, 5);
  for (const sizes of [[large.length], [65_536]]) {
    const { values, offsets, failures } = await decode(new Uint8Array(large), big4, sizes);
    expect([values, offsets]).toEqual([
      ["a", "b"],
      [0, 2],
    ]);
    expect(failures).toMatchObject([{ code: "record.too-large", where: "in#2" }]);
  }
});

test("a varint that does not end leaves no way on, and the records before it are given", async () => {
  const varint: LengthPrefix = { bytes: "varint", order: "big-endian" };
  const { values, error } = await decode(hex(`0161 ${"ff".repeat(12)}`), varint);
  expect(values).toEqual(["a"]);
  expect(error).toMatchObject({
    code: "record.length",
    where: { file: "in", record: 2 },
    hint: expect.any(String),
  });
});

test("a value whose length does not fit is refused, and the others are written", () => {
  const { bytes, refused } = encode(["a", "b".repeat(256), "c".repeat(255)], {
    bytes: 1,
    order: "big-endian",
  });
  expect(bytes.length).toBe(2 + 256);
  expect(refused).toMatchObject([{ origin: 1, by: "length-prefixed", code: "record.packing" }]);
});
