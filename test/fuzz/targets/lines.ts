import { isDeepStrictEqual } from "node:util";
import {
  Batch,
  encodeLines,
  FrameBuffer,
  frameOfLines,
  linesAt,
  openFrame,
} from "../../../src/record/index.ts";
import { keepOnly } from "../../record/keep-only.ts";
import { aligned } from "../frames.ts";
import { damage, joined } from "../mutations.ts";
import { type FuzzTarget, mustHold } from "../target.ts";

/* An input: how many lines a frame may have, 8-bit | how many of its records are kept, one in so many | text. */

const pieces = ["\n", "\r\n", "\r", "\n\n", "a", "line", "\0", "\u00ff", "x".repeat(31), "y".repeat(33)];

export const linesTarget: FuzzTarget = {
  name: "lines",
  law: "a text has the lines that a search for line feeds finds, and records are written as the lines that they were",
  async prepare() {
    const buffer = new FrameBuffer(0);
    return {
      make(dice) {
        const text = Array.from({ length: dice.below(60) }, () => dice.pick(pieces)).join("");
        let bytes: Uint8Array<ArrayBuffer> = joined(Buffer.from(text, "latin1"));
        for (let changes = dice.below(3); changes > 0; changes--) bytes = damage(bytes, dice, pieces);
        return joined(Uint8Array.of(dice.between(1, 20), dice.between(1, 3)), bytes);
      },
      check(input) {
        const [recordsMax = 1, keepOneIn = 1] = input;
        const text = input.subarray(2);
        for (let from = 0; from < text.length; ) {
          const rest = text.subarray(from);
          const lines = linesOf(rest).slice(0, Math.max(1, recordsMax));
          buffer.reset();
          buffer.makeRoom(linesAt + rest.length);
          buffer.bytes.set(rest, linesAt);
          const { frame, next } = frameOfLines(buffer, linesAt + rest.length, {
            recordsMax: Math.max(1, recordsMax),
          });
          mustHold(next > linesAt, "no line is taken of a text that is not empty");
          const batch = new Batch(buffer).start(openFrame(frame.bytes));
          checkLines(batch, lines);
          // What a filter leaves has gaps, and a value that reached over its own line would show there.
          const kept = [...lines.keys()].filter((index) => index % Math.max(1, keepOneIn) === 0);
          keepOnly(batch, kept);
          checkLines(
            batch,
            kept.map((index) => lines[index] as Uint8Array),
          );
          mustHold(openFrame(aligned(frame.bytes)).recordCount === lines.length, "the frame has other lines");
          from += next - linesAt;
        }
      },
    };
  },
};

function checkLines(batch: Batch, lines: readonly Uint8Array[]): void {
  const values = Array.from(batch, ({ value }) => Buffer.from(value));
  mustHold(
    isDeepStrictEqual(
      values,
      lines.map((line) => Buffer.from(line)),
    ),
    "the lines are others",
  );
  const { at, bytes, refused } = encodeLines(batch);
  const written = Buffer.from(batch.bytes.subarray(at, at + bytes));
  const wanted = Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
  mustHold(refused.length === 0 && written.equals(wanted), "the lines are written as others");
}

/** The lines of a text, without their ends, said as plainly as possible. */
function linesOf(text: Uint8Array): readonly Uint8Array[] {
  const lines = Buffer.from(text).toString("latin1").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => Buffer.from(line.replace(/\r$/, ""), "latin1"));
}
