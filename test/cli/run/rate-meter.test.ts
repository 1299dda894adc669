import { expect, test } from "vitest";
import { RateMeter } from "../../../src/cli/run/rate-meter.ts";

test("one sample tells no speed, nor do two of the same moment", () => {
  const meter = new RateMeter(1000);
  expect(meter.sample(0, 0)).toBeUndefined();
  expect(meter.sample(100, 0)).toBeUndefined();
  expect(meter.sample(100, 50)).toBe(2000);
});

test("only the last while counts", () => {
  const meter = new RateMeter(1000);
  meter.sample(0, 0);
  expect(meter.sample(1000, 500)).toBe(2000);
  expect(meter.sample(1000, 1000)).toBe(1000);
  // The sample at 0 is too old now, so that what is left stands still.
  expect(meter.sample(1000, 1500)).toBe(0);
});

test("after a long pause, the two latest samples are compared", () => {
  const meter = new RateMeter(1000);
  meter.sample(0, 0);
  meter.sample(10, 10);
  expect(meter.sample(20_010, 10_010)).toBe(2000);
});
