import type { CompiledModule, WasmImports, WasmInstance } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import type { ModuleLogLine } from "../abi/contract.ts";
import type { Wasi } from "./contract.ts";
import { WrittenText } from "./written-text.ts";

/** What is used of the package `@wasmer/wasi`, whose own types need those of a browser. */
interface WasmerWasi {
  instantiate(compiled: CompiledModule, imports: WasmImports): WasmInstance;
  /** What was written since the last time. */
  getStdoutBuffer(): Uint8Array;
  getStderrBuffer(): Uint8Array;
}

interface WasmerPackage {
  init(): Promise<void>;
  readonly WASI: new (config: {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  }) => WasmerWasi;
}

/**
 * Loads the package `@wasmer/wasi`. An object of its class belongs to one instance, and makes it: a module that is given its
 * imports by hand traps.
 * @throws MillraceError `module.wasi`
 */
export async function prepareWasmer(module: string, logBytesMax: number): Promise<() => Wasi> {
  const found = await loadPackage();
  return () => {
    const wasi = new found.WASI({ args: [], env: {} });
    const written = new WrittenText(module, logBytesMax);
    const collect = (): void => {
      written.write(1, wasi.getStdoutBuffer());
      written.write(2, wasi.getStderrBuffer());
    };
    return {
      instantiate: (compiled, imports) => wasi.instantiate(compiled, imports),
      begin: () => {},
      now: () => Date.now(),
      takeLog(log: ((line: ModuleLogLine) => void) | undefined) {
        collect();
        written.take(log);
      },
      takeError() {
        collect();
        return written.takeError();
      },
    };
  };
}

async function loadPackage(): Promise<WasmerPackage> {
  try {
    const found: unknown = await import("@wasmer/wasi");
    // In Node it is a CommonJS module, whose names are found or not.
    const loaded = (
      hasClass(found) ? found : (found as { readonly default: unknown }).default
    ) as WasmerPackage;
    await loaded.init();
    return loaded;
  } catch (error) {
    throw new MillraceError("module.wasi", `the package @wasmer/wasi cannot be loaded: ${messageOf(error)}`, {
      hint: "install it beside millrace (`npm install @wasmer/wasi@1.2.2`), or leave `wasi:` out",
      cause: error,
    });
  }
}

function hasClass(found: unknown): boolean {
  return typeof found === "object" && found !== null && "WASI" in found;
}
