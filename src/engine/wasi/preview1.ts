import type { HostFunction, WasmInstance, WasmMemory } from "../../base/index.ts";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { errno } from "./errno.ts";
import { preview1Names } from "./functions.ts";
import { pollOneoff } from "./poll.ts";
import type { World } from "./world.ts";
import { WrittenText } from "./written-text.ts";

const clockIds = { realtime: 0, monotonic: 1 } as const;
const nsPerMs = 1_000_000;
/** Of both clocks, as they are told. */
const resolutionNs = 1_000_000n;
/** A type of file that one can neither seek in nor tell the place of. */
const characterDevice = 2;
const fdstatBytes = 24;
const iovecBytes = 8;

/**
 * WASI preview1 for one instance: two clocks, random bytes, and an output and an error output that become lines of the
 * log. There are no files, no network, no arguments and no environment: what asks for them is told that there are none.
 */
export class Preview1 {
  readonly written: WrittenText;
  readonly #module: string;
  readonly #world: World;
  #memory: WasmMemory | undefined;

  constructor(module: string, world: World, logBytesMax: number = limits.moduleLogBytesMax.default) {
    this.#module = module;
    this.#world = world;
    this.written = new WrittenText(module, logBytesMax);
  }

  /** From now on its functions work on the instance's memory; before, there is none for them. */
  use(instance: WasmInstance): void {
    this.#memory = instance.exports.memory as WasmMemory | undefined;
  }

  /** What a module may import, for the one instance. */
  functions(): Readonly<Record<string, HostFunction>> {
    const absentFunction = (): number => errno.nosys;
    const noDescriptor = (): number => errno.badf;
    const functions: Record<string, HostFunction> = {};
    for (const name of preview1Names) {
      const isOfDescriptor = name.startsWith("fd_") || name.startsWith("path_");
      functions[name] = isOfDescriptor ? noDescriptor : absentFunction;
    }
    return {
      ...functions,
      args_get: () => errno.success,
      args_sizes_get: (countAt: number, bytesAt: number) => this.#noTexts(countAt, bytesAt),
      environ_get: () => errno.success,
      environ_sizes_get: (countAt: number, bytesAt: number) => this.#noTexts(countAt, bytesAt),
      clock_res_get: (id: number, at: number) => this.#clock(id, at, () => resolutionNs),
      clock_time_get: (id: number, _precision: bigint, at: number) =>
        this.#clock(id, at, () => this.#time(id)),
      random_get: (at: number, length: number) => this.#random(at >>> 0, length >>> 0),
      fd_write: (descriptor: number, iovecsAt: number, iovecCount: number, writtenAt: number) =>
        this.#write(descriptor, iovecsAt >>> 0, iovecCount >>> 0, writtenAt >>> 0),
      fd_fdstat_get: (descriptor: number, at: number) => this.#describe(descriptor, at >>> 0),
      sched_yield: () => errno.success,
      poll_oneoff: (inAt: number, outAt: number, count: number, eventsAt: number) => {
        const view = this.#view();
        return view === undefined
          ? errno.fault
          : pollOneoff(view, this.#world, inAt >>> 0, outAt >>> 0, count >>> 0, eventsAt >>> 0);
      },
      proc_exit: (status: number) => {
        throw new MillraceError("module.trap", `it ended itself with the status ${status}`, {
          where: { module: this.#module, export: "proc_exit" },
          hint: "a SmartModule goes on until the pipeline ends",
        });
      },
    };
  }

  #noTexts(countAt: number, bytesAt: number): number {
    return this.#put32(countAt >>> 0, 0) && this.#put32(bytesAt >>> 0, 0) ? errno.success : errno.fault;
  }

  #time(id: number): bigint {
    const ms = id === clockIds.realtime ? this.#world.now() : this.#world.monotonic();
    return BigInt(Math.floor(ms)) * BigInt(nsPerMs) + BigInt(Math.floor((ms % 1) * nsPerMs));
  }

  #clock(id: number, at: number, read: () => bigint): number {
    if (id !== clockIds.realtime && id !== clockIds.monotonic) return errno.inval;
    const view = this.#view(at >>> 0, 8);
    if (view === undefined) return errno.fault;
    view.setBigInt64(at >>> 0, read(), true);
    return errno.success;
  }

  #random(at: number, length: number): number {
    const view = this.#view(at, length);
    if (view === undefined) return errno.fault;
    this.#world.fill(new Uint8Array(view.buffer, at, length));
    return errno.success;
  }

  #write(descriptor: number, iovecsAt: number, iovecCount: number, writtenAt: number): number {
    if (descriptor !== 1 && descriptor !== 2) return errno.badf;
    const view = this.#view(iovecsAt, iovecCount * iovecBytes);
    if (view === undefined) return errno.fault;
    let total = 0;
    for (let i = 0; i < iovecCount; i++) {
      const at = view.getUint32(iovecsAt + i * iovecBytes, true);
      const length = view.getUint32(iovecsAt + i * iovecBytes + 4, true);
      if (at + length > view.byteLength) return errno.fault;
      total += length;
      // The number that a module is told has 32 bits.
      if (total > 0x7fff_ffff) return errno.inval;
      this.written.write(descriptor, new Uint8Array(view.buffer, at, length));
    }
    return this.#put32(writtenAt, total) ? errno.success : errno.fault;
  }

  /** The two outputs are what a terminal is to a program; there are no other descriptors. */
  #describe(descriptor: number, at: number): number {
    if (descriptor !== 1 && descriptor !== 2) return errno.badf;
    const view = this.#view(at, fdstatBytes);
    if (view === undefined) return errno.fault;
    new Uint8Array(view.buffer, at, fdstatBytes).fill(0);
    view.setUint8(at, characterDevice);
    return errno.success;
  }

  #put32(at: number, value: number): boolean {
    const view = this.#view(at, 4);
    view?.setUint32(at, value, true);
    return view !== undefined;
  }

  /** The memory, where a range lies inside of it. Made anew each time, since it may have grown. */
  #view(at = 0, byteCount = 0): DataView | undefined {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || at + byteCount > buffer.byteLength) return undefined;
    return new DataView(buffer);
  }
}
