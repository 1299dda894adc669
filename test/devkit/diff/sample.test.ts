import { expect, test } from "vitest";
import { Sample } from "../../../src/devkit/diff/sample.ts";
import { limits } from "../../../src/limits.ts";

test("a sample has the first diffSampleRecordsMax records", () => {
  const most = limits.diffSampleRecordsMax.default;
  const sample = new Sample();
  sample.add(Array.from({ length: most - 1 }, (_, index) => ({ value: String(index) })));
  sample.add([{ value: "last" }, { value: "too many" }]);
  sample.add([{ value: "too many" }]);
  expect(sample.records.length).toBe(most);
  expect(sample.records.at(-1)).toEqual({ value: "last" });
});

test("a sample ends with the record that brings it to benchRecordBytesMax", () => {
  const value = new Uint8Array(limits.benchRecordBytesMax.default / 2);
  const sample = new Sample();
  for (let i = 0; i < 3; i++) sample.add([{ value }]);
  expect(sample.records.length).toBe(2);
});
