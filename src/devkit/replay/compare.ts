import { isSameRecord } from "../../run/index.ts";
import { fateOf, type StepOutcome, shownRecords } from "./outcomes.ts";
import { recordText, valueText } from "./record-text.ts";
import type { DifferentPart, ReplayDifference, ShownRecord } from "./result.ts";

/** How what comes of a record now differs from what was captured. */
export type Difference = "same" | "added" | "dropped" | "changed" | "failed";

/** Compares what a step made of one record. */
export function differenceOf(captured: StepOutcome, now: StepOutcome, record: number): Difference {
  const [capturedFrom, capturedTo] = rangeOf(captured, record);
  const [nowFrom, nowTo] = rangeOf(now, record);
  const failure = now.failures.get(record);
  if (failure !== captured.failures.get(record)) {
    if (failure !== undefined && !captured.failures.has(record)) return "failed";
    return nowTo > nowFrom && capturedTo === capturedFrom ? "added" : "changed";
  }
  const capturedCount = capturedTo - capturedFrom;
  if (nowTo - nowFrom !== capturedCount) {
    if (capturedCount === 0) return "added";
    return nowTo === nowFrom ? "dropped" : "changed";
  }
  if (captured.after === undefined || now.after === undefined) return "same";
  for (let i = 0; i < capturedCount; i++) {
    if (!isSameRecord(captured.after, capturedFrom + i, now.after, nowFrom + i)) return "changed";
  }
  return "same";
}

/** True when two outcomes are the same byte for byte, so that no record needs to be looked at. */
export function areSameBytes(captured: StepOutcome, now: StepOutcome): boolean {
  const { after } = captured;
  if (after === undefined || now.after === undefined) return false;
  if (captured.failures.size > 0 || now.failures.size > 0) return false;
  return isSame(after.bytes, now.after.bytes) && isSame(captured.ranges, now.ranges);
}

/** Tells people where what comes of a record differs. */
export function describeDifference(
  captured: StepOutcome,
  now: StepOutcome,
  record: number,
): Pick<ReplayDifference, "part" | "byte" | "captured" | "now"> {
  const failures = [captured.failures.get(record), now.failures.get(record)] as const;
  const fates = [fateOf(captured, record), fateOf(now, record)] as const;
  const records = [recordsOf(captured, record), recordsOf(now, record)] as const;
  if (fates[0] !== fates[1] && (records[0].length === 0 || records[1].length === 0)) {
    return {
      part: "fate",
      byte: null,
      captured: fateText(fates[0], records[0], failures[0]),
      now: fateText(fates[1], records[1], failures[1]),
    };
  }
  if (failures[0] !== failures[1]) {
    return {
      part: "failure",
      byte: null,
      captured: failures[0] ?? "it did not fail",
      now: failures[1] ?? "it did not fail",
    };
  }
  if (records[0].length !== records[1].length) {
    const texts = records.map((all) => all.map(recordText).join("\n"));
    return { part: "count", byte: null, captured: texts[0] ?? "", now: texts[1] ?? "" };
  }
  for (const [index, was] of records[0].entries()) {
    const found = partThatDiffers(was, records[1][index] as ShownRecord);
    if (found !== undefined) return found;
  }
  return { part: "value", byte: null, captured: "", now: "" };
}

function fateText(
  fate: string | undefined,
  records: readonly ShownRecord[],
  failure: string | undefined,
): string {
  const text = records.map(recordText).join("\n");
  const what = failure === undefined ? (fate ?? "never reached") : `failed: ${failure}`;
  return text === "" ? what : `${what}: ${text}`;
}

/** The first part in which two records differ; undefined where none does. */
export function partThatDiffers(
  was: ShownRecord,
  is: ShownRecord,
): Pick<ReplayDifference, "part" | "byte" | "captured" | "now"> | undefined {
  const bytes = (part: DifferentPart, a: Uint8Array | undefined, b: Uint8Array | undefined) => ({
    part,
    byte: firstDifference(a ?? new Uint8Array(0), b ?? new Uint8Array(0)),
    captured: a === undefined ? "none" : valueText(a),
    now: b === undefined ? "none" : valueText(b),
  });
  if (!isSame(was.value, is.value)) return bytes("value", was.value, is.value);
  if ((was.key === undefined) !== (is.key === undefined) || !isSame(was.key ?? [], is.key ?? [])) {
    return bytes("key", was.key, is.key);
  }
  if (was.timestamp !== is.timestamp) {
    return {
      part: "timestamp",
      byte: null,
      captured: String(was.timestamp ?? "none"),
      now: String(is.timestamp ?? "none"),
    };
  }
  const headers = [was, is].map((record) =>
    record.headers.map(([name, value]) => `${name}: ${value}`).join("\n"),
  );
  if (headers[0] === headers[1]) return undefined;
  return { part: "headers", byte: null, captured: headers[0] || "none", now: headers[1] || "none" };
}

function recordsOf(outcome: StepOutcome, record: number): readonly ShownRecord[] {
  const [from, to] = rangeOf(outcome, record);
  return outcome.after === undefined ? [] : shownRecords(outcome.after, from, to);
}

export function rangeOf({ ranges }: StepOutcome, record: number): readonly [from: number, to: number] {
  return [ranges[record] as number, ranges[record + 1] as number];
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}

function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
