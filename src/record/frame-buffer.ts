import { align8, pageBytes, type WasmMemory, webAssembly } from "../base/index.ts";
import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { type Kernel, kernelMarginBytes, kernelOn } from "./kernel/kernel.ts";

/** What a frame and what modules make of it may take together: the largest frame, and the largest answer beside it. */
const capacityMax = limits.frameBytesMax.default + limits.outputBytesMax.default;

/** Room that is always to be had behind what is in use, to gather bytes in: few enough to stay in the nearest caches. */
export const gatheringBytes = 65_536;

/**
 * Memory of the host that holds one frame at its start and, behind it, bytes that modules made for that frame.
 * It is filled, worked on and drained by one party at a time, then reset and used for another frame. It is WebAssembly
 * memory, so that loops over its bytes can run in it, in SIMD.
 */
export class FrameBuffer {
  readonly shared: boolean;
  #memory: WasmMemory;
  #kernel: Kernel | undefined;
  #bytes: Uint8Array;
  #words: Uint32Array;
  #generation = 0;
  /** Bytes in use, counted from the start. */
  used = 0;

  /**
   * @param capacityBytes room to begin with; it grows on demand
   * @param options.shared makes it of memory that several threads can use, one at a time
   */
  constructor(
    capacityBytes: number = limits.batchBytes.default * 3,
    options: { readonly shared?: boolean; readonly memory?: WasmMemory } = {},
  ) {
    this.shared = options.shared ?? options.memory !== undefined;
    this.#memory = options.memory ?? memoryOf(capacityBytes, this.shared);
    this.#bytes = bytesOf(this.#memory);
    this.#words = wordsOf(this.#memory);
  }

  /** A buffer on the memory of another thread's buffer. Whoever works on it has it alone until it says otherwise. */
  static on(memory: WasmMemory): FrameBuffer {
    return new FrameBuffer(0, { memory });
  }

  /** What another thread needs to have this buffer. Another one after `reserve`, which may move the content. */
  get memory(): WasmMemory {
    return this.#memory;
  }

  /** Goes on with what another thread has left: in the same memory, or in a larger one with the same content. */
  resume(memory: WasmMemory, used: number): void {
    this.used = used;
    if (memory !== this.#memory) this.#use(memory);
  }

  /** The whole memory. Void after `reserve`, which may move it. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The same memory as 32-bit words. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Loops over this memory. Void after `reserve`, as its bytes are. */
  get kernel(): Kernel {
    this.#kernel ??= kernelOn(this.#memory, this.shared);
    return this.#kernel;
  }

  /** Counts how often the content was given up; a view of an earlier generation has expired. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Takes `byteCount` bytes at the next multiple of 8 behind what is in use and returns their position.
   * @throws MillraceError `frame.too-large` beyond the largest frame and its largest answer
   */
  reserve(byteCount: number): number {
    const at = align8(this.used);
    this.#grow(at + byteCount, capacityMax);
    // What an earlier frame left between the parts of this one must not travel along with it.
    if (at > this.used) this.#bytes.fill(0, this.used, at);
    this.used = at + byteCount;
    return at;
  }

  /**
   * Grows the memory so that `byteCount` bytes fit right behind what is in use, without taking them.
   * @throws MillraceError `frame.too-large` as `reserve`, but `gatheringBytes` later
   */
  makeRoom(byteCount: number): void {
    this.#grow(this.used + byteCount, align8(capacityMax) + gatheringBytes);
  }

  /** Forgets the content. Every view of it expires. */
  reset(): void {
    this.used = 0;
    this.#generation++;
  }

  #grow(capacityBytes: number, bytesMax: number): void {
    if (capacityBytes > bytesMax) {
      throw new MillraceError(
        "frame.too-large",
        `a frame and what modules made of it would take ${capacityBytes} bytes`,
        { hint: `the limit is ${bytesMax} bytes; make smaller batches` },
      );
    }
    if (capacityBytes <= this.#bytes.length) return;
    // A memory that grew in place would end the life of every view of it; the old one stays as long as somebody views
    // it.
    const wish = Math.min(bytesMax, Math.max(capacityBytes, this.#bytes.length * 2));
    const memory = memoryOf(wish, this.shared);
    bytesOf(memory).set(this.#bytes.subarray(0, this.used));
    this.#use(memory);
  }

  #use(memory: WasmMemory): void {
    this.#memory = memory;
    this.#kernel = undefined;
    this.#bytes = bytesOf(memory);
    this.#words = wordsOf(memory);
  }
}

function memoryOf(capacityBytes: number, shared: boolean): WasmMemory {
  const initial = Math.ceil((capacityBytes + kernelMarginBytes) / pageBytes);
  try {
    return new webAssembly.Memory(shared ? { initial, maximum: initial, shared } : { initial });
  } catch (error) {
    throw new MillraceError(
      "frame.memory",
      `the platform gives no memory for ${capacityBytes} bytes of records`,
      {
        hint: "a process can hold some thousand buffers: reuse a batch (`batch.load(frame)`) instead of making many",
        cause: error,
      },
    );
  }
}

function bytesOf(memory: WasmMemory): Uint8Array {
  return new Uint8Array(memory.buffer, 0, memory.buffer.byteLength - kernelMarginBytes);
}

function wordsOf(memory: WasmMemory): Uint32Array {
  return new Uint32Array(memory.buffer, 0, (memory.buffer.byteLength - kernelMarginBytes) / 4);
}
