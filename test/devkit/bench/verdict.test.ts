import { describe, expect, test } from "vitest";
import { type CaseTimes, falsePositiveShareMax, judge } from "../../../src/devkit/bench/verdict.ts";
import { Dice } from "../../support/dice.ts";

/** A normal value out of two even ones (Box and Muller). */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** What other programs do to a machine: it drifts, some rounds are slow as a whole, and some slices are much slower. */
function times(random: () => number, rounds: number, speeds: readonly number[], noise: number): CaseTimes {
  const all = [...speeds, speeds[0] ?? 1].map((): number[] => []);
  let drift = 0;
  for (let round = 0; round < rounds; round++) {
    drift += normal(random) * noise;
    const slow = random() < 0.1 ? 1.5 : 1;
    for (const [index, speed] of [...speeds, speeds[0] ?? 1].entries()) {
      const hit = random() < 0.15 ? 1 + random() * 2 : 1;
      all[index]?.push((100 / speed) * Math.exp(drift + normal(random) * noise) * slow * hit);
    }
  }
  return { nsByModule: all.slice(0, speeds.length), nsAgain: all.at(-1) ?? [] };
}

const calls = 200;

/** The share of calls in which any case of a comparison was called a difference. */
function shareCalled(seed: number, rounds: number, speed: number, noise: number): number {
  const dice = new Dice(seed);
  const random = (): number => dice.below(2 ** 32) / 2 ** 32;
  let called = 0;
  for (let call = 0; call < calls; call++) {
    const cases = Array.from({ length: 4 }, () => times(random, rounds, [1, speed], noise));
    const verdicts = judge(cases).flatMap(({ comparisons }) => comparisons.map(({ verdict }) => verdict));
    if (verdicts.some((verdict) => verdict !== "no difference")) called++;
  }
  return called / calls;
}

describe("verdicts", () => {
  test.each([
    ["6 quiet rounds", 6, 0.002],
    ["20 quiet rounds", 20, 0.002],
    ["20 noisy rounds", 20, 0.1],
    ["40 noisy rounds", 40, 0.1],
  ])("of a module against itself are differences in at most 5 of 100 calls: %s", (_name, rounds, noise) => {
    expect(shareCalled(1, rounds, 1, noise)).toBeLessThanOrEqual(falsePositiveShareMax);
  });

  test("find what is there, where the noise lets them", () => {
    expect(shareCalled(2, 20, 1.3, 0.03)).toBeGreaterThan(0.9);
    expect(shareCalled(3, 20, 0.8, 0.03)).toBeGreaterThan(0.9);
  });

  test("say which of the two is the faster one", () => {
    const even = Array.from({ length: 12 }, (_, round) => 100 + round / 100);
    const verdictOf = (ns: readonly number[]): object | undefined =>
      judge([{ nsByModule: [even, ns], nsAgain: even.toReversed() }])[0]?.comparisons[0];
    expect(verdictOf(even.map((each) => each / 2))).toMatchObject({
      verdict: "faster",
      ratio: expect.closeTo(2, 3),
    });
    expect(verdictOf(even.map((each) => each * 2))).toMatchObject({
      verdict: "slower",
      ratio: expect.closeTo(0.5, 3),
    });
  });

  test("call what is sure and still inside the noise of the first module no difference", () => {
    const even = Array.from({ length: 12 }, () => 100);
    const wavy = even.map((each, round) => each * (round % 2 === 0 ? 0.9 : 1.1));
    const slower = even.map((each) => each * 1.05);
    const [inside] = judge([{ nsByModule: [even, slower], nsAgain: wavy }]);
    expect(inside?.noiseFloor).toBeGreaterThan(0.09);
    expect(inside?.comparisons[0]).toMatchObject({ pValue: expect.closeTo(0, 2), verdict: "no difference" });
    const [outside] = judge([{ nsByModule: [even, slower], nsAgain: even }]);
    expect(outside?.comparisons[0]?.verdict).toBe("slower");
  });

  test("of times that no clock can tell are no difference", () => {
    const none = Array.from({ length: 8 }, () => 0);
    const [judged] = judge([{ nsByModule: [none, none], nsAgain: none }]);
    expect(judged).toMatchObject({
      noiseFloor: 0,
      comparisons: [{ ratio: 1, pValue: 1, verdict: "no difference" }],
    });
  });

  test("are stricter where there are more of them", () => {
    const base = Array.from({ length: 10 }, (_, round) => 100 + round);
    const other = base.map((each, round) => each * (round < 2 ? 1.001 + round / 1000 : 0.9 - round / 100));
    const one = judge([{ nsByModule: [base, other], nsAgain: base }])[0]?.comparisons[0]?.pValue ?? 1;
    const many = judge(Array.from({ length: 5 }, () => ({ nsByModule: [base, other], nsAgain: base })));
    expect(many[0]?.comparisons[0]?.pValue).toBeCloseTo(Math.min(1, one * 5), 10);
  });
});
