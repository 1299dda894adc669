import { isDeepStrictEqual } from "node:util";
import { MillraceError } from "../../../src/errors.ts";
import {
  Batch,
  FrameBuffer,
  findJsonElements,
  frameOfJsonElements,
  type JsonElements,
  openFrame,
  parseJsonPointer,
} from "../../../src/record/index.ts";
import type { Dice } from "../../support/dice.ts";
import { damage, joined } from "../mutations.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

/* An input: bytes of the pointer, 8-bit | pointer | text. */

const tokens = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "\\",
  "\\u00e9",
  "\\u",
  "1e5",
  "-",
  "0",
  "01",
  ".5",
  "true",
  "nul",
];
const moreTokens = [
  ...tokens,
  " ",
  "\t",
  "\n",
  "\ufeff",
  "\u00e9",
  "\0",
  "[".repeat(40),
  "]".repeat(40),
  '"a":',
  "{}",
];
const keys = ["a", "b", "", "a/b", "m~n", "0", "__proto__", "é"];
const pointers = [
  "",
  "/a",
  "/a/b",
  "/0",
  "/a/0",
  "/",
  "/a~1b",
  "/m~0n",
  "/__proto__",
  "/é",
  "/-",
  "/01",
  "a",
  "/a/length",
];

export const jsonTarget: FuzzTarget = {
  name: "json",
  law: "a text is taken exactly when JSON.parse takes it, and the elements at a pointer are those that it has there",
  async prepare() {
    const batch = new Batch(new FrameBuffer(0));
    return {
      make(dice) {
        const text = JSON.stringify(anyValue(dice, 4), undefined, dice.pick([0, 1, "\t"]));
        let bytes: Uint8Array<ArrayBuffer> = joined(Buffer.from(text));
        for (let changes = dice.below(4); changes > 0; changes--) bytes = damage(bytes, dice, moreTokens);
        const pointer = Buffer.from(dice.pick(pointers));
        return joined(Uint8Array.of(pointer.length), pointer, bytes);
      },
      check(input) {
        const pointerEnd = 1 + (input[0] ?? 0);
        const pointer = Buffer.from(input.subarray(1, pointerEnd)).toString();
        const text = input.slice(pointerEnd);
        const expected = expectedOf(text, pointer);
        let found: JsonElements;
        try {
          found = findJsonElements(text, pointer);
        } catch (error) {
          mustHold(MillraceError.is(error), `it throws ${String(error)}`);
          mustHold(["json.invalid", "json.pointer"].includes(error.code), `it throws ${error.code}`);
          const isTooDeep = error.message.includes("levels of nesting");
          mustHold(
            isTooDeep || expected === "unknown" || expected === error.code,
            `${error.code}: ${error.message}`,
          );
          return;
        }
        mustHold(
          expected === "unknown" || Array.isArray(expected),
          `it is taken, and is ${String(expected)}`,
        );
        const parts = Array.from({ length: found.count }, (_, i) => {
          const at = found.spans[i * 2] as number;
          return text.subarray(at, at + (found.spans[i * 2 + 1] as number));
        });
        if (expected !== "unknown") {
          const values = parts.map((part) => JSON.parse(Buffer.from(part).toString()));
          mustHold(isDeepStrictEqual(values, expected), "it has other elements");
        }
        checkFrames(batch, text, found, parts);
      },
    };
  },
};

/** The elements that a text has at a pointer, or the code of the error that it should be; unknown where it is no text. */
function expectedOf(text: Uint8Array, pointer: string): readonly unknown[] | string {
  const path = parseJsonPointer(pointer);
  if (path === undefined) return "json.pointer";
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch (error) {
    return error instanceof SyntaxError ? "json.invalid" : "unknown";
  }
  for (const token of path) {
    const isIndex = !Array.isArray(value) || /^(0|[1-9]\d*)$/.test(token);
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, token) || !isIndex)
      return "json.pointer";
    value = (value as Record<string, unknown>)[token];
  }
  return Array.isArray(value) ? value : "json.pointer";
}

/** Small frames of all elements hold each of them, once and in order. */
function checkFrames(
  batch: Batch,
  text: Uint8Array,
  found: JsonElements,
  parts: readonly Uint8Array[],
): void {
  const values: Buffer[] = [];
  for (let from = 0; from < found.count; ) {
    batch.release();
    const { frame, next } = frameOfJsonElements(batch.buffer, text, found, {
      from,
      bytesMax: 30,
      recordsMax: 4,
    });
    mustHold(next > from, "no element is taken");
    batch.start(openFrame(frame.bytes));
    values.push(...Array.from(batch, ({ value }) => Buffer.from(value)));
    const hasLineFeed = Array.from(batch, ({ value }) => value.includes(10)).some(Boolean);
    mustHold(frame.singleLine === !hasLineFeed, "the frame is wrong about its line feeds");
    from = next;
  }
  mustHold(
    isDeepStrictEqual(
      values,
      parts.map((part) => Buffer.from(part)),
    ),
    "the frames have other elements",
  );
}

function anyValue(dice: Dice, depth: number): unknown {
  switch (dice.below(depth > 0 ? 7 : 4)) {
    case 0:
      return dice.pick([0, -1, 1.5, 1e21, 123_456_789]);
    case 1:
      return dice.pick(["", "a", "é", "\n", '"', "]", "\u0000", "\u{1f600}"]);
    case 2:
      return dice.pick([true, false, null]);
    case 3:
      return [];
    case 4:
      return Object.fromEntries(
        Array.from({ length: dice.below(4) }, () => [dice.pick(keys), anyValue(dice, depth - 1)]),
      );
    default:
      return Array.from({ length: dice.below(5) }, () => anyValue(dice, depth - 1));
  }
}
