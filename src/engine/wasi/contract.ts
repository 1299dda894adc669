import type { CompiledModule, WasmImports, WasmInstance } from "../../base/index.ts";
import type { Batch } from "../../record/index.ts";
import type { ModuleLogLine } from "../abi/contract.ts";

/** What one instance of a module gets of WASI. */
export interface Wasi {
  /**
   * Makes the instance. Nothing of it has run yet then: see `firstCalls`.
   * @param imports what the module imports beside WASI
   * @throws what instantiation throws: no memory, data that does not fit
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
