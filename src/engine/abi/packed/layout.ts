import type { WasmMemory } from "../../../base/index.ts";

/*
 * The packed ABI, version 1: one call for a batch, one verdict for a record.
 *
 * Exports of a module
 *   memory
 *   millrace_packed_1    () -> i32              marks ABI and version; address of the control block, 8-aligned, the same for life
 *   millrace_reserve     (region, bytes) -> i32 address of a region of at least that many bytes, 8-aligned, or 0 if there
 *                                               is no memory. Called between calls only; the region's old content and
 *                                               address are void, other regions stay as they are
 *   millrace_init        () -> i32              optional, once, before the first call; 0, or 1 = refused, see errorAt
 *   millrace_look_back   () -> i32              optional, between init and the first call, for each frame of earlier
 *                                               records, oldest first; 0, or 1 = refused, see errorAt
 *   and exactly one transform:
 *   millrace_filter, millrace_map, millrace_filter_map, millrace_array_map, millrace_aggregate
 *                        (first) -> i32         works on the records from `first` on; returns the index after the last
 *                                               one finished
 *
 * A transform that finds no room left for all of a record, in the output region or in the columns of emitted records,
 * takes back what it wrote for it and returns; the host gathers what there is and calls again. No progress with the
 * largest room fails that record.
 *
 * After a trap the records before the cursor are finished, and the rest goes to a new instance: the same frame, whose
 * record count may end earlier, from a `first` that may be any.
 *
 * Control block, 32-bit words            written by
 *   0  flags            guest   bit 0: stateful (keeps something from one record to a later one)
 *   1  cursor           guest   index of the record in hand: written, volatile, whenever a record is complete
 *   2  inputAt          host    the frame (record/layout.ts); during init the parameter block
 *   3  inputBytes       host
 *   4  verdictsAt       host    u8 for each record of the frame, all 0 at the call
 *   5  valuesAt         host    span { at u32, length u32 } for each record: the new value, or a failed record's error
 *                               text. This and the next three columns are indexed by emitted record in an array-map,
 *                               by record otherwise
 *   6  keysAt           host    span for each record; length 0xFFFFFFFF: no key
 *   7  timestampsAt     host    signed 64-bit ms for each record
 *   8  headersAt        host    span for each record: a header block
 *   9  outputAt         host    where the guest puts bytes that it makes
 *  10  outputBytes      host
 *  11  errorAt          guest   error text of init, of look-back, or of the trap that ended a call, UTF-8
 *  12  errorBytes       guest
 *  13  sourcesAt        host    array-map: u32 for each emitted record, the index of its source, never decreasing
 *  14  changesAt        host    array-map: u8 for each emitted record, which columns it sets (the change bits); it has
 *                               the others from its source. The value is always set
 *  15  emittedMax       host    array-map: room in those columns
 *  16  emitted          guest   array-map: records emitted by this call
 *  17  accumulatorAt    both    aggregate: host, before init: what to begin with. Guest, from the end of the first call
 *  18  accumulatorBytes both    on: what it has added up, anywhere in its memory, valid until the next call
 *  19  lookBackAt       host    look-back: a frame of earlier records
 *  20  lookBackBytes    host
 *  21  logAt            guest   log lines since the host last looked, which is after init, look-back and each call
 *  22  logBytes         both    the host sets it to 0 when it has taken them
 *  23  logLost          both    lines that found no room in the module; the host sets it to 0
 *
 * An array-map gives a record it expanded the verdict `expanded` and one or more emitted records, one it dropped no
 * emitted record, and one it failed exactly one entry, whose value is the error text.
 *
 * A verdict is a code in the low four bits and, for `replaced`, which columns were set for this record in the high
 * four. Addresses in spans are addresses of guest memory. A span inside the input region stands for the bytes the
 * host sent, not for what is there now: input is read-only. Other spans may lie anywhere in memory.
 *
 * Parameter block
 *   count u32, 0 u32, then count x { nameAt u32, nameLength u32, valueAt u32, valueLength u32 }, then UTF-8 bytes;
 *   positions count from the start of the block
 *
 * Log lines
 *   { level u32, length u32, UTF-8 bytes, padded to a multiple of 4 } one after another; level 0 error, 1 warn, 2 info, 3 debug
 */

export interface PackedExports {
  readonly memory: WasmMemory;
  readonly millrace_packed_1: () => number;
  readonly millrace_reserve: (region: number, bytes: number) => number;
  readonly millrace_init?: () => number;
  readonly millrace_look_back?: () => number;
}

export const exportName = {
  control: "millrace_packed_1",
  reserve: "millrace_reserve",
  init: "millrace_init",
  lookBack: "millrace_look_back",
} as const;

/** What the mark of this project's ABI starts with in every version. */
export const versionPrefix = "millrace_packed_";

export const controlBytes = 96;

/** Positions in the control block, counted in 32-bit words. */
export const control = {
  flags: 0,
  cursor: 1,
  inputAt: 2,
  inputBytes: 3,
  verdictsAt: 4,
  valuesAt: 5,
  keysAt: 6,
  timestampsAt: 7,
  headersAt: 8,
  outputAt: 9,
  outputBytes: 10,
  errorAt: 11,
  errorBytes: 12,
  sourcesAt: 13,
  changesAt: 14,
  emittedMax: 15,
  emitted: 16,
  accumulatorAt: 17,
  accumulatorBytes: 18,
  lookBackAt: 19,
  lookBackBytes: 20,
  logAt: 21,
  logBytes: 22,
  logLost: 23,
} as const;

export const statefulFlag = 1;

/** Regions a guest is asked for; numbered as in `millrace_reserve`. */
export const region = { input: 0, answer: 1, output: 2, accumulator: 3 } as const;
