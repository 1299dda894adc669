import { createHash } from "node:crypto";
import type { WasmGlobal, WasmInstance, WasmMemory } from "../../../src/base/index.ts";
import { ownExport } from "../../../src/engine/rewrite/index.ts";
import type { RandomModule } from "./random-module.ts";

export type AnyFunction = (...values: readonly (number | bigint)[]) => unknown;

/** Arguments for functions of random modules, by type. */
export const given = { i32: [0, 3, -5], i64: [1n, -2n, 1000n], f64: [0.5, -3, 1e9] } as const;

/** What a module has done. */
export interface Outcome {
  readonly results: readonly unknown[];
  /** Its hash: comparing bytes one by one would take longer than all else. */
  readonly memory: string;
  readonly any: unknown;
  readonly steps: bigint;
}

/** Calls the start function, which the rewriter leaves to the host. */
export function start({ exports }: WasmInstance): void {
  (exports[ownExport.start] as (() => void) | undefined)?.();
}

/** Calls all functions with a few arguments each; a trap is a result, too. */
export function runAll(instance: WasmInstance, { functions }: RandomModule): Outcome {
  const { exports } = instance;
  const results = [0, 1, 2].flatMap((round) =>
    functions.map(({ name, parameters }) => {
      try {
        return (exports[name] as unknown as AnyFunction)(
          ...parameters.map((type) => given[type][round] as number),
        );
      } catch (error) {
        return (error as Error).message;
      }
    }),
  );
  const { memory, any, steps } = exports as unknown as Record<string, WasmMemory & WasmGlobal>;
  const hash = createHash("sha256").update(new Uint8Array(memory?.buffer as ArrayBuffer));
  return { results, memory: hash.digest("hex"), any: any?.value, steps: steps?.value ?? -1n };
}
