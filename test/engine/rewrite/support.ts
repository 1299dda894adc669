import {
  type WasmGlobal,
  type WasmImports,
  type WasmInstance,
  webAssembly,
} from "../../../src/base/index.ts";
import { ownExport, type RewriteOptions, rewriteModule } from "../../../src/engine/rewrite/index.ts";

/** Bounds that no test of something else runs into. */
const roomy: RewriteOptions = { memoryBytesMax: 2 ** 28, tableElementsMax: 10_000, fuel: 2 ** 40 };

export function rewrite(bytes: Uint8Array, options: Partial<RewriteOptions> = {}): Uint8Array {
  return rewriteModule(bytes, "guest", { ...roomy, ...options });
}

/** Whether the platform takes these bytes for a module. */
export function isValid(bytes: Uint8Array): boolean {
  const { validate } = webAssembly as unknown as { validate(bytes: Uint8Array): boolean };
  return validate(bytes);
}

export function instantiate(bytes: Uint8Array, imports: WasmImports = {}): WasmInstance {
  return new webAssembly.Instance(new webAssembly.Module(bytes), imports);
}

export function fuelOf({ exports }: WasmInstance): WasmGlobal {
  return exports[ownExport.fuel] as WasmGlobal;
}

/** A section of a binary module; what is in it has fewer than 128 bytes. */
export function section(id: number, ...content: readonly number[]): number[] {
  return [id, content.length, ...content];
}

export function binary(...sections: readonly number[][]): Uint8Array {
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
}
