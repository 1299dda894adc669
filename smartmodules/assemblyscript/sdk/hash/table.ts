const entriesMin: u32 = 1024;
const cellBytes: usize = 4;

/** Before what the author keeps with it, an entry has its fingerprint: { low u64, high u64 }. */
export const fingerprintBytes: usize = 16;

/**
 * A table of entries that are found by a fingerprint of 128 bits, in memory outside of the collected heap. Entries lie one behind another in
 * the order in which they were added; beside them is an index of cells with the number of an entry plus one, at most half of which are in use.
 *
 *     head | low u64, high u64, what the author keeps | low u64, high u64, …
 *
 * Entries are either added without end, or each new one takes the place of the oldest once there are as many as wanted.
 */
export class FingerprintTable {
  /** Entries in use. */
  count: u32 = 0;
  /** Bytes of one entry. */
  readonly entryBytes: usize;
  private headBytes: usize;
  private block: usize = 0;
  private room: u32 = 0;
  private oldest: u32 = 0;
  private cells: usize = 0;
  private mask: u32 = 0;

  /** @param keptBytes what is kept with each fingerprint; a multiple of 8  @param headBytes room before the entries; a multiple of 8 */
  constructor(keptBytes: usize, headBytes: usize = 0) {
    this.entryBytes = fingerprintBytes + keptBytes;
    this.headBytes = headBytes;
    this.reserve(entriesMin);
  }

  /** Address of the head, behind which the entries follow; good until an entry is added. */
  get at(): usize {
    return this.block;
  }

  /** Bytes of the head and all entries. */
  get length(): usize {
    return this.headBytes + <usize>this.count * this.entryBytes;
  }

  // @ts-ignore: decorator
  @inline
  entryAt(number: u32): usize {
    return this.block + this.headBytes + <usize>number * this.entryBytes;
  }

  /** Address of what is kept with a fingerprint, or 0; good until an entry is added. */
  find(low: u64, high: u64): usize {
    const number = load<u32>(this.cellOf(low, high));
    return number == 0 ? 0 : this.entryAt(number - 1) + fingerprintBytes;
  }

  /** Adds an entry, and returns the address of what is to be kept with it, which is not cleared. */
  add(low: u64, high: u64): usize {
    if (this.count == this.room) this.reserve(this.room * 2);
    return this.fill(this.count++, low, high);
  }

  /** Adds an entry, in place of the oldest when there are as many as wanted. A fingerprint that is there already is then found anew. */
  addInPlaceOfOldest(low: u64, high: u64, countMax: u32): usize {
    if (this.count < countMax) return this.add(low, high);
    const number = this.oldest;
    this.oldest = number + 1 == countMax ? 0 : number + 1;
    this.forget(number);
    return this.fill(number, low, high);
  }

  /** Leaves so many of the entries, whose place may have changed, and builds the index anew. */
  keepFirst(count: u32): void {
    this.count = count;
    this.index();
  }

  /** Makes room for a copy of a table's bytes, to be put at the address that is returned; `keepFirst` then takes them over. */
  makeRoom(count: u32): usize {
    if (count > this.room) this.reserve(count);
    return this.block;
  }

  private fill(number: u32, low: u64, high: u64): usize {
    const entry = this.entryAt(number);
    store<u32>(this.cellOf(low, high), number + 1);
    store<u64>(entry, low);
    store<u64>(entry, high, 8);
    return entry + fingerprintBytes;
  }

  /** Address of the cell that has the entry of a fingerprint, or of the empty one where it belongs. */
  // @ts-ignore: decorator
  @inline
  private cellOf(low: u64, high: u64): usize {
    const cells = this.cells;
    const mask = this.mask;
    let cell = cells + <usize>(<u32>low & mask) * cellBytes;
    for (let number = load<u32>(cell); number != 0; number = load<u32>(cell)) {
      const entry = this.entryAt(number - 1);
      if (load<u64>(entry) == low && load<u64>(entry, 8) == high) break;
      cell += cellBytes;
      if (cell > cells + <usize>mask * cellBytes) cell = cells;
    }
    return cell;
  }

  /** Takes an entry out of the index, unless a later one with the same fingerprint has its cell. */
  private forget(number: u32): void {
    const entry = this.entryAt(number);
    let hole = this.cellOf(load<u64>(entry), load<u64>(entry, 8));
    if (load<u32>(hole) != number + 1) return;
    // Whatever was put behind this cell because it was taken moves up, so that no search ends at a hole.
    const cells = this.cells;
    const mask = this.mask;
    let holePlace = <u32>((hole - cells) / cellBytes);
    for (let place = (holePlace + 1) & mask; ; place = (place + 1) & mask) {
      const cell = cells + <usize>place * cellBytes;
      const other = load<u32>(cell);
      if (other == 0) break;
      const home = <u32>load<u64>(this.entryAt(other - 1)) & mask;
      if (((place - home) & mask) < ((place - holePlace) & mask)) continue;
      store<u32>(hole, other);
      hole = cell;
      holePlace = place;
    }
    store<u32>(hole, 0);
  }

  private reserve(room: u32): void {
    const block = heap.alloc(this.headBytes + <usize>room * this.entryBytes);
    if (this.block != 0) {
      memory.copy(block, this.block, this.length);
      heap.free(this.block);
      heap.free(this.cells);
    } else memory.fill(block, 0, this.headBytes);
    this.block = block;
    this.room = room;
    let cellCount: u32 = entriesMin * 2;
    while (cellCount < room * 2) cellCount *= 2;
    this.mask = cellCount - 1;
    this.cells = heap.alloc(<usize>cellCount * cellBytes);
    this.index();
  }

  /** In the order of their numbers, so that of entries with one fingerprint the last is found. */
  private index(): void {
    memory.fill(this.cells, 0, (<usize>this.mask + 1) * cellBytes);
    for (let number: u32 = 0; number < this.count; number++) {
      const entry = this.entryAt(number);
      store<u32>(this.cellOf(load<u64>(entry), load<u64>(entry, 8)), number + 1);
    }
  }
}
