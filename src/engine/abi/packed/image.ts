import type { WasmInstance, WasmMemory } from "../../../base/index.ts";
import { limits } from "../../../limits.ts";
import { type StateGlobal, stateGlobalsOf } from "../../rewrite/index.ts";
import type { PackedGuest } from "./guest.ts";
import type { Room } from "./room.ts";

/**
 * A new instance as it was when it was ready for records, to make it that again after a trap: its memory and its globals.
 * For a module that the rewriter calls restorable that is all that can change about an instance, but for the size of its
 * memory. Memory never shrinks, so an instance that has grown since is not put back: everything it can find out is then
 * as it was.
 */
export class InstanceImage {
  readonly #instance: WasmInstance;
  readonly #memory: Uint8Array;
  readonly #globals: readonly (readonly [place: StateGlobal, value: StateGlobal["value"]])[];
  readonly #room: Room;
  /** An instance was put back by it. */
  wasUsed = false;

  /** The image of an instance of a restorable module that has worked on no record yet; undefined where it would be large. */
  static of(instance: WasmInstance, guest: PackedGuest): InstanceImage | undefined {
    const isSmall = memoryOf(instance).buffer.byteLength <= limits.instanceImageBytesMax.default;
    return isSmall ? new InstanceImage(instance, guest.regions.room) : undefined;
  }

  private constructor(instance: WasmInstance, room: Room) {
    this.#instance = instance;
    this.#memory = new Uint8Array(memoryOf(instance).buffer).slice();
    this.#globals = stateGlobalsOf(instance).map((place) => [place, place.value]);
    this.#room = room;
  }

  /** Makes the guest what it was when it was new; false where it cannot be. */
  restore(guest: PackedGuest): boolean {
    const { buffer } = memoryOf(this.#instance);
    if (buffer.byteLength !== this.#memory.length) return false;
    new Uint8Array(buffer).set(this.#memory);
    for (const [place, value] of this.#globals) place.value = value;
    guest.regions.room = this.#room;
    this.wasUsed = true;
    return true;
  }
}

function memoryOf({ exports }: WasmInstance): WasmMemory {
  return exports.memory as WasmMemory;
}
