import { diffArrays } from "diff";
import type { RecordExpectation } from "../../config/index.ts";
import type { Where } from "../../errors.ts";
import type { TrialRecord } from "../trial/index.ts";
import { compareRecord, shownExpectation } from "./compare-record.ts";
import type { DiffLine, Finding } from "./report.ts";
import { shownBytes, strictText } from "./shown.ts";

/** Record by record where there are as many as expected, and as a whole where there are not. */
export function compareList(
  expected: readonly RecordExpectation[],
  actual: readonly TrialRecord[],
  where: Where,
  nameOf: (index: number) => string,
): Finding[] {
  if (expected.length === actual.length) {
    return expected.flatMap((each, index) =>
      compareRecord(actual[index] as TrialRecord, each, nameOf(index)),
    );
  }
  const changes = diffArrays<RecordExpectation | TrialRecord>([...expected], [...actual], {
    comparator: (left, right) =>
      compareRecord(right as TrialRecord, left as RecordExpectation, "").length === 0,
  });
  const diff = changes.flatMap(({ added, removed, value }) =>
    value.map((each): DiffLine => {
      const sign = added ? "+" : removed ? "-" : " ";
      return { sign, text: "where" in each ? shownExpectation(each) : shownActual(each) };
    }),
  );
  const message = `${expected.length} records were to come out, and there are ${actual.length}`;
  return [{ where, message, diff }];
}

function shownActual({ value }: TrialRecord): string {
  return strictText(value) ?? shownBytes(value);
}
