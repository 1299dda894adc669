import type { Module } from "../../engine/index.ts";
import type { FuzzOptions } from "./fuzz.ts";
import type { FuzzResult } from "./result.ts";

/**
 * Tries a module with made-up records, law by law. What makes them up takes long to load, and nothing else needs it.
 * @throws MillraceError as `runFuzz`
 */
export async function fuzzModule(module: Module, options: FuzzOptions): Promise<FuzzResult> {
  const { runFuzz } = await import("./fuzz.ts");
  return runFuzz(module, options);
}
