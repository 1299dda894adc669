import { type CompiledModule, compileBase64, type WasmMemory, webAssembly } from "../../../../base/index.ts";
import type { FrameBuffer } from "../../../../record/index.ts";
import { kernelBinary, sharedKernelBinary } from "./kernel-binary.ts";

/** Loops over the records of a batch, run in the memory of its buffer. `kernel.wat` has their contracts. */
export interface Kernel {
  measure(
    values: number,
    keys: number,
    timestamps: number,
    deltas: number,
    firstDelta: number,
    count: number,
    base: number,
    bytesMax: number,
    sum: number,
  ): number;
  encode(
    values: number,
    keys: number,
    timestamps: number,
    deltas: number,
    firstDelta: number,
    count: number,
    base: number,
    to: number,
    end: number,
    written: number,
  ): number;
  decode(
    at: number,
    end: number,
    count: number,
    values: number,
    keys: number,
    deltas: number,
    told: number,
  ): number;
}

let compiled: CompiledModule | undefined;
let compiledShared: CompiledModule | undefined;

/** Buffers are few and are used again and again, and a memory is not grown in place. */
const kernels = new WeakMap<WasmMemory, Kernel>();

/** The kernel on the memory of a buffer, void as soon as that may have moved. */
export function kernelOn({ memory, shared }: FrameBuffer): Kernel {
  const known = kernels.get(memory);
  if (known !== undefined) return known;
  if (shared) compiledShared ??= compileBase64(sharedKernelBinary);
  else compiled ??= compileBase64(kernelBinary);
  const module = (shared ? compiledShared : compiled) as CompiledModule;
  const kernel = new webAssembly.Instance(module, { frame: { memory } }).exports as unknown as Kernel;
  kernels.set(memory, kernel);
  return kernel;
}
