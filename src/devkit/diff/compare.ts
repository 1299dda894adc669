import type { MillraceError } from "../../errors.ts";
import { diffLines, partThatDiffers, recordLines, recordText, type ShownRecord } from "../replay/index.ts";
import { shortened } from "../testing/diff.ts";
import { isSameRecord, type TrialOutcome, type TrialRecord } from "../trial/index.ts";
import { recordKey } from "./output-sum.ts";
import type { DiffedRecord, Kind } from "./result.ts";

/** What one version made of a record, with failures as texts that do not name the version. */
export interface Made {
  readonly fate: TrialOutcome["fate"];
  readonly output: readonly TrialRecord[];
  /** Codes with their texts; empty where it did not fail. */
  readonly failures: readonly { readonly code: string; readonly text: string }[];
}

/**
 * @param module name of the version, which texts of failures have in them
 * @param ended what ended the trial; that is what failed a record that is not settled
 */
export function madeOf(
  { fate, output, failures }: TrialOutcome,
  module: string,
  ended: MillraceError | undefined,
): Made {
  const all = fate === "unsettled" && ended !== undefined ? [ended] : failures;
  return {
    fate,
    output,
    failures: all.map(({ code, message }) => ({ code, text: textWithoutName(code, message, module) })),
  };
}

/** How what the new version made of a record differs from what the old one did. */
export function kindOf(old: Made, now: Made): Kind {
  const fails = [old.failures.length > 0, now.failures.length > 0] as const;
  if (fails[0] !== fails[1]) return fails[1] ? "failsNow" : "failsNoLonger";
  if (failureText(old) !== failureText(now)) return "failsOtherwise";
  if (isSameOutput(old.output, now.output)) return "same";
  if (old.output.length === 0) return "added";
  return now.output.length === 0 ? "dropped" : "changed";
}

/**
 * Tells people in what a record differs.
 * @param usualTime the time that the trial gave it, which is not shown; undefined for one that has its own
 */
export function describe(
  record: number,
  input: ShownRecord,
  kind: DiffedRecord["kind"],
  old: Made,
  now: Made,
  usualTime?: number,
): DiffedRecord {
  const { part, byte } = placeOf(kind, old.output, now.output);
  const diff = shortened(diffLines(linesOf(old, usualTime), linesOf(now, usualTime)));
  return { record, kind, part, byte, input: recordText(input), diff };
}

function placeOf(
  kind: Kind,
  old: readonly TrialRecord[],
  now: readonly TrialRecord[],
): Pick<DiffedRecord, "part" | "byte"> {
  if (kind === "failsOtherwise") return { part: "failure", byte: null };
  if (kind !== "changed") return { part: "fate", byte: null };
  if (old.length !== now.length) return { part: "count", byte: null };
  const keys = [old, now].map((records) => records.map(recordKey).sort().join("\n"));
  if (keys[0] === keys[1]) return { part: "order", byte: null };
  for (const [index, was] of old.entries()) {
    const is = now[index];
    const found = is === undefined ? undefined : partThatDiffers(shownRecord(was), shownRecord(is));
    // Only what a module makes is compared here, which has none of the parts of a fate.
    if (found !== undefined) return { part: found.part, byte: found.byte };
  }
  // Headers whose bytes differ, and not the texts that people see.
  return { part: "headers", byte: null };
}

function isSameOutput(old: readonly TrialRecord[], now: readonly TrialRecord[]): boolean {
  return (
    old.length === now.length &&
    old.every((record, index) => {
      const other = now[index];
      return other !== undefined && isSameRecord(record, other);
    })
  );
}

function failureText({ failures }: Made): string {
  return failures.map(({ code, text }) => `${code}: ${text}`).join("\n");
}

function linesOf({ fate, output, failures }: Made, usualTime: number | undefined): readonly string[] {
  const lines = output.flatMap((record) => recordLines(shownRecord(record, usualTime)));
  if (failures.length > 0) return [...failures.map(({ code, text }) => `failed: ${code}: ${text}`), ...lines];
  return output.length === 0 ? [fate] : lines;
}

function shownRecord({ value, key, timestamp, headers }: TrialRecord, usualTime?: number): ShownRecord {
  const text = new TextDecoder();
  return {
    value,
    key,
    timestamp: timestamp === usualTime ? undefined : timestamp,
    headers: headers.map((header) => [header.name, text.decode(header.value)] as const),
  };
}

/** The text of a failure. What the module itself says stays as it is; what is said of it does not name the version. */
function textWithoutName(code: string, message: string, module: string): string {
  return code === "module.record" ? message : message.replaceAll(module, "the module");
}
