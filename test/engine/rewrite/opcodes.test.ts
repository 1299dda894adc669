import { describe, expect, test } from "vitest";
import { MillraceError } from "../../../src/errors.ts";
import { binary, isValid, rewrite } from "./support.ts";

/*
 * Code behind `unreachable` may take any operands, so that each instruction is valid by itself. One module has all that an
 * instruction may refer to, with the numbers 0 and 1.
 */

/** LEB128 with more bytes than it needs. */
const long = (value: number): number[] => [value | 0x80, 0x80, 0x00];

const sized = (id: number, content: readonly number[]): number[] => [
  id,
  (content.length & 0x7f) | 0x80,
  content.length >> 7,
  ...content,
];

/** A module with one function, of which the code is `unreachable`, this, `unreachable`. */
function moduleWith(code: readonly number[], memoryFlags = 0x03): Uint8Array {
  const body = [0x01, 0x02, 0x7f, 0x00, ...code, 0x00, 0x0b];
  return binary(
    sized(1, [0x01, 0x60, 0x00, 0x00]),
    sized(3, [0x01, 0x00]),
    sized(4, [0x02, 0x70, 0x00, 0x02, 0x6f, 0x00, 0x02]),
    sized(5, memoryFlags === 0 ? [0x01, 0x00, 0x01] : [0x01, memoryFlags, 0x01, 0x02]),
    sized(6, [0x02, 0x7f, 0x01, 0x41, 0x00, 0x0b, 0x7e, 0x01, 0x42, 0x00, 0x0b]),
    sized(7, [0x01, 0x01, 0x66, 0x00, 0x00]),
    // Two passive segments of functions, one of external references.
    sized(9, [0x02, 0x01, 0x00, 0x01, 0x00, 0x05, 0x6f, 0x01, 0xd0, 0x6f, 0x0b]),
    sized(12, [0x02]),
    sized(10, [0x01, ...[(body.length & 0x7f) | 0x80, body.length >> 7], ...body]),
    sized(11, [0x02, 0x01, 0x01, 0x61, 0x01, 0x01, 0x62]),
  );
}

/** What may stand behind an opcode: the right one of these is found by trying. */
const immediates: readonly (readonly number[])[] = [
  [],
  [0x00],
  long(0),
  [0x00, 0x00],
  [...long(0), ...long(0)],
  [0x01, 0x00],
  [0x00, 0x01],
  // Of blocks, with their end; with a type, as a number.
  [0x40, 0x0b],
  [0x7f, 0x00, 0x0b],
  // Labels; types of select; a type of reference.
  [0x02, 0x00, 0x00, 0x00],
  [0x00, 0x00],
  [0x01, 0x7f],
  [0x01, 0x6f],
  [0x70],
  [0x6f],
  // Constants of 4, 8 and 16 bytes, with bytes that would be opcodes.
  [0x0b, 0x0b, 0x03, 0x40],
  [0x0b, 0x0b, 0x03, 0x40, 0x0b, 0x05, 0x02, 0x0b],
  [0x0b, 0x0b, 0x03, 0x0c, 0x0b, 0x05, 0x02, 0x0b, 0x0b, 0x0b, 0x03, 0x1c, 0x0b, 0x05, 0x02, 0x0b],
  // Addresses: alignment (any up to 16 bytes), offset, lane.
  ...[0, 1, 2, 3, 4].flatMap((alignment) => [
    [alignment, ...long(0x7f)],
    [alignment, 0xff, 0xff, 0x03],
    [alignment, ...long(0x01), 0x01],
  ]),
];

/** Everything that may be an instruction: plain ones, and those behind prefixes, with a number in one byte and in more. */
const candidates: readonly (readonly number[])[] = [
  ...Array.from({ length: 0xfb }, (_, code) => [code]),
  ...[0xfc, 0xfd, 0xfe].flatMap((prefix) => [
    ...Array.from({ length: 0x80 }, (_, second) => [prefix, second]),
    ...Array.from({ length: prefix === 0xfd ? 0x120 : 0x12 }, (_, second) => [
      prefix,
      (second & 0x7f) | 0x80,
      second >> 7,
    ]),
  ]),
];

/** Of these the platform may know more than core 2.0, tail calls and threads. */
const isBeyond = ([code = 0]: readonly number[]): boolean =>
  // Exceptions; references to functions with a type, garbage collection.
  [0x06, 0x07, 0x08, 0x09, 0x0a, 0x14, 0x15, 0x18, 0x19, 0x1f, 0xd3, 0xd4, 0xd5, 0xd6, 0xfb].includes(code);

const hex = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");

interface Form {
  readonly code: readonly number[];
  readonly module: Uint8Array;
}

/** Every way to write each instruction that the platform takes. */
const forms: readonly Form[] = candidates
  .filter((candidate) => !isBeyond(candidate))
  .flatMap((candidate) =>
    immediates.flatMap((immediate): Form[] => {
      const code = [...candidate, ...immediate];
      const module = moduleWith(code);
      return isValid(module) ? [{ code, module }] : [];
    }),
  );

describe("instructions that the platform takes", () => {
  test("are all of core 2.0, tail calls and threads", () => {
    const known = new Set(
      forms.map(({ code: [first = 0, second = 0, third = 0] }) => {
        if (first < 0xfc) return `${first}`;
        return `${first} ${second < 0x80 ? second : (second & 0x7f) | (third << 7)}`;
      }),
    );
    const behind = (prefix: number): number =>
      [...known].filter((each) => each.startsWith(`${prefix} `)).length;
    // `else` and `end` stand in other tests; relaxed vectors come with Node 22.
    expect([...known].filter((each) => !each.includes(" ")).length).toBe(183);
    expect([behind(0xfc), behind(0xfe)]).toEqual([18, 67]);
    expect([236, 256]).toContain(behind(0xfd));
  });

  test("are taken with a meter and without, and stay valid", () => {
    for (const { code, module } of forms) {
      for (const fuel of [undefined, 1000]) {
        const rewritten = rewrite(module, { fuel });
        expect(isValid(rewritten), hex(code)).toBe(true);
        // The head of a loop is where the meter goes.
        const kept = code[0] === 0x03 && fuel !== undefined ? code.slice(0, 2) : [...code, 0x00];
        expect(Buffer.from(rewritten).includes(Buffer.from(kept)), hex(code)).toBe(true);
      }
    }
  });

  test("are taken within each other: what follows each is read as what it is", () => {
    // Blocks have an `end` that the form brought with it.
    const all = forms.map(({ code }) => code).filter((code) => code[0] !== 0x1a);
    for (let i = 0; i < all.length; i += 40) {
      const code = all.slice(i, i + 40).flatMap((each) => [0x02, 0x40, 0x00, ...each, 0x00, 0x0b]);
      const module = moduleWith(code);
      expect(isValid(module)).toBe(true);
      expect(isValid(rewrite(module))).toBe(true);
    }
  });
});

test("what the platform does not take is refused or stays invalid", () => {
  for (const candidate of candidates) {
    if (forms.some(({ code }) => candidate.every((byte, i) => code[i] === byte))) continue;
    for (const immediate of [[], [0x00], [0x00, 0x00]]) {
      const code = [...candidate, ...immediate];
      const module = moduleWith(code);
      if (isValid(module)) continue;
      try {
        expect(isValid(rewrite(module)), hex(code)).toBe(false);
      } catch (error) {
        if (!MillraceError.is(error) || error.code !== "module.rewrite") throw error;
      }
    }
  }
});

test.each([
  ["an exception", [0x06, 0x40, 0x0b], "0x06"],
  ["a call by a typed reference", [0x14, 0x00], "0x14"],
  ["something of garbage collection", [0xfb, 0x00, 0x00], "0xfb"],
  ["nothing that is known", [0xfc, 0x12], "0xfc 0x12"],
])("%s is refused by its opcode, with the place", (_what, code, opcode) => {
  const module = moduleWith(code);
  const at = Buffer.from(module).indexOf(Buffer.from([0x00, ...code, 0x00])) + 1;
  const thrown = (() => {
    try {
      rewrite(module);
    } catch (error) {
      return error;
    }
  })();
  expect(thrown).toMatchObject({
    code: "module.rewrite",
    message: `guest cannot be run within limits: the opcode ${opcode} is not known, at byte ${at} (0x${at.toString(16)})`,
    where: { module: "guest" },
    hint: expect.stringContaining("exceptions") as string,
  });
});
