import { type CompiledModule, type WasmMemory, webAssembly } from "../../base/index.ts";
import { kernelBinary } from "./kernel-binary.ts";

/** Loops over the bytes of a memory, run in the memory itself. `kernel.wat` has their contracts. */
export interface Kernel {
  splitLines(from: number, end: number, column: number, recordsMax: number): number;
  findLineFeed(from: number, end: number): number;
}

/** Bytes behind the end of a range that the kernel may read, though not use. */
export const kernelMarginBytes = 64;

let compiled: CompiledModule | undefined;

/** The kernel on a memory. */
export function kernelOn(memory: WasmMemory): Kernel {
  compiled ??= new webAssembly.Module(
    Uint8Array.from(atob(kernelBinary), (character) => character.charCodeAt(0)),
  );
  return new webAssembly.Instance(compiled, { frame: { memory } }).exports as unknown as Kernel;
}
