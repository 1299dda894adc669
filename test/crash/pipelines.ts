import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aggregateParts } from "../sim/guests.ts";
import { guestWat } from "../support/guests.ts";
import { compileWat } from "../support/wat.ts";

export const topicName = "sums";

/** A line of a file with its number, and what an aggregate makes of it. */
export interface Line {
  readonly given: string;
  readonly summed: string;
}

/** Lines of changing length, and what should become of each. */
export function linesOf(count: number): readonly Line[] {
  let sum = 0;
  return Array.from({ length: count }, (_, index) => {
    const given = `line ${index} ${"abcdefgh".repeat(index % 9)}`;
    sum = Buffer.from(given).reduce((total, byte) => (total + byte) | 0, Math.imul(sum, 31)) >>> 0;
    return { given, summed: `${given}:${sum.toString(16).padStart(8, "0")}` };
  });
}

/** What a second aggregate makes of lines. */
export function summedAgain(lines: readonly Line[]): readonly Line[] {
  let sum = 0;
  return lines.map(({ summed: given }) => {
    sum = Buffer.from(given).reduce((total, byte) => (total + byte) | 0, Math.imul(sum, 31)) >>> 0;
    return { given, summed: `${given}:${sum.toString(16).padStart(8, "0")}` };
  });
}

/** Lays down a pipeline from a file to a topic and one on to another file, both with an aggregate. */
export async function layDown(folder: string, lines: readonly Line[]): Promise<void> {
  const config = (name: string, type: string, path: string): string =>
    [
      "meta:",
      `  name: ${name}`,
      `  type: ${type}`,
      `  topic: ${topicName}`,
      `file: { path: ${path} }`,
      "transforms:",
      "  - uses: sum.wasm",
      "millrace:",
      "  batch-bytes: 2 KiB",
      "",
    ].join("\n");
  await writeFile(join(folder, "in.txt"), lines.map(({ given }) => `${given}\n`).join(""));
  await writeFile(join(folder, "in.yaml"), config("in", "file-source", "in.txt"));
  await writeFile(join(folder, "out.yaml"), config("out", "file-sink", "out.txt"));
  await writeFile(join(folder, "sum.wasm"), await compileWat(guestWat(aggregateParts)));
}
