import { absent, type FrameBuffer } from "../../../../record/index.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { WireReader } from "./reader.ts";
import { RecordArea, recordsMax } from "./record-area.ts";
import { unZigZag } from "./varint.ts";

const roomMin = 64;
/** Fewer records than this are sooner read here than in the kernel. */
const kernelMin = 8;

/**
 * Records of an output, as columns: pairs (position, length) of their values and keys in the memory that the reader reads, and
 * what they were sent with.
 */
export class OutputColumns {
  count = 0;
  values: Uint32Array = new Uint32Array(roomMin * 2);
  keys: Uint32Array = new Uint32Array(roomMin * 2);
  deltas: Int32Array = new Int32Array(roomMin);
  /** Index of the record that each was made of, for whoever knows. */
  sources: Uint32Array = new Uint32Array(roomMin);
  hasKeys = false;
  readonly #area = new RecordArea();

  clear(): void {
    this.count = 0;
    this.hasKeys = false;
  }

  /** Bytes of the values and keys of records. */
  bytesFrom(from: number, end: number): number {
    const { values, keys } = this;
    let byteCount = 0;
    for (let e = from; e < end; e++) {
      const keyLength = keys[e * 2 + 1] as number;
      byteCount += (values[e * 2 + 1] as number) + (keyLength === absent ? 0 : keyLength);
    }
    return byteCount;
  }

  /** Says where the bytes of the records from `from` on are now, and what those were made of. */
  place(from: number, distance: number, source: number): void {
    const { values, keys, sources } = this;
    for (let e = from; e < this.count; e++) {
      values[e * 2] = (values[e * 2] as number) + distance;
      if (keys[e * 2 + 1] !== absent) keys[e * 2] = (keys[e * 2] as number) + distance;
      sources[e] = source;
    }
  }

  /** Puts a record in the place of another. */
  move(from: number, to: number): void {
    const { values, keys, deltas, sources } = this;
    values.copyWithin(to * 2, from * 2, from * 2 + 2);
    keys.copyWithin(to * 2, from * 2, from * 2 + 2);
    deltas[to] = deltas[from] as number;
    sources[to] = sources[from] as number;
  }

  /**
   * Reads records behind those that are there.
   * @param buffer whose memory it is that the reader reads, and where the kernel can help
   * @throws MillraceError `module.answer`
   */
  read(reader: WireReader, recordCount: number, buffer?: FrameBuffer): void {
    const end = this.count + recordCount;
    this.#makeRoom(end);
    if (buffer !== undefined && recordCount >= kernelMin) this.#readInKernel(reader, end, buffer);
    const { memory } = reader;
    for (let e = this.count; e < end; e++) {
      const next = this.#readUsual(memory, reader.at, reader.end, e);
      if (next < 0) this.#readAny(reader, e);
      else reader.at = next;
    }
    this.count = end;
  }

  #readInKernel(reader: WireReader, end: number, buffer: FrameBuffer): void {
    const area = this.#area;
    area.begin(buffer);
    area.showOwn();
    const { words, values, keys, deltas, toldAt } = area;
    reader.memory = area.bytes;
    while (this.count < end) {
      const e = this.count;
      const wanted = Math.min(end - e, recordsMax);
      const read = (area.kernel as Kernel).decode(
        reader.at,
        reader.end,
        wanted,
        values,
        keys,
        deltas,
        toldAt,
      );
      this.values.set(words.subarray(values / 4, values / 4 + read * 2), e * 2);
      this.keys.set(words.subarray(keys / 4, keys / 4 + read * 2), e * 2);
      this.deltas.set(words.subarray(deltas / 4, deltas / 4 + read), e);
      reader.at = words[toldAt / 4] as number;
      if (words[toldAt / 4 + 1] !== 0) this.hasKeys = true;
      this.count = e + read;
      if (read === wanted) continue;
      this.#readAny(reader, this.count);
      this.count++;
      // Where hardly any record is usual, asking the kernel costs more than it gains.
      if (read < kernelMin) break;
    }
  }

  /**
   * Reads a record whose numbers are no longer than they usually are, which nearly all are, and gives the position behind it;
   * or -1 for any other record, and for whatever is wrong. All that it looks at lies ahead of that position, or does not count.
   */
  #readUsual(bytes: Uint8Array, at: number, end: number, e: number): number {
    let next = at;
    let coded = bytes[next++] as number;
    if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[next++] as number) << 7);
    const recordEnd = next + (coded >>> 1);
    if (coded > 0x3fff || (coded & 1) !== 0 || recordEnd > end) return -1;
    next++;
    let group = bytes[next++] as number;
    if (group > 0x7f) group = bytes[next++] as number;
    if (group > 0x7f) group = bytes[next++] as number;
    if (group > 0x7f) return -1;
    coded = bytes[next++] as number;
    if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[next++] as number) << 7);
    if (coded > 0x3fff) return -1;
    const delta = unZigZag(coded);
    const hasKey = bytes[next++] as number;
    let keyLength: number = absent;
    let keyAt = 0;
    if (hasKey === 1) {
      coded = bytes[next++] as number;
      if (coded > 0x7f || (coded & 1) !== 0) return -1;
      keyAt = next;
      keyLength = coded >>> 1;
      next += keyLength;
    }
    coded = bytes[next++] as number;
    if (coded > 0x7f) coded = (coded & 0x7f) | ((bytes[next++] as number) << 7);
    if (coded > 0x3fff || (coded & 1) !== 0 || hasKey > 1) return -1;
    const valueLength = coded >>> 1;
    // Header count and end: a number that ended elsewhere would have led somewhere else.
    if (next + valueLength + 1 !== recordEnd || (bytes[recordEnd - 1] as number) > 0x7f) return -1;
    this.values[e * 2] = next;
    this.values[e * 2 + 1] = valueLength;
    this.keys[e * 2] = keyAt;
    this.keys[e * 2 + 1] = keyLength;
    this.deltas[e] = delta;
    if (hasKey === 1) this.hasKeys = true;
    return recordEnd;
  }

  #readAny(reader: WireReader, e: number): void {
    const length = reader.varint();
    const end = reader.at + length;
    reader.u8();
    reader.varint();
    this.deltas[e] = reader.varint();
    const keyLength = reader.option() ? reader.data() : absent;
    this.keys[e * 2] = keyLength === absent ? 0 : reader.at - keyLength;
    this.keys[e * 2 + 1] = keyLength;
    if (keyLength !== absent) this.hasKeys = true;
    const valueLength = reader.data();
    this.values[e * 2] = reader.at - valueLength;
    this.values[e * 2 + 1] = valueLength;
    reader.varint();
    if (reader.at !== end) throw reader.broken(`a record is not as long as it says, ${length} bytes`);
  }

  #makeRoom(count: number): void {
    if (count <= this.sources.length) return;
    const room = Math.max(count, this.sources.length * 2);
    this.values = grown(this.values, new Uint32Array(room * 2));
    this.keys = grown(this.keys, new Uint32Array(room * 2));
    this.deltas = grown(this.deltas, new Int32Array(room));
    this.sources = grown(this.sources, new Uint32Array(room));
  }
}

function grown<Column extends Uint32Array | Int32Array>(column: Column, larger: Column): Column {
  larger.set(column);
  return larger;
}
