import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../../src/limits.ts";
import { decodeAll } from "./decoding.ts";

const decode = (bytes: Uint8Array, sizes?: readonly number[]) =>
  decodeAll({ kind: "lines" }, bytes, sizes === undefined ? {} : { sizes });
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

test("any text gives its lines, however it comes in parts", async () => {
  const anyText = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\r"), maxLength: 60 });
  const parts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(anyText, parts, async (text, sizes) => {
      const lines = text.split("\n");
      if (lines.at(-1) === "") lines.pop();
      const { values, offsets, failures, byteCount } = await decode(utf8(text), sizes);
      expect(values).toEqual(lines.map((line) => line.replace(/\r$/, "")));
      expect(offsets).toEqual(lines.map((_, index) => index));
      expect([failures, byteCount]).toEqual([[], text.length]);
    }),
  );
});

test("batchRecordsMax: more lines than a frame may hold come in several, and none is lost between them", async () => {
  const text = Array.from(
    { length: limits.batchRecordsMax.default * 2 + 10 },
    (_, index) => `${index}\n`,
  ).join("");
  const { values } = await decode(utf8(text));
  expect(values).toEqual(text.trimEnd().split("\n"));
});

test.each(["\n", "\r\n"])(
  "recordBytesMax: a line may have that many bytes, and ends with %j",
  async (lineEnd) => {
    const most = limits.recordBytesMax.default;
    for (const lastEnd of [lineEnd, ""]) {
      const fits = Buffer.from(
        `a${lineEnd}${"x".repeat(most)}${lineEnd}b${lineEnd}${"x".repeat(most)}${lastEnd}`,
      );
      const whole = await decode(new Uint8Array(fits), [70_000]);
      expect([whole.values.map(({ length }) => length), whole.failures]).toEqual([[1, most, 1, most], []]);
      const large = Buffer.from(
        `a${lineEnd}${"x".repeat(most + 1)}${lineEnd}b${lineEnd}${"x".repeat(most * 2)}${lastEnd}`,
      );
      const { values, offsets, failures } = await decode(new Uint8Array(large), [70_000]);
      expect([values, offsets]).toEqual([
        ["a", "b"],
        [0, 2],
      ]);
      expect(failures.map(({ code, where }) => `${code} ${where}`)).toEqual([
        "record.too-large in:2",
        "record.too-large in:4",
      ]);
    }
  },
);
