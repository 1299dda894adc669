import fc from "fast-check";
import { expect, test } from "vitest";
import { compileWat } from "../../support/wat.ts";
import { type AnyFunction, given, runAll, start } from "./outcome.ts";
import { randomModule, stepInstructions } from "./random-module.ts";
import { fuelOf, instantiate, isValid, rewrite } from "./support.ts";

const seeds = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 4 }));

test("a rewritten module does what the module does, and pays for each step, the same each time", async () => {
  let stepCount = 0n;
  let trapCount = 0;
  await fc.assert(
    fc.asyncProperty(seeds, async ([seed, size]) => {
      const module = randomModule(seed, size);
      const bytes = await compileWat(module.wat);
      const rewritten = rewrite(bytes);
      expect(isValid(rewritten)).toBe(true);
      const expected = runAll(instantiate(bytes), module);
      const used = [1, 2].map(() => {
        const instance = instantiate(rewritten);
        start(instance);
        const fuel = fuelOf(instance);
        const before = fuel.value;
        expect(runAll(instance, module)).toEqual(expected);
        return before - fuel.value;
      });
      expect(used[0]).toBe(used[1]);
      // What a trap leaves behind in a function is not counted.
      const hasTrapped = expected.results.some((each) => typeof each === "string");
      if (!hasTrapped) expect(used[0]).toBeGreaterThanOrEqual(expected.steps * BigInt(stepInstructions));
      stepCount += expected.steps;
      trapCount += hasTrapped ? 1 : 0;
      const capped = instantiate(rewrite(bytes, { fuel: undefined }));
      start(capped);
      expect(runAll(capped, module)).toEqual(expected);
    }),
    { numRuns: 400 },
  );
  expect(stepCount).toBeGreaterThan(10_000n);
  expect(trapCount).toBeGreaterThan(10);
});

test("the fuel that a call takes is exactly enough for it", async () => {
  await fc.assert(
    fc.asyncProperty(seeds, async ([seed, size]) => {
      const module = randomModule(seed, size);
      const rewritten = rewrite(await compileWat(module.wat));
      for (const { name, parameters } of module.functions) {
        const call = (budget: bigint): { readonly result: unknown; readonly left: bigint } => {
          const instance = instantiate(rewritten);
          const fuel = fuelOf(instance);
          fuel.value = budget;
          try {
            const result = (instance.exports[name] as unknown as AnyFunction)(
              ...parameters.map((type) => given[type][0]),
            );
            return { result, left: fuel.value };
          } catch (error) {
            return { result: (error as Error).message, left: fuel.value };
          }
        };
        const plenty = call(2n ** 40n);
        if (typeof plenty.result === "string") continue;
        const used = 2n ** 40n - plenty.left;
        expect(call(used)).toEqual({ result: plenty.result, left: 0n });
        for (const budget of [used - 1n, used / 2n, 0n]) {
          const { result, left } = call(budget);
          expect([result, left < 0n]).toEqual(["unreachable", true]);
        }
      }
    }),
    { numRuns: 150 },
  );
});
