import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fuzz, inputOf } from "./run.ts";
import { type FuzzTarget, mustHold } from "./target.ts";
import { targets } from "./targets.ts";

const findings = join(import.meta.dirname, "findings");
/** Inputs that a commit is tried with, the same each time; those of a target that takes long for one are fewer. */
const inputsOfSlow: Readonly<Record<string, number>> = {
  capture: 500,
  config: 200,
  "packed-answer": 300,
  simulator: 5,
};
const inputs = (name: string): number => inputsOfSlow[name] ?? 1500;

describe.each(targets)("$name: $law", { timeout: 120_000 }, (target) => {
  test("with new inputs", async () => {
    const count = inputs(target.name);
    const { executions, found } = await fuzz(target, { seed: 1, from: 0, goesOn: (done) => done < count });
    expect(found?.problem).toBeUndefined();
    expect(executions).toBe(count);
  });

  test("with all that has broken it before", async () => {
    const folder = join(findings, target.name);
    const { check } = await target.prepare();
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      await expect(
        (async () => check(new Uint8Array(readFileSync(join(folder, name)))))(),
        name,
      ).resolves.toBeUndefined();
    }
  });

  test("with the same inputs for the same seed", async () => {
    const prepared = await target.prepare();
    const made = [3, 4].map((index) => inputOf(prepared, 8, index));
    expect([3, 4].map((index) => inputOf(prepared, 8, index))).toEqual(made);
    expect(made[0]).not.toEqual(made[1]);
  });
});

test("every finding belongs to a target", () => {
  const names = existsSync(findings) ? readdirSync(findings) : [];
  expect(names.filter((name) => !targets.some((target) => target.name === name))).toEqual([]);
});

test("the first input that breaks a law ends the search, with its index and what it was", async () => {
  const target: FuzzTarget = {
    name: "planted",
    law: "no input begins with 7",
    prepare: async () => ({
      make: (dice) => dice.bytes(1),
      check: (input) => mustHold(input[0] !== 7, "it begins with 7"),
    }),
  };
  const { executions, found } = await fuzz(target, { seed: 2, from: 0, goesOn: () => true });
  expect(found?.input).toEqual(Uint8Array.of(7));
  expect(found?.index).toBe(executions);
  expect(found?.problem).toContain("it begins with 7");
});
