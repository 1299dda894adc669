import type { CompiledModule, WasmImports, WasmInstance } from "../../base/index.ts";
import type { Batch } from "../../record/index.ts";
import type { ModuleLogLine } from "../abi/contract.ts";

/** What one instance of a module gets of WASI. */
export interface Wasi {
  /**
   * Makes the instance, and runs its `_initialize` where it has one.
   * @param imports what the module imports beside WASI
   * @throws what instantiation throws: a start function that traps, no memory
   */
  instantiate(compiled: CompiledModule, imports: WasmImports): WasmInstance;
  /** Tells of the batch that is worked on from now on, for a clock that shows its time. */
  begin(batch: Batch): void;
  /** Milliseconds since 1970, as the module sees it. */
  now(): number;
  /** Hands on what the module has written since the last time. */
  takeLog(log: ((line: ModuleLogLine) => void) | undefined): void;
  /** What it has written to its error output since the last time. */
  takeError(): string;
}

/** Calls the function with which a reactor makes itself ready, where a module has one. */
export function initialize(instance: WasmInstance): WasmInstance {
  const { _initialize: start } = instance.exports;
  if (typeof start === "function") start();
  return instance;
}
