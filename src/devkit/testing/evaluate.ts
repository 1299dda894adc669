import type { ErrorExpectation, FateExpectation, RecordExpectation, TestCase } from "../../config/index.ts";
import type { Where } from "../../errors.ts";
import { outputOf, type TrialOutcome, type TrialRecord, type TrialResult } from "../trial/index.ts";
import { compareList } from "./compare-list.ts";
import { diffOfLines } from "./diff.ts";
import type { DiffLine, Finding } from "./report.ts";
import { comparableLines, shownBytes, strictText } from "./shown.ts";

/** What of a test does not hold, in the order in which a test is written. */
export function evaluate(test: TestCase, result: TrialResult): readonly Finding[] {
  return [
    ...fateFindings(test, result),
    ...outputFindings(test, outputOf(result)),
    ...errorFindings(test, result),
    ...endFindings(test, result),
    ...boundFindings(test, result),
  ];
}

function fateFindings({ input }: TestCase, { outcomes, steps }: TrialResult): Finding[] {
  const moduleOf = (step: number | undefined): string => steps[step ?? -1]?.module ?? "a module";
  return input.flatMap(({ expected, record }, index) => {
    const outcome = outcomes[index];
    if (expected === undefined || outcome === undefined) return [];
    const name = `input record ${index + 1}`;
    const finding = (message: string, diff: readonly DiffLine[] = []): Finding[] => [
      { where: expected.where, message: `${name} ${message}`, diff },
    ];
    if (expected.fate === "failed") {
      const [failure] = outcome.failures;
      if (failure === undefined) return finding(`was to fail, and ${became(outcome, moduleOf)}`);
      return expected.error === undefined ? [] : compareError(expected.error, failure, name);
    }
    if (outcome.fate === "failed")
      return finding(`${isExpected(expected)}, and ${became(outcome, moduleOf)}`);
    if (expected.fate === "output") return compareOutput(expected.records, outcome, expected.where, name);
    if (expected.fate === outcome.fate) return [];
    const [out] = outcome.output;
    const diff =
      expected.fate === "kept" && out !== undefined
        ? diffOfLines(comparableLines(Buffer.from(record.value)), comparableLines(out.value))
        : [];
    return finding(`${isExpected(expected)}, and ${became(outcome, moduleOf)}`, diff);
  });
}

function isExpected({ fate }: FateExpectation): string {
  return fate === "output" ? "was to come out" : `was to be ${fate}`;
}

function became(
  { fate, failures, droppedBy }: TrialOutcome,
  moduleOf: (step: number | undefined) => string,
): string {
  const [failure] = failures;
  if (failure !== undefined) return `failed in ${failure.module} with ${failure.code}: ${failure.message}`;
  if (fate === "dropped") return `was dropped by ${moduleOf(droppedBy)}`;
  return fate === "unsettled" ? "nothing is known of it, since a module ended" : `was ${fate}`;
}

function compareOutput(
  expected: readonly RecordExpectation[],
  { output }: TrialOutcome,
  where: Where,
  name: string,
): Finding[] {
  return compareList(expected, output, where, (index) =>
    expected.length === 1
      ? `what comes out for ${name}`
      : `record ${index + 1} of what comes out for ${name}`,
  );
}

function outputFindings({ output, count }: TestCase, actual: readonly TrialRecord[]): Finding[] {
  const findings: Finding[] = [];
  if (output !== undefined) {
    findings.push(
      ...compareList(output.value, actual, output.where, (index) => `output record ${index + 1}`),
    );
  }
  if (count !== undefined && count.value !== actual.length) {
    const message = `${count.value} records were to come out, and there are ${actual.length}`;
    findings.push({ where: count.where, message, diff: [] });
  }
  return findings;
}

function compareError(
  { where, code, text }: ErrorExpectation,
  actual: { readonly code: string; readonly message: string },
  name: string,
): Finding[] {
  const findings: Finding[] = [];
  if (code !== undefined && code !== actual.code) {
    const message = `${name} failed with ${actual.code}, and ${code} is expected: ${actual.message}`;
    findings.push({ where, message, diff: [] });
  }
  if (text !== undefined && !actual.message.includes(text)) {
    const message = `${name} failed with another text than ${JSON.stringify(text)}`;
    findings.push({ where, message, diff: diffOfLines([text], [actual.message]) });
  }
  return findings;
}

/** Records that failed without anything that says so fail the test: who expects an output expects no errors. */
function errorFindings({ input, errors, where }: TestCase, { outcomes }: TrialResult): Finding[] {
  const findings: Finding[] = [];
  for (const expected of errors?.value ?? []) {
    const outcome = outcomes[expected.index];
    const name = `input record ${expected.index + 1}`;
    const [failure] = outcome?.failures ?? [];
    if (failure !== undefined) findings.push(...compareError(expected, failure, name));
    else {
      const message =
        outcome === undefined ? `there is no ${name}` : `${name} was to fail, and was ${outcome.fate}`;
      findings.push({ where: expected.where, message, diff: [] });
    }
  }
  const isSaid = new Set(errors?.value.map(({ index }) => index));
  for (const [index, { failures }] of outcomes.entries()) {
    const [failure] = failures;
    if (failure === undefined || isSaid.has(index) || input[index]?.expected !== undefined) continue;
    const message = `input record ${index + 1} failed in ${failure.module} with ${failure.code}: ${failure.message}`;
    findings.push({ where: errors?.where ?? where, message, diff: [] });
  }
  return findings;
}

function endFindings({ startError, endError, where }: TestCase, { ended }: TrialResult): Finding[] {
  if (startError !== undefined) {
    return [{ where: startError.where, message: "the modules were not to start, and they did", diff: [] }];
  }
  if (endError !== undefined) {
    if (ended !== undefined) return compareError(endError, ended, "the test");
    return [{ where: endError.where, message: "a module was to end the pipeline, and none did", diff: [] }];
  }
  if (ended === undefined) return [];
  return [{ where, message: `the pipeline would end with ${ended.code}: ${ended.message}`, diff: [] }];
}

/** What a test finds where its modules did not start. */
export function evaluateStart(
  { startError, where }: TestCase,
  error: { readonly code: string; readonly message: string },
): readonly Finding[] {
  if (startError !== undefined) return compareError(startError, error, "the start");
  return [{ where, message: `${error.code}: ${error.message}`, diff: [] }];
}

function boundFindings(test: TestCase, { fuel, steps, log }: TrialResult): Finding[] {
  const { accumulatorAfter, fuelMax, memoryBytesMax } = test;
  const findings: Finding[] = [];
  const add = (where: Where, message: string, diff: readonly DiffLine[] = []): void => {
    findings.push({ where, message, diff });
  };
  if (accumulatorAfter !== undefined) {
    const bytes = steps.findLast(({ accumulator }) => accumulator !== undefined)?.accumulator;
    const text = bytes && (strictText(bytes) ?? shownBytes(bytes));
    if (text === undefined) add(accumulatorAfter.where, "no module here adds anything up");
    else if (text !== accumulatorAfter.value) {
      const diff = diffOfLines(accumulatorAfter.value.split("\n"), text.split("\n"));
      add(accumulatorAfter.where, "something else was added up", diff);
    }
  }
  let from = 0;
  for (const { value, where } of test.log) {
    const at = log.findIndex(({ text }, index) => index >= from && text.includes(value));
    if (at !== -1) from = at + 1;
    else
      add(
        where,
        `no line of the log has ${JSON.stringify(value)}`,
        log.map(({ text }) => ({ sign: "+", text })),
      );
  }
  if (fuelMax !== undefined && fuel > fuelMax.value) {
    add(fuelMax.where, `the records took ${fuel} instructions, and ${fuelMax.value} is the most`);
  }
  const memory = Math.max(0, ...steps.map((step) => step.memoryBytesMax));
  if (memoryBytesMax !== undefined && memory > memoryBytesMax.value) {
    add(
      memoryBytesMax.where,
      `an instance has ${memory} bytes of memory, and ${memoryBytesMax.value} is the most`,
    );
  }
  return findings;
}
