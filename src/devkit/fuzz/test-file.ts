import { isUtf8 } from "node:buffer";
import { dirname, relative, sep } from "node:path";
import { utf8 } from "../../base/index.ts";
import type { RecordInput } from "../../record/index.ts";
import type { BrokenLaw, Expected, FuzzResult } from "./result.ts";

/**
 * What breaks laws as a file of tests, for `millrace test`.
 * @param file path of the file, from which the module's counts
 */
export function testFileText(
  { seed, laws }: FuzzResult,
  module: string,
  parameters: ReadonlyMap<string, string>,
  file: string,
): string {
  const path = relative(dirname(file), module).split(sep).join("/");
  const lines = [
    `# What \`millrace fuzz --seed ${seed}\` has found. Each test fails as long as the module breaks the law.`,
    `module: ${scalar(path.startsWith(".") ? path : `./${path}`)}`,
  ];
  if (parameters.size > 0) {
    lines.push("with:", ...[...parameters].map(([name, value]) => `  ${scalar(name)}: ${scalar(value)}`));
  }
  lines.push("tests:");
  for (const { law, sentence, broken } of laws) {
    if (broken !== undefined) lines.push(...caseLines(law, sentence, broken));
  }
  return `${lines.join("\n")}\n`;
}

function caseLines(law: string, sentence: string, broken: BrokenLaw): readonly string[] {
  const { expected, message, batchRecordsMax, memoryBytesMax } = broken;
  const records = broken.shownBy ?? broken.records;
  const lines = [`  # ${message.replaceAll(/\s+/g, " ")}`, `  - name: ${scalar(`${law}: ${sentence}`)}`];
  if (batchRecordsMax !== undefined) lines.push(`    batch-records: ${batchRecordsMax}`);
  if (memoryBytesMax !== undefined) lines.push(`    memory-max: ${memoryBytesMax}`);
  const isOfAll = expected.length === 0 && memoryBytesMax === undefined;
  // No record fails by itself where the law is about traps; one that may fail as it likes has no expectation of its own.
  if (isOfAll) lines.push("    errors: []");
  else if (expected.every((each) => each === undefined) && memoryBytesMax === undefined)
    lines.push(`    count: ${records.length}`);
  lines.push("    input:");
  for (const [index, record] of records.entries()) lines.push(...recordLines(record, expected[index]));
  return lines;
}

function recordLines(
  { value, key, timestamp, headers = [] }: RecordInput,
  expected: Expected | undefined,
): readonly string[] {
  const lines = [`      - ${bytesText(value)}`];
  if (key !== undefined) lines.push(`        key: ${scalar(textOf(key))}`);
  if (timestamp !== undefined) lines.push(`        timestamp: ${timestamp}`);
  if (headers.length > 0) {
    const own = headers.map(({ name, value: header }) => `${scalar(name)}: ${scalar(textOf(header))}`);
    lines.push(`        headers: { ${own.join(", ")} }`);
  }
  if (expected === undefined) return lines;
  // Bytes that are no text match nothing.
  if (expected.fate === "text") return [...lines, '        expect: { matches: "" }'];
  if (expected.fate !== "output") return [...lines, `        expect: ${expected.fate}`];
  const values = expected.values.map((each) => `{ ${bytesText(each)} }`);
  return [...lines, `        expect: [${values.join(", ")}]`];
}

/** A key or a header is a text in such a file; what is none is written as near as can be. */
function textOf(bytes: Uint8Array | string): string {
  return typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
}

/** A value as text where it is one, and else as its bytes. */
function bytesText(value: Uint8Array | string): string {
  const bytes = typeof value === "string" ? utf8(value) : value;
  if (!isUtf8(bytes)) return `hex: ${scalar(Buffer.from(bytes).toString("hex"))}`;
  return `text: ${scalar(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes))}`;
}

/** A text as YAML has it between quotes, in which JSON is written the same. */
function scalar(text: string): string {
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
