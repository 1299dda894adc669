import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { WorldOptions } from "../../src/engine/index.ts";
import {
  type ChainStep,
  loadModule,
  type Module,
  type ModuleLogLine,
  openChain,
  type Transform,
} from "../../src/engine/index.ts";
import { compileWat } from "./wat.ts";

export const fluvioFolder: string = fileURLToPath(new URL("../fixtures/fluvio/", import.meta.url));

/** A module of `test/fixtures/fluvio`. */
export async function fluvioModule(name: string): Promise<Module> {
  return loadModule(readFileSync(`${fluvioFolder}${name}.wasm`), name);
}

export interface FluvioOptions extends Omit<ChainStep, "module">, WorldOptions {
  /** Where its log lines go. */
  readonly lines?: ModuleLogLine[];
}

async function openTransform(module: Module, options: FluvioOptions = {}): Promise<Transform> {
  const { lines, wasi, deterministic, ...step } = options;
  const log = (line: ModuleLogLine): void => {
    lines?.push(line);
  };
  const { transforms } = await openChain([{ module, ...step }], { log, wasi, deterministic });
  return transforms[0] as Transform;
}

/** An instance of a module of `test/fixtures/fluvio`, for itself. */
export async function openFluvio(name: string, options: FluvioOptions = {}): Promise<Transform> {
  return openTransform(await fluvioModule(name), options);
}

/** Where the guests of tests have their constant bytes; what they allocate comes behind the first page. */
export const dataAt = 2048;

export interface FluvioGuestParts {
  /** The name that the transform is exported under. */
  readonly transform?: string;
  /** Body of the transform `(param $at i32) (param $length i32) (param $version i32) (result i32)`. */
  readonly body?: string;
  /** Bodies of the two others, with the same type; without them the module has none. */
  readonly init?: string;
  readonly lookBack?: string;
  /** Body of `alloc (param $bytes i32) (result i32)`, in place of one that always gives new memory. */
  readonly alloc?: string;
  /** The export `dealloc`, whole. */
  readonly dealloc?: string;
  /** Bytes at `dataAt`. */
  readonly data?: Iterable<number>;
  /** Name of the module that `copy_records` is imported from. */
  readonly importedFrom?: string;
  /** Fields ahead of all others, such as further imports, and behind them. */
  readonly imports?: string;
  readonly extra?: string;
}

const allocAlwaysNew = `
  (local $at i32)
  (local.set $at (global.get $free))
  (global.set $free (i32.add (global.get $free) (i32.and (i32.add (local.get $bytes) (i32.const 15)) (i32.const -8))))
  (block $fits (loop $more
    (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
    (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))
    (return (i32.const 0))))
  (local.get $at)`;

/** Hands bytes at \`dataAt\` over, or others. */
export function handOver(length: number, at = dataAt): string {
  return `(call $copy (i32.const ${at}) (i32.const ${length}))`;
}

/** A small module with Fluvio's exports; every part that is not given is well-behaved, and hands \`data\` over each time. */
export function fluvioWat(parts: FluvioGuestParts = {}): string {
  const { transform = "map", data = [], importedFrom = "env" } = parts;
  const bytes = [...data];
  const type = "(param $at i32) (param $length i32) (param $version i32) (result i32)";
  const optional = (name: string, body: string | undefined): string =>
    body === undefined ? "" : `(func (export "${name}") ${type} ${body})`;
  const escaped = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return `(module
    (import "${importedFrom}" "copy_records" (func $copy (param i32 i32)))
    ${parts.imports ?? ""}
    (memory (export "memory") 2)
    (global $free (mut i32) (i32.const 65536))
    (global $calls (mut i32) (i32.const 0))
    (func (export "alloc") (param $bytes i32) (result i32) ${parts.alloc ?? allocAlwaysNew})
    ${parts.dealloc ?? ""}
    ${optional("init", parts.init)}
    ${optional("look_back", parts.lookBack)}
    (func (export "${transform}") ${type} ${parts.body ?? `${handOver(bytes.length)} (i32.const 1)`})
    (data (i32.const ${dataAt}) "${escaped}")
    ${parts.extra ?? ""}
  )`;
}

export async function fluvioGuestModule(parts: FluvioGuestParts | string = {}): Promise<Module> {
  return loadModule(await compileWat(typeof parts === "string" ? parts : fluvioWat(parts)), "guest");
}

export async function openFluvioGuest(
  parts: FluvioGuestParts = {},
  options: FluvioOptions = {},
): Promise<Transform> {
  return openTransform(await fluvioGuestModule(parts), options);
}
