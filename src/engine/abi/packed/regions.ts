import { align8 } from "../../../base/index.ts";
import type { MillraceError } from "../../../errors.ts";
import { limits } from "../../../limits.ts";
import { columnBytes, emittedBytes, verdictBytes } from "./answer-region.ts";
import { noMemory } from "./guest-failures.ts";
import { controlBytes, region } from "./layout.ts";
import { type Region, type RegionName, type Room, type RoomWanted, regionNames } from "./room.ts";

/** The guest that regions are regions of. */
interface Owner {
  readonly module: string;
  /** Where its control block is. */
  readonly controlAt: number;
  /** How much memory it has now. */
  memoryBytes(): number;
  /** What it answers when it is asked for a region. @throws MillraceError `module.trap`, `module.fuel` */
  reserve(region: number, byteCount: number): number;
  nonsense(what: string): MillraceError;
}

/**
 * The regions of guest memory that a guest has reserved. A region keeps its address until a larger one is asked for. All of
 * them lie inside of its memory, and none on another one.
 */
export class Regions {
  readonly #owner: Owner;
  readonly #regions: Record<RegionName, Region> = {
    input: { at: 0, bytes: 0 },
    answer: { at: 0, bytes: 0 },
    output: { at: 0, bytes: 0 },
    accumulator: { at: 0, bytes: 0 },
  };
  /** Regions are made no larger than they have to be: the instance may not last. */
  isSparing = false;
  #answerRoom = 0;
  #columnRoom = 0;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** The regions as they are. They may be set to what they were once, together with all of the instance's state. */
  get room(): Room {
    const regions = structuredClone(this.#regions);
    return { regions, answerRoom: this.#answerRoom, columnRoom: this.#columnRoom };
  }

  set room({ regions, answerRoom, columnRoom }: Room) {
    for (const name of regionNames) Object.assign(this.#regions[name], regions[name]);
    this.#answerRoom = answerRoom;
    this.#columnRoom = columnRoom;
  }

  /** Asks for regions ahead of their use; where there is no memory for them, smaller ones will do. */
  make({ bytes }: RoomWanted): void {
    for (const name of regionNames) if (bytes[name] > 0) this.#ask(name, bytes[name]);
  }

  get answerAt(): number {
    return this.#regions.answer.at;
  }

  /** Records that the answer region has verdicts for. */
  get answerRoom(): number {
    return this.#answerRoom;
  }

  /** Records that the answer region has columns for. */
  get columnRoom(): number {
    return this.#columnRoom;
  }

  get output(): Readonly<Region> {
    return this.#regions.output;
  }

  /** Makes the answer region large enough for that many records, each with columns of its own. */
  makeAnswerRoom(recordCount: number): void {
    if (recordCount <= this.#answerRoom) return;
    this.#answerRoom = 0;
    this.reserve("answer", align8(recordCount) * (verdictBytes + columnBytes));
    this.#answerRoom = Math.floor(this.#regions.answer.bytes / (verdictBytes + columnBytes) / 8) * 8;
    this.#columnRoom = this.#answerRoom;
  }

  /** Makes the answer region large enough for the verdicts of so many records and the columns of so many emitted ones. */
  makeExpansionRoom(recordCount: number, emittedMax: number): void {
    if (recordCount <= this.#answerRoom && emittedMax <= this.#columnRoom) return;
    const answerRoom = Math.max(align8(recordCount), this.#answerRoom);
    const columnRoom = Math.max(align8(emittedMax), this.#columnRoom);
    this.#answerRoom = 0;
    this.#columnRoom = 0;
    this.reserve("answer", answerRoom * verdictBytes + columnRoom * emittedBytes);
    this.#answerRoom = answerRoom;
    this.#columnRoom = columnRoom;
  }

  /**
   * Makes the output region twice as large, up to a limit. False when there is no larger one: then it is as large as before, but
   * may lie elsewhere.
   */
  widenOutput(bytesMax: number): boolean {
    const had = this.#regions.output.bytes;
    const wish = Math.min(had * 2, bytesMax);
    if (wish <= had) return false;
    if (this.#ask("output", wish)) return true;
    this.reserve("output", had);
    return false;
  }

  /**
   * Makes a region at least that large, and gives its address.
   * @throws MillraceError `module.trap`, `module.fuel`, `module.answer`
   */
  reserve(name: RegionName, byteCount: number): number {
    const own = this.#regions[name];
    if (byteCount <= own.bytes) return own.at;
    // Twice the need, so that batches of slowly growing size do not ask each time.
    const need = align8(byteCount);
    const wish = this.isSparing ? need : Math.min(need * 2, Math.max(need, limits.outputBytesMax.default));
    if (this.#ask(name, wish) || (need < wish && this.#ask(name, need))) return own.at;
    throw noMemory(this.#owner.module, need, name);
  }

  /** Asks the guest for a region of that size; false when it has no memory for it, and then it has lost the old one. */
  #ask(name: RegionName, byteCount: number): boolean {
    const owner = this.#owner;
    const own = this.#regions[name];
    const at = owner.reserve(region[name], byteCount);
    own.at = at;
    own.bytes = 0;
    if (at === 0) return false;
    if (at % 8 !== 0 || at + byteCount > owner.memoryBytes()) {
      throw owner.nonsense(`its ${name} region at ${at} is unaligned or outside of its memory`);
    }
    // Everything would still be checked, but what the module makes of such a batch would be noise.
    const isTaken = (from: number, bytes: number): boolean => at < from + bytes && from < at + byteCount;
    if (
      isTaken(owner.controlAt, controlBytes) ||
      Object.values(this.#regions).some((other) => isTaken(other.at, other.bytes))
    ) {
      throw owner.nonsense(`its ${name} region at ${at} overlaps another region or its control block`);
    }
    own.bytes = byteCount;
    return true;
  }
}
