import { utf8 } from "../../base/index.ts";
import type { RecordExpectation, ValueExpectation } from "../../config/index.ts";
import type { TrialRecord } from "../trial/index.ts";
import { diffOfJson, diffOfLines, diffOfTexts, prettyJson } from "./diff.ts";
import type { DiffLine, Finding } from "./report.ts";
import { comparableLines, shownBytes, strictText } from "./shown.ts";

/** What of a record is not as expected. */
export function compareRecord(
  actual: TrialRecord,
  { where, value, key, timestamp, headers }: RecordExpectation,
  name: string,
): readonly Finding[] {
  const findings: Finding[] = [];
  const add = (message: string, diff: readonly DiffLine[] = []): void => {
    findings.push({ where, message: `${name}${message}`, diff });
  };
  const difference = value && compareValue(actual.value, value);
  if (difference !== undefined) add(difference.message, difference.diff);
  if (key !== undefined && shownKey(actual.key) !== (key === null ? "none" : JSON.stringify(key))) {
    add(
      ` has another key: ${key === null ? "none" : JSON.stringify(key)} is expected, and it is ${shownKey(actual.key)}`,
    );
  }
  if (timestamp !== undefined && (actual.timestamp ?? null) !== timestamp) {
    add(` has another time: ${shownTime(timestamp)} is expected, and it is ${shownTime(actual.timestamp)}`);
  }
  if (headers !== undefined) {
    const expected = [...headers].map(([header, text]) => `${header}: ${JSON.stringify(text)}`).sort();
    const found = actual.headers.map((each) => `${each.name}: ${shownBytes(each.value)}`).sort();
    if (expected.join("\n") !== found.join("\n")) add(" has other headers", diffOfLines(expected, found));
  }
  return findings;
}

interface Difference {
  readonly message: string;
  readonly diff: readonly DiffLine[];
}

/** How a value differs from what is expected, or undefined where it does not. */
function compareValue(actual: Uint8Array, expected: ValueExpectation): Difference | undefined {
  const text = strictText(actual);
  switch (expected.how) {
    case "text":
      if (text === expected.text) return undefined;
      return {
        message: " is another one",
        diff:
          text === undefined
            ? diffOfLines(comparableLines(utf8(expected.text)), comparableLines(actual))
            : diffOfTexts(expected.text, text),
      };
    case "bytes":
      if (Buffer.from(actual).equals(expected.bytes)) return undefined;
      return {
        message: " has other bytes",
        diff: diffOfLines(comparableLines(expected.bytes), comparableLines(actual)),
      };
    case "matches":
      if (text !== undefined && expected.pattern.test(text)) return undefined;
      return { message: ` does not match /${expected.pattern.source}/: ${shownBytes(actual)}`, diff: [] };
    default:
      return compareJson(actual, text, expected.json, expected.how === "json-contains");
  }
}

function compareJson(
  bytes: Uint8Array,
  text: string | undefined,
  expected: unknown,
  isPart: boolean,
): Difference | undefined {
  let actual: unknown;
  try {
    actual = JSON.parse(text ?? "");
  } catch {
    return { message: ` is not JSON: ${shownBytes(bytes)}`, diff: [] };
  }
  const compared = isPart ? partOf(actual, expected) : actual;
  if (prettyJson(compared) === prettyJson(expected)) return undefined;
  return {
    message: isPart ? " does not contain this" : " is other JSON",
    diff: diffOfJson(expected, compared),
  };
}

/** Of each object the members that another one has at its place. */
function partOf(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((each, index) => partOf(each, expected[index]));
  }
  if (!isObject(actual) || !isObject(expected)) return actual;
  return Object.fromEntries(
    Object.entries(actual)
      .filter(([key]) => Object.hasOwn(expected, key))
      .map(([key, value]) => [key, partOf(value, expected[key])]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shownKey(key: Uint8Array | undefined): string {
  return key === undefined ? "none" : JSON.stringify(strictText(key) ?? Buffer.from(key).toString("hex"));
}

function shownTime(timestamp: number | null | undefined): string {
  return timestamp === undefined || timestamp === null ? "none" : new Date(timestamp).toISOString();
}

/** What is expected of a record, on one line. */
export function shownExpectation({ value }: RecordExpectation): string {
  if (value === undefined) return "any value";
  if (value.how === "text") return value.text;
  if (value.how === "bytes") return shownBytes(value.bytes);
  if (value.how === "matches") return `/${value.pattern.source}/`;
  return `${value.how} ${JSON.stringify(value.json)}`;
}
