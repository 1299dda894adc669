import type { WasmInstance, WasmMemory } from "../../../base/index.ts";
import type { MillraceError } from "../../../errors.ts";
import type { FrameBuffer } from "../../../record/index.ts";
import type { GuestLimits } from "../../guest-limits.ts";
import type { Wasi } from "../../wasi/contract.ts";
import type { OpenableModule } from "../contract.ts";
import { firstCalls } from "../first-calls.ts";
import { fuelOfBatch } from "../fuel.ts";
import { type Budget, outOfFuel, setupBudget } from "../fuel-failure.ts";
import { FuelTank } from "../tank.ts";
import { Crossing } from "./crossing/crossing.ts";
import type { KeptTail } from "./crossing/kept-tail.ts";
import { brokenAbi, noMemory, trapped } from "./failures.ts";
import { OutputBuffers } from "./output-buffers.ts";
import type { WireReader } from "./wire/reader.ts";
import type { RecordEncoder } from "./wire/record.ts";

type Transform = (at: number, length: number, version: number) => number;

interface Exports {
  readonly memory: WasmMemory;
  readonly alloc: (byteCount: number) => number;
  readonly dealloc?: (at: number, byteCount: number) => void;
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
  readonly #limits: GuestLimits;
  readonly #tank: FuelTank;
  /** Fuel that the last call for records has used; 0 without a meter. */
  fuelUsed = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #isShared = false;
  /** How single records come here, once one has. */
  #crossing: Crossing | undefined;

  private constructor(module: OpenableModule, instance: WasmInstance, wasi: Wasi, handed: Handed) {
    this.#module = module.name;
    this.#limits = module.limits;
    this.#tank = new FuelTank(instance);
    this.#exports = instance.exports as unknown as Exports;
    this.#functions = instance.exports;
    this.#wasi = wasi;
    this.#handed = handed;
    this.#outputs = new OutputBuffers(this.#exports.dealloc);
    for (const { exported, call } of firstCalls(instance)) {
      const fuel = this.#fillForSetup();
      try {
        call();
      } catch (error) {
        throw this.#failure(exported, error, setupBudget(fuel));
      }
    }
    this.#refresh();
  }

  /** Makes an instance. @throws MillraceError `module.trap`, `module.fuel` */
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
    let instance: WasmInstance;
    try {
      instance = wasi.instantiate(module.compiled, imports);
    } catch (error) {
      throw trapped({ module: module.name }, wasi.takeError(), error);
    }
    return new FluvioGuest(module, instance, wasi, handed);
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
   * @throws MillraceError `module.trap` when there is none, `module.fuel`
   */
  allocate(byteCount: number): number {
    const fuel = this.#fillForSetup();
    let at: number;
    try {
      at = this.#exports.alloc(byteCount) >>> 0;
    } catch (error) {
      throw this.#failure("alloc", error, setupBudget(fuel));
    }
    return this.#allocated(at, byteCount);
  }

  /**
   * Writes an input with the one record that was measured to memory as `allocate` gives it, and returns its address; undefined
   * for one that is sooner written otherwise.
   * @throws MillraceError as `allocate`
   */
  give(buffer: FrameBuffer, encoder: RecordEncoder, tail: KeptTail, byteCount: number): number | undefined {
    if (this.#isShared) return undefined;
    this.#crossing ??= new Crossing(this.#functions);
    if (!this.#crossing.begin(buffer, byteCount)) return undefined;
    const tailAt = tail.write(buffer, encoder.baseTimestamp);
    const fuel = this.#limits.fuelPerSetup;
    let at: number;
    try {
      at = this.#crossing.give(buffer, encoder, tailAt, tail.length, byteCount, fuel);
    } catch (error) {
      throw this.#failure("alloc", error, setupBudget(fuel));
    }
    return this.#allocated(at, byteCount);
  }

  /** The address that its function gave, as far as it is one. */
  #allocated(at: number, byteCount: number): number {
    this.#refresh();
    if (at === 0) throw noMemory(this.#module, byteCount);
    if (at + byteCount > this.#bytes.length) {
      throw this.#broken("alloc", `${byteCount} bytes at ${at} lie outside of its memory`);
    }
    return at;
  }

  /**
   * Calls a function with an input that was written to allocated memory.
   * @param recordCount how many records give fuel for it; 0 for a call that works on none
   * @returns its status
   * @throws MillraceError `module.trap` with what the module said of it, `module.fuel`
   */
  call(name: string, at: number, byteCount: number, version: number, recordCount = 0): number {
    const called = this.#functions[name] as unknown as Transform;
    this.#handed.isThere = false;
    this.fuelUsed = 0;
    const fuel =
      recordCount === 0 ? this.#limits.fuelPerSetup : fuelOfBatch(this.#limits, recordCount, byteCount);
    this.#tank.fill(fuel);
    let status: number;
    try {
      status = called(at, byteCount, version);
    } catch (error) {
      throw this.#failure(
        name,
        error,
        recordCount === 0 ? setupBudget(fuel) : recordsBudget(fuel, recordCount),
      );
    }
    if (recordCount > 0) this.fuelUsed = fuel - this.#tank.leftOf(fuel);
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
    reader.way = this.#crossing;
    return reader.begin(this.#bytes, at, length);
  }

  /**
   * Frees what the last call handed over, which must have been copied by then. Once for each call.
   * @throws MillraceError `module.trap`: then nothing will be freed any more, and the instance is in any state
   */
  free(): void {
    const { at, length, isThere } = this.#handed;
    if (!isThere) return;
    const fuel = this.#fillForSetup();
    try {
      this.#outputs.free(this.#bytes, at, length);
    } catch (error) {
      throw this.#failure("dealloc", error, setupBudget(fuel));
    }
    this.#refresh();
  }

  /** A view of a memory that has grown has no bytes any more; only of a shared one it stays, and the buffer tells. */
  #refresh(): void {
    if (this.#bytes.length > 0 && !this.#isShared) return;
    const { buffer } = this.#exports.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#isShared = !(buffer instanceof ArrayBuffer);
  }

  #fillForSetup(): number {
    const fuel = this.#limits.fuelPerSetup;
    this.#tank.fill(fuel);
    return fuel;
  }

  #failure(exported: string | undefined, thrown: unknown, budget: Budget): MillraceError {
    const where = { module: this.#module, export: exported };
    const written = this.#wasi.takeError();
    return this.#tank.isOut ? outOfFuel(where, undefined, budget, thrown) : trapped(where, written, thrown);
  }

  #broken(exported: string, what: string): MillraceError {
    return brokenAbi({ module: this.#module, export: exported }, what);
  }
}

function recordsBudget(fuel: number, recordCount: number): Budget {
  return { text: `${fuel} for ${recordCount} records`, key: "fuel-per-record" };
}
