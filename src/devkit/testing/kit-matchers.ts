import { utf8 } from "../../base/index.ts";
import type { RecordExpectation, ValueExpectation } from "../../config/index.ts";
import { type ErrorCode, formatWhere, MillraceError } from "../../errors.ts";
import { compareList } from "./compare-list.ts";
import type { TestedInput, TestedRecord, TestedRecords } from "./kit-result.ts";
import type { FileReport, Finding } from "./report.ts";

/** What a record is expected to be: a text, bytes, or JSON that is equal whatever the order of its members. */
export type ExpectedRecord = string | Uint8Array | object;

/** What an error is expected to be; what is absent is of no matter. */
export interface ExpectedError {
  readonly code?: ErrorCode;
  /** A part of its text. */
  readonly text?: string;
}

/** What test runners get of a matcher. */
export interface Verdict {
  readonly pass: boolean;
  readonly message: () => string;
}

const nowhere = { file: "" };

function toOutput(result: TestedRecords, expected: readonly ExpectedRecord[]): Verdict {
  const records = expected.map(
    (each): RecordExpectation => ({
      where: nowhere,
      value: wantedValue(each),
      key: undefined,
      timestamp: undefined,
      headers: undefined,
    }),
  );
  const actual = result.output.map((each) => ({
    ...each,
    key: each.key === undefined ? undefined : utf8(each.key),
  }));
  return verdict(
    compareList(records, actual, nowhere, (index) => `output record ${index}`),
    "these came out",
  );
}

function toKeep(result: TestedRecords, index: number): Verdict {
  return fateVerdict(result, index, "kept");
}

function toDrop(result: TestedRecords, index: number): Verdict {
  return fateVerdict(result, index, "dropped");
}

function toFail(result: TestedRecords, index: number, expected: ExpectedError = {}): Verdict {
  const input = result.inputs[index];
  const { code, text = "" } = expected;
  const { error } = input ?? {};
  const isRight = error !== undefined && (code ?? error.code) === error.code && error.message.includes(text);
  const wanted = JSON.stringify(expected);
  return {
    pass: isRight,
    message: () =>
      `input record ${index} was ${isRight ? "not " : ""}to fail with ${wanted}, and ${told(input)}`,
  };
}

function toTakeFuelAtMost({ fuel }: TestedRecords, most: number): Verdict {
  const isRight = fuel <= most;
  return {
    pass: isRight,
    message: () => `the records took ${fuel} instructions, and ${most} is the ${isRight ? "least" : "most"}`,
  };
}

function toTakeMemoryAtMost({ memoryBytesMax }: TestedRecords, most: number): Verdict {
  const isRight = memoryBytesMax <= most;
  const message = `an instance has ${memoryBytesMax} bytes of memory, and ${most} is the ${isRight ? "least" : "most"}`;
  return { pass: isRight, message: () => message };
}

function toPassTests({ cases, file }: FileReport): Verdict {
  const findings = cases.flatMap((each) => each.findings);
  return verdict(findings, `the tests of ${file} passed`);
}

/** For `expect.extend` of vitest and of all that has the matchers of Jest. */
export const millraceMatchers = {
  toOutput,
  toKeep,
  toDrop,
  toFail,
  toTakeFuelAtMost,
  toTakeMemoryAtMost,
  toPassTests,
};

/** The matchers as types, to be merged with those of a test runner. Indexes are those of input records, from 0. */
export interface MillraceMatchers<Result = unknown> {
  /** These records come out, in order, and no others. */
  toOutput(expected: readonly ExpectedRecord[]): Result;
  /** The input record comes out as it went in. */
  toKeep(index: number): Result;
  toDrop(index: number): Result;
  toFail(index: number, expected?: ExpectedError): Result;
  /** All records together take so many instructions at most. */
  toTakeFuelAtMost(most: number): Result;
  /** An instance of a module has so many bytes of memory at most. */
  toTakeMemoryAtMost(most: number): Result;
  /** All tests of a `*.test.yaml` file that was run with `runTests` have passed. */
  toPassTests(): Result;
}

type Checked = TestedRecords | FileReport;

/**
 * The same for test runners without matchers, such as `node:test`: `verify(result).toKeep(0)`.
 * @throws MillraceError `test.failed`, by its functions
 */
export function verify(result: TestedRecords): Omit<MillraceMatchers<void>, "toPassTests">;
export function verify(report: FileReport): Pick<MillraceMatchers<void>, "toPassTests">;
export function verify(result: Checked): MillraceMatchers<void> {
  const entries = Object.entries(millraceMatchers).map(([name, matcher]) => {
    const check = matcher as (result: Checked, ...rest: readonly unknown[]) => Verdict;
    const verifying = (...rest: readonly unknown[]): void => {
      const { pass, message } = check(result, ...rest);
      if (!pass) throw new MillraceError("test.failed", message());
    };
    return [name, verifying];
  });
  return Object.fromEntries(entries) as MillraceMatchers<void>;
}

function wantedValue(expected: ExpectedRecord): ValueExpectation {
  if (typeof expected === "string") return { how: "text", text: expected };
  if (expected instanceof Uint8Array) return { how: "bytes", bytes: expected };
  return { how: "json", json: expected };
}

function fateVerdict(result: TestedRecords, index: number, fate: "kept" | "dropped"): Verdict {
  const input = result.inputs[index];
  const isRight = input?.fate === fate;
  return {
    pass: isRight,
    message: () => `input record ${index} was ${isRight ? "not " : ""}to be ${fate}, and ${told(input)}`,
  };
}

function told(input: TestedInput | undefined): string {
  if (input === undefined) return "there is none of this index";
  const { error, fate, output } = input;
  if (error !== undefined) return `failed in ${error.module} with ${error.code}: ${error.message}`;
  const [out] = output;
  return out === undefined || fate === "kept" ? `was ${fate}` : `was ${fate}: ${textOf(out)}`;
}

function textOf({ text }: TestedRecord): string {
  return JSON.stringify(text);
}

function verdict(findings: readonly Finding[], otherwise: string): Verdict {
  return {
    pass: findings.length === 0,
    message: () => (findings.length === 0 ? otherwise : findings.map(findingText).join("\n")),
  };
}

function findingText({ where, message, diff }: Finding): string {
  const place = where === nowhere ? "" : `${formatWhere(where)}: `;
  return [`${place}${message}`, ...diff.map(({ sign, text }) => `  ${sign} ${text}`)].join("\n");
}
