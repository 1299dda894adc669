import { plainFilter, plainMap } from "../engine/reference-guests.ts";
import type { PlainRecord } from "../support/records.ts";
import type { StepKind } from "./guests.ts";
import { itemOf, recordOf, type Scenario, textOf } from "./scenario.ts";

/** What a step makes of one record: the records that come of it, or that it fails. */
type StepResult = readonly PlainRecord[] | "failed";

/** What should become of one item of the feed. */
export interface Expected {
  /** What arrives of it, in order. */
  readonly parts: readonly string[];
  readonly outcome: "delivered" | "filtered" | "skipped";
  /** How often it fails, as a whole or in part. */
  readonly failures: number;
  /** What the aggregates have added up behind it, by step. */
  readonly sums: readonly number[];
}

/** What aggregates begin with. */
export function noSums({ steps }: Scenario): readonly number[] {
  return steps.map(() => 0);
}

/** What aggregates have added up before an item, where nothing was lost. */
export function sumsBefore(scenario: Scenario, index: number): readonly number[] {
  return expectedFrom(scenario, 0, noSums(scenario))[index - 1]?.sums ?? noSums(scenario);
}

/** What the steps, said as plainly as possible, make of the items from one on. */
export function expectedFrom(scenario: Scenario, from: number, sums: readonly number[]): readonly Expected[] {
  const held = [...sums];
  return Array.from(scenario.letters.slice(from), (_, index) => {
    const item = itemOf(scenario, from + index);
    if (item.isRejected) return { parts: [], outcome: "skipped", failures: 1, sums: [...held] };
    let records: readonly PlainRecord[] = [recordOf(item)];
    let failures = 0;
    for (const [step, kind] of scenario.steps.entries()) {
      const results = records.map((record) => applyStep(kind, record, held, step));
      failures += results.filter((result) => result === "failed").length;
      records = results.flatMap((result) => (result === "failed" ? [] : result));
    }
    if (scenario.route === "topic to device") {
      const accepted = records.filter((record) => !isRefused(record.value));
      failures += records.length - accepted.length;
      records = accepted;
    }
    const parts = records.map(textOf);
    const outcome = failures > 0 ? "skipped" : parts.length > 0 ? "delivered" : "filtered";
    return { parts, outcome, failures, sums: [...held] };
  });
}

/** Whether the simulated device refuses a value. */
export function isRefused(value: Uint8Array): boolean {
  return value[0] === 0x73;
}

function applyStep(kind: StepKind, record: PlainRecord, sums: number[], step: number): StepResult {
  switch (kind) {
    case "filter":
    case "map": {
      const [outcome] = (kind === "filter" ? plainFilter : plainMap)([record]);
      if (outcome === undefined || outcome.verdict === "dropped") return [];
      return outcome.verdict === "failed" ? "failed" : [outcome.record];
    }
    case "array-map":
      return expand(record);
    case "aggregate":
      return addUp(record, sums, step);
  }
}

function expand(record: PlainRecord): StepResult {
  const { value } = record;
  const letter = String.fromCharCode(value[0] ?? 0);
  if (letter === "%") return "failed";
  if (letter !== "x" || value.length <= 4) return [record];
  return Array.from({ length: (value[1] as number) & 3 }, (_, k) => ({ ...record, value: value.slice(k) }));
}

function addUp(record: PlainRecord, sums: number[], step: number): StepResult {
  const { value } = record;
  if (value[0] === 0x3f) return "failed";
  const sum = value.reduce((total, byte) => total + byte, Math.imul(sums[step] as number, 31)) >>> 0;
  sums[step] = sum;
  const digits = sum.toString(16).padStart(8, "0");
  return [{ ...record, value: Buffer.concat([value, Buffer.from(`:${digits}`)]) }];
}
