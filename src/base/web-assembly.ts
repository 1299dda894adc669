/*
 * The part of the WebAssembly JavaScript API that is used here. It is typed by hand because the types for Node 20
 * leave it out, and the library of browser types would bring all of a browser's globals with it.
 */

export interface CompiledModule {
  readonly [compiled]: true;
}
declare const compiled: unique symbol;

export interface WasmMemory {
  /** A SharedArrayBuffer where the memory is shared between threads. */
  readonly buffer: ArrayBufferLike;
}

/** A mutable global of 64 bits. */
export interface WasmGlobal {
  value: bigint;
}

export type WasmFunction = (...values: readonly number[]) => number;

export interface WasmInstance {
  readonly exports: Readonly<Record<string, WasmFunction | WasmMemory | WasmGlobal | undefined>>;
}

/** A function that a module imports. 64-bit numbers reach it as bigints. */
export type HostFunction = (...values: never[]) => number | undefined;

export type WasmImports = Readonly<
  Record<string, Readonly<Record<string, HostFunction | WasmMemory | WasmGlobal>>>
>;

/** In pages. A shared memory needs a maximum. */
type MemorySize =
  | { readonly initial: number }
  | { readonly initial: number; readonly maximum: number; readonly shared: true };

interface WebAssemblyApi {
  readonly Memory: new (size: MemorySize) => WasmMemory;
  readonly Module: {
    new (bytes: Uint8Array): CompiledModule;
    /** The contents of the custom sections of that name. */
    customSections(module: CompiledModule, name: string): readonly ArrayBuffer[];
  };
  readonly Instance: new (module: CompiledModule, imports: WasmImports) => WasmInstance;
  compile(bytes: Uint8Array): Promise<CompiledModule>;
}

export const webAssembly: WebAssemblyApi = (globalThis as unknown as { WebAssembly: WebAssemblyApi })
  .WebAssembly;

/** Compiles a small module of our own that is kept as text, at once. */
export function compileBase64(base64: string): CompiledModule {
  return new webAssembly.Module(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
}

/** Bytes of a page, the unit in which memories grow. */
export const pageBytes = 65_536;
