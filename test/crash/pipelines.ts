import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aggregateParts } from "../sim/guests.ts";
import { type GuestParts, guestWat } from "../support/guests.ts";
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

/** Lays down a pipeline that numbers records into a topic, with versions of an aggregate and a map. */
export async function layDownNumbers(
  folder: string,
  version: number,
  isolation: "inline" | "thread",
): Promise<void> {
  const config = [
    "meta: { name: in, type: generate-source, topic: numbers }",
    'generate: { template: "{{index}}", rate: 4000 }',
    "transforms:",
    "  - uses: sum.wasm",
    "  - uses: mark.wasm",
    `millrace: { batch-bytes: 2 KiB, isolation: ${isolation} }`,
    "",
  ];
  await writeFile(join(folder, "in.yaml"), config.join("\n"));
  await putVersion(folder, version);
}

/**
 * Puts another version of both modules in the place of the present one, each whole, in one move: the aggregate does the same in
 * each, and the map puts the letter of its version behind each value.
 */
export async function putVersion(folder: string, version: number): Promise<void> {
  const extra = `${aggregateParts.extra ?? ""} (global $version i32 (i32.const ${version}))`;
  const length = "(call $valueLength (local.get $i))";
  const mark: GuestParts = {
    record: `(local $at i32)
      (local.set $at (call $take (i32.add ${length} (i32.const 1))))
      (if (i32.eqz (local.get $at)) (then (return (i32.const -1))))
      (memory.copy (local.get $at) (call $valueAt (local.get $i)) ${length})
      (i32.store8 (i32.add (local.get $at) ${length}) (i32.const ${letterOf(version).charCodeAt(0)}))
      (call $setValue (local.get $i) (local.get $at) (i32.add ${length} (i32.const 1)))
      (i32.const 0x13)`,
  };
  for (const [name, parts] of Object.entries({ sum: { ...aggregateParts, extra }, mark })) {
    await writeFile(join(folder, "new.wasm"), await compileWat(guestWat(parts)));
    await rename(join(folder, "new.wasm"), join(folder, `${name}.wasm`));
  }
}

/** The letter of a version; they come again after so many. */
export function letterOf(version: number): string {
  return String.fromCharCode("a".charCodeAt(0) + (version % 26));
}
