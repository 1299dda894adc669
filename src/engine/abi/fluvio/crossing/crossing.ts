import {
  align8,
  type CompiledModule,
  compileBase64,
  type WasmFunction,
  type WasmGlobal,
  type WasmInstance,
  type WasmMemory,
  webAssembly,
} from "../../../../base/index.ts";
import { type FrameBuffer, gatheringBytes } from "../../../../record/index.ts";
import { ownExport } from "../../../rewrite/index.ts";
import type { RecordEncoder } from "../wire/record.ts";
import { farSideBinary } from "./far-side-binary.ts";
import { nearSideBinary, sharedNearSideBinary } from "./near-side-binary.ts";

/** `near-side.wat` has their contracts. */
interface NearSide {
  give(
    size: number,
    recordLength: number,
    offset: number,
    delta: number,
    value: number,
    valueLength: number,
    key: number,
    keyLength: number,
    tail: number,
    tailLength: number,
    scratch: number,
    fuel: number,
  ): number;
  take(at: number, length: number, to: number): void;
}

/** What is looked at or overwritten behind what is moved, at the most. */
const marginBytes = 64;
/** The largest input that is put together in the room behind a batch. */
const inputBytesMax = gatheringBytes - 2 * marginBytes;
/** The largest output that is not sooner moved through a view of it. */
const outputBytesMax = 1024;

const compiled = new Map<string, CompiledModule>();

/** The way between the memory of a guest and those of buffers, for records that are sent one by one. */
export class Crossing {
  readonly #alloc: WasmFunction;
  readonly #fuel: WasmGlobal;
  readonly #far: WasmInstance;
  /** Buffers are few and are used again and again. */
  readonly #nearSides = new WeakMap<WasmMemory, NearSide>();
  #memory: WasmMemory | undefined;
  #near: NearSide | undefined;

  /** @param exports of a guest whose memory no other thread can have */
  constructor(exports: WasmInstance["exports"]) {
    this.#alloc = exports.alloc as WasmFunction;
    this.#far = new webAssembly.Instance(moduleOf(farSideBinary), {
      guest: { memory: exports.memory as WasmMemory },
    });
    this.#fuel = (exports[ownExport.fuel] ?? this.#far.exports.fuel) as WasmGlobal;
  }

  /** Whether an input of that size goes this way; then there is room to put it together behind what is in use of the buffer. */
  begin(buffer: FrameBuffer, byteCount: number): boolean {
    if (byteCount > inputBytesMax) return false;
    buffer.makeRoom(gatheringBytes);
    this.#turnTo(buffer);
    return true;
  }

  /**
   * Writes the input with the one record that was measured to memory that the guest allocates, and gives its address; where that
   * does not lie in its memory, nothing was written.
   * @param tailAt where the buffer has what stands behind the record
   * @throws what the guest's function throws
   */
  give(
    { used }: FrameBuffer,
    { one, baseOffset }: RecordEncoder,
    tailAt: number,
    tailBytes: number,
    byteCount: number,
    fuel: number,
  ): number {
    const at = (this.#near as NearSide).give(
      byteCount,
      one.length,
      baseOffset,
      one.offsetDelta,
      one.valueAt,
      one.valueLength,
      one.keyAt,
      one.keyLength,
      tailAt,
      tailBytes,
      align8(used),
      fuel,
    );
    return at >>> 0;
  }

  /** Moves bytes of the guest's to a place in a buffer. False where they do not go this way, and are where they were. */
  take(buffer: FrameBuffer, memory: Uint8Array, at: number, length: number, to: number): boolean {
    if (length > outputBytesMax || at + length + marginBytes > memory.length) return false;
    buffer.makeRoom(marginBytes);
    this.#turnTo(buffer);
    (this.#near as NearSide).take(at, length, to);
    return true;
  }

  #turnTo(buffer: FrameBuffer): void {
    const { memory } = buffer;
    if (this.#memory === memory) return;
    const near = this.#nearSides.get(memory) ?? this.#nearSideOn(buffer);
    this.#nearSides.set(memory, near);
    this.#memory = memory;
    this.#near = near;
  }

  #nearSideOn({ memory, shared }: FrameBuffer): NearSide {
    const { exports } = new webAssembly.Instance(moduleOf(shared ? sharedNearSideBinary : nearSideBinary), {
      frame: { memory },
      guest: { alloc: this.#alloc, fuel: this.#fuel },
      far: this.#far.exports as Readonly<Record<string, WasmFunction>>,
    });
    return exports as unknown as NearSide;
  }
}

function moduleOf(binary: string): CompiledModule {
  const known = compiled.get(binary);
  if (known !== undefined) return known;
  const module = compileBase64(binary);
  compiled.set(binary, module);
  return module;
}
