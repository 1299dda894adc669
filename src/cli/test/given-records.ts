import { durationExamples, parseDurationMs } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import type { RecordInput } from "../../record/index.ts";
import type { Input } from "../input/index.ts";
import type { Session } from "../session.ts";
import { pairOf } from "../usage.ts";
import { wrongValue } from "../whole-number.ts";
import type { ModuleTestOptions } from "./options.ts";

/**
 * The input records that flags give.
 * @throws MillraceError `cli.usage`, `file.not-found`, `file.unreadable`
 */
export async function inputRecords(
  options: ModuleTestOptions,
  { world }: Session,
): Promise<readonly RecordInput[]> {
  const { text, file, stdin, raw, key } = options;
  if ([text !== undefined, file !== undefined, stdin === true].filter(Boolean).length !== 1) {
    throw new MillraceError("cli.usage", "a test of a module takes its records from one place", {
      hint: "give one of --text, --file and --stdin",
    });
  }
  if (text !== undefined) return [{ value: text, key }];
  const { fileInput, streamInput } = await import("../input/index.ts");
  const input = file === undefined ? streamInput(world.stdin, "standard input") : fileInput(file);
  const bytes = await allOf(input);
  const values = raw === true ? [bytes] : linesOf(bytes);
  return values.map((value) => ({ value, key }));
}

async function allOf(input: Input): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input.chunks(new AbortController().signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Lines without their ends; what stands behind the last end is one, unless nothing does. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < all.length; ) {
    const found = all.indexOf(0x0a, at);
    const end = found === -1 ? all.length : found;
    lines.push(all.subarray(at, all[end - 1] === 0x0d && end > at ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}

/**
 * The records that are said to have been in the topic before, the oldest first. One without an age came just now.
 * @throws MillraceError `cli.usage`
 */
export function earlierRecords(
  { record = [], agedRecord = [] }: ModuleTestOptions,
  now: number,
): readonly RecordInput[] {
  const aged = agedRecord.map((text) => {
    const [age, value] = pairOf("--aged-record", text);
    return { value, timestamp: now - ageOf("--aged-record", age) };
  });
  const recent = record.map((value) => ({ value, timestamp: now }));
  return [...aged.toSorted((left, right) => left.timestamp - right.timestamp), ...recent];
}

/** @throws MillraceError `cli.usage` */
export function ageOf(option: string, text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw wrongValue(option, text, `a duration such as ${durationExamples}`);
  return ms;
}
