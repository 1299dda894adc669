import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { WasmGlobal, WasmInstance, WasmMemory } from "../../../src/base/index.ts";
import { ownExport } from "../../../src/engine/rewrite/index.ts";
import { compileWat } from "../../support/wat.ts";
import { type RandomModule, randomModule, stepInstructions } from "./random-module.ts";
import { fuelOf, instantiate, isValid, rewrite } from "./support.ts";

type Any = (...values: readonly (number | bigint)[]) => unknown;

const given = { i32: [0, 3, -5], i64: [1n, -2n, 1000n], f64: [0.5, -3, 1e9] } as const;

interface Outcome {
  readonly results: readonly unknown[];
  /** Its hash: comparing bytes one by one would take longer than all else. */
  readonly memory: string;
  readonly any: unknown;
  readonly steps: bigint;
}

function start({ exports }: WasmInstance): void {
  (exports[ownExport.start] as (() => void) | undefined)?.();
}

/** All functions with a few arguments each; a trap is a result, too. */
function runAll(instance: WasmInstance, { functions }: RandomModule): Outcome {
  const { exports } = instance;
  const results = [0, 1, 2].flatMap((round) =>
    functions.map(({ name, parameters }) => {
      try {
        return (exports[name] as unknown as Any)(...parameters.map((type) => given[type][round] as number));
      } catch (error) {
        return (error as Error).message;
      }
    }),
  );
  const { memory, any, steps } = exports as unknown as Record<string, WasmMemory & WasmGlobal>;
  const hash = createHash("sha256").update(new Uint8Array(memory?.buffer as ArrayBuffer));
  return { results, memory: hash.digest("hex"), any: any?.value, steps: steps?.value ?? -1n };
}

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
            const result = (instance.exports[name] as unknown as Any)(
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
