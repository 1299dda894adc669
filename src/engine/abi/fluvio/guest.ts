import type { WasmInstance, WasmMemory } from "../../../base/index.ts";
import type { MillraceError } from "../../../errors.ts";
import type { Wasi } from "../../wasi/contract.ts";
import type { OpenableModule } from "../contract.ts";
import { brokenAbi, noMemory, trapped } from "./failures.ts";
import { OutputBuffers } from "./output-buffers.ts";
import type { WireReader } from "./wire/reader.ts";

type Transform = (at: number, length: number, version: number) => number;

interface Exports {
  readonly memory: WasmMemory;
  readonly alloc: (byteCount: number) => number;
  readonly dealloc?: (at: number, byteCount: number) => void;
  readonly _initialize?: () => void;
}

/** What a module has handed over in a call: a range of its memory that it said, last of all. */
interface Handed {
  at: number;
  length: number;
  isThere: boolean;
}

/**
 * One instance of a module built for Fluvio: inputs go into memory that it allocates and takes over, outputs are where it says
 * when it calls `copy_records`. Everything that is handed out lies inside the guest's memory, and is valid until the next
 * call.
 */
export class FluvioGuest {
  readonly #module: string;
  readonly #exports: Exports;
  readonly #functions: WasmInstance["exports"];
  readonly #wasi: Wasi;
  readonly #handed: Handed;
  readonly #outputs: OutputBuffers;
  #bytes: Uint8Array = new Uint8Array(0);

  private constructor(module: string, instance: WasmInstance, wasi: Wasi, handed: Handed) {
    this.#module = module;
    this.#exports = instance.exports as unknown as Exports;
    this.#functions = instance.exports;
    this.#wasi = wasi;
    this.#handed = handed;
    this.#outputs = new OutputBuffers(this.#exports.dealloc);
    this.#refresh();
  }

  /** Makes an instance. @throws MillraceError `module.trap` */
  static start(module: OpenableModule, wasi: Wasi): FluvioGuest {
    const handed: Handed = { at: 0, length: 0, isThere: false };
    const copyRecords = (at: number, length: number): undefined => {
      handed.at = at >>> 0;
      handed.length = length >>> 0;
      handed.isThere = true;
    };
    const imports = Object.fromEntries(
      module.shape.imports
        .filter(({ name }) => name === "copy_records")
        .map((item) => [item.module, { copy_records: copyRecords }]),
    );
    try {
      return new FluvioGuest(module.name, wasi.instantiate(module.compiled, imports), wasi, handed);
    } catch (error) {
      throw trapped({ module: module.name }, wasi.takeError(), error);
    }
  }

  /** The guest's memory. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** True when it keeps outputs that could not be freed, so that its memory only grows. */
  get leaks(): boolean {
    return this.#outputs.leak;
  }

  has(name: string): boolean {
    return typeof this.#functions[name] === "function";
  }

  /**
   * Address of memory for an input of that size, which belongs to the guest from the next call on.
   * @throws MillraceError `module.trap` when there is none
   */
  allocate(byteCount: number): number {
    const at = this.#guard("alloc", () => this.#exports.alloc(byteCount)) >>> 0;
    this.#refresh();
    if (at === 0) throw noMemory(this.#module, byteCount);
    if (at + byteCount > this.#bytes.length) {
      throw this.#broken("alloc", `${byteCount} bytes at ${at} lie outside of its memory`);
    }
    return at;
  }

  /**
   * Calls a function with an input that was written to allocated memory.
   * @returns its status
   * @throws MillraceError `module.trap` with what the module said of it
   */
  call(name: string, at: number, byteCount: number, version: number): number {
    const called = this.#functions[name] as unknown as Transform;
    this.#handed.isThere = false;
    const status = this.#guard(name, () => called(at, byteCount, version));
    this.#refresh();
    return status;
  }

  /**
   * A reader of what the last call handed over.
   * @throws MillraceError `module.answer` when there is nothing, or it lies outside of memory
   */
  output(name: string, reader: WireReader): WireReader {
    const { at, length, isThere } = this.#handed;
    if (!isThere) throw this.#broken(name, "it handed no output over");
    if (at + length > this.#bytes.length) {
      throw this.#broken(name, `its output of ${length} bytes at ${at} lies outside of its memory`);
    }
    return reader.begin(this.#bytes, at, length);
  }

  /**
   * Frees what the last call handed over, which must have been copied by then. Once for each call.
   * @throws MillraceError `module.trap`: then nothing will be freed any more, and the instance is in any state
   */
  free(): void {
    const { at, length, isThere } = this.#handed;
    if (!isThere) return;
    this.#guard("dealloc", () => this.#outputs.free(this.#bytes, at, length));
    this.#refresh();
  }

  /** Views of a memory that has grown are dead; the memory's buffer tells. */
  #refresh(): void {
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = new Uint8Array(buffer);
  }

  #guard<Result>(exported: string, call: () => Result): Result {
    try {
      return call();
    } catch (error) {
      throw trapped({ module: this.#module, export: exported }, this.#wasi.takeError(), error);
    }
  }

  #broken(exported: string, what: string): MillraceError {
    return brokenAbi({ module: this.#module, export: exported }, what);
  }
}
