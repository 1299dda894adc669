import { type CompiledModule, compileBase64, type WasmMemory, webAssembly } from "../../base/index.ts";
import { kernelBinary, sharedKernelBinary } from "./kernel-binary.ts";

/** Loops over the bytes of a memory, run in the memory itself. `kernel.wat` has their contracts. */
export interface Kernel {
  splitLines(from: number, end: number, column: number, recordsMax: number): number;
  findLineFeed(from: number, end: number): number;
}

/** Bytes behind the end of a range that the kernel may read, though not use. */
export const kernelMarginBytes = 64;

let compiled: CompiledModule | undefined;
let compiledShared: CompiledModule | undefined;

/** The kernel on a memory. A module says of the memory it imports whether that is shared, so there are two of it. */
export function kernelOn(memory: WasmMemory, shared: boolean): Kernel {
  if (shared) compiledShared ??= compileBase64(sharedKernelBinary);
  else compiled ??= compileBase64(kernelBinary);
  const module = (shared ? compiledShared : compiled) as CompiledModule;
  return new webAssembly.Instance(module, { frame: { memory } }).exports as unknown as Kernel;
}
