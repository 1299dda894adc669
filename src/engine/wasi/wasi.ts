import { type CompiledModule, type WasmImports, type WasmInstance, webAssembly } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { type Batch, none, readInt64 } from "../../record/index.ts";
import type { ModuleLogLine, WorldOptions } from "../abi/contract.ts";
import type { GuestLimits } from "../guest-limits.ts";
import type { ModuleShape } from "../module/shape.ts";
import type { Wasi } from "./contract.ts";
import { Preview1 } from "./preview1.ts";
import { deterministicWorld, realWorld, type World } from "./world.ts";

/** Name under which modules import WASI preview1. */
export const wasiModule = "wasi_snapshot_preview1";

/** True when the module imports anything of WASI. */
function importsWasi(shape: ModuleShape): boolean {
  return shape.imports.some(({ module }) => module === wasiModule);
}

/**
 * Makes ready what instances of a module get of WASI. Each call of what it gives is for one instance.
 * @throws MillraceError `module.wasi` when the back end cannot be loaded, or cannot do what is asked
 */
export async function prepareWasi(
  module: { readonly name: string; readonly shape: ModuleShape; readonly limits: GuestLimits },
  { wasi, deterministic }: WorldOptions,
): Promise<() => Wasi> {
  const world = (): World => (deterministic === true ? deterministicWorld() : realWorld());
  if (wasi === "wasmer" && importsWasi(module.shape)) {
    const { prepareWasmer } = await import("./wasmer.ts");
    if (deterministic === true) throw notDeterministic(module.name);
    return prepareWasmer(module.name, module.limits.logBytesMax);
  }
  const isUsed = importsWasi(module.shape);
  return () => new OwnWasi(module.name, world(), module.limits.logBytesMax, isUsed);
}

function notDeterministic(module: string): MillraceError {
  return new MillraceError(
    "module.wasi",
    "the back end @wasmer/wasi has no clock that shows the records' time",
    {
      where: { module },
      hint: "leave `wasi: wasmer` out, or `deterministic: true`",
    },
  );
}

class OwnWasi implements Wasi {
  readonly #preview1: Preview1;
  readonly #world: World;
  readonly #isUsed: boolean;

  /** @param isUsed whether the module imports anything of it */
  constructor(module: string, world: World, logBytesMax: number, isUsed: boolean) {
    this.#world = world;
    this.#isUsed = isUsed;
    this.#preview1 = new Preview1(module, world, logBytesMax);
  }

  instantiate(compiled: CompiledModule, imports: WasmImports): WasmInstance {
    if (!this.#isUsed) return new webAssembly.Instance(compiled, imports);
    const functions = this.#preview1.functions();
    const own = { ...imports[wasiModule], ...functions };
    const instance = new webAssembly.Instance(compiled, { ...imports, [wasiModule]: own });
    this.#preview1.use(instance);
    return instance;
  }

  begin(batch: Batch): void {
    if (batch.count === 0) return;
    const { timestamps } = batch.columns;
    const timestamp = timestamps === undefined ? batch.frame.baseTimestamp : readInt64(timestamps, 0);
    if (timestamp !== none) this.#world.begin(timestamp);
  }

  now(): number {
    return this.#world.now();
  }

  takeLog(log: ((line: ModuleLogLine) => void) | undefined): void {
    this.#preview1.written.take(log);
  }

  takeError(): string {
    return this.#preview1.written.takeError();
  }
}
