import { align8 } from "../../../../base/index.ts";
import { type Batch, type FrameBuffer, gatheringBytes } from "../../../../record/index.ts";
import { type Kernel, kernelOn } from "../kernel/kernel.ts";

/*
 * What is behind the bytes of a batch that are in use, at the next multiple of 8
 *
 *   | told, 2 x u32 | values | keys | timestamps | deltas | pieces … |
 *
 *   told      what the kernel says beside a count
 *   columns   of as many records as are looked at in one go: those to write, where their columns are not in this memory yet,
 *             or those that were read
 *   pieces    records on their way to a guest, put together
 */

/** Records that are looked at in one go where something of them is copied here first, or copied from here. */
export const recordsMax = 512;

const toldBytes = 8;
const columnBytes = recordsMax * 8;
const columnsBytes = 3 * columnBytes + recordsMax * 4;
/** What the kernel writes behind the last record of a piece. */
const pieceMarginBytes = 32;

/** Room behind a batch in which the kernel finds the columns of some records, and puts the records together. */
export class RecordArea {
  /** The kernel, the memory and its words, until something is reserved in the buffer. */
  kernel: Kernel | undefined;
  bytes: Uint8Array = new Uint8Array(0);
  words: Uint32Array = new Uint32Array(0);
  /** Where the kernel finds the columns; 0 for those that are not there. */
  values = 0;
  keys = 0;
  timestamps = 0;
  deltas = 0;
  /** Where the pieces are. */
  from = 0;
  end = 0;
  #at = 0;

  /** Makes the room. */
  begin(buffer: FrameBuffer): void {
    buffer.makeRoom(gatheringBytes);
    this.kernel = kernelOn(buffer);
    this.bytes = buffer.bytes;
    this.words = buffer.words;
    this.#at = align8(buffer.used);
    this.from = this.#at + toldBytes + columnsBytes;
    this.end = buffer.used + gatheringBytes - pieceMarginBytes;
  }

  /** Where the kernel says what it says beside a count. */
  get toldAt(): number {
    return this.#at;
  }

  /** Shows the kernel records from `first` on, and gives how many those are: all up to `end`, where they need no copy. */
  show({ columns }: Batch, deltas: Uint32Array | undefined, first: number, end: number): number {
    const at = this.#at + toldBytes;
    const { values, keys, timestamps } = columns;
    const isHere = this.#has(values) && this.#has(keys) && this.#has(timestamps) && this.#has(deltas);
    const count = isHere ? end - first : Math.min(end - first, recordsMax);
    this.values = this.#place(values, first * 2, count * 2, at);
    this.keys = this.#place(keys, first * 2, count * 2, at + columnBytes);
    this.timestamps = this.#place(timestamps, first * 2, count * 2, at + 2 * columnBytes);
    this.deltas = this.#place(deltas, first, count, at + 3 * columnBytes);
    return count;
  }

  /** Goes on with the records behind so many of those that are shown. */
  pass(count: number): void {
    this.values += count * 8;
    if (this.keys !== 0) this.keys += count * 8;
    if (this.timestamps !== 0) this.timestamps += count * 8;
    if (this.deltas !== 0) this.deltas += count * 4;
  }

  /** Has the kernel write columns here, of records that it reads. */
  showOwn(): void {
    this.values = this.#at + toldBytes;
    this.keys = this.values + columnBytes;
    this.deltas = this.keys + columnBytes;
  }

  /** Whether a column needs no copy. */
  #has(column: Uint32Array | undefined): boolean {
    return column === undefined || column.buffer === this.bytes.buffer;
  }

  #place(column: Uint32Array | undefined, first: number, count: number, at: number): number {
    if (column === undefined) return 0;
    if (this.#has(column)) return column.byteOffset + first * 4;
    this.words.set(column.subarray(first, first + count), at / 4);
    return at;
  }
}
