import { expect, test } from "vitest";
import { Backoff } from "../../src/base/index.ts";
import { limits } from "../../src/limits.ts";

/** The largest number that `Math.random` can give. */
const almostOne = 1 - 2 ** -53;

function delays(backoff: Backoff, count: number): number[] {
  return Array.from({ length: count }, () => backoff.nextMs());
}

test("the longest possible delay doubles up to a limit", () => {
  const backoff = new Backoff({ firstMsMax: 100, delayMsMax: 1000, random: () => almostOne });
  expect(delays(backoff, 6)).toEqual([100, 200, 400, 800, 1000, 1000]);
});

test("a delay may be anything below, to spread those who wait", () => {
  const backoff = new Backoff({ firstMsMax: 100, delayMsMax: 1000, random: () => 0 });
  expect(delays(backoff, 3)).toEqual([0, 0, 0]);
  const draws = [0.5, 0.25, 0.125];
  const drawn = new Backoff({ firstMsMax: 100, delayMsMax: 1000, random: () => draws.shift() ?? 0 });
  expect(delays(drawn, 3)).toEqual([50, 50, 50]);
});

test("a success starts over", () => {
  const backoff = new Backoff({ firstMsMax: 100, random: () => almostOne });
  delays(backoff, 5);
  backoff.reset();
  expect(backoff.nextMs()).toBe(100);
});

test("without options it goes from retryFirstDelayMsMax to retryDelayMsMax, however often it is asked", () => {
  const all = delays(new Backoff({ random: () => almostOne }), 5000);
  expect(all[0]).toBe(limits.retryFirstDelayMsMax.default);
  expect(all.at(-1)).toBe(limits.retryDelayMsMax.default);
});

test("without a source of randomness it uses the platform's", () => {
  const distinct = new Set(delays(new Backoff({ firstMsMax: 1_000_000, delayMsMax: 1_000_000 }), 10));
  expect(distinct.size).toBeGreaterThan(1);
});
