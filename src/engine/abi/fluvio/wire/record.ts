import { limits } from "../../../../limits.ts";
import { absent, type Batch, gatheringBytes, none, readInt64 } from "../../../../record/index.ts";
import { int32Max, int32Min, varintBytes, zigZag } from "./varint.ts";

/*
 * A record
 *
 *   | length varint | attributes u8 | timestamp delta varint | offset delta varint | key | value | header count varint |
 *                   |<------------------------------- length bytes ------------------------------------------------->|
 *
 *   key     00: none, or 01 and then as a value
 *   value   length varint, bytes
 *
 * Attributes and header count are 0: the format has no headers. Deltas count from the base offset and the base
 * timestamp of the input that the record comes in. The value "dog" with the offset delta 1 is
 *
 *   12 | 00 | 00 | 02 | 00 | 06 64 6f 67 | 00
 */

/** Bytes of a record without its key and value, and of its length, at the least. */
export const recordBytesMin = 7;

/** Attributes, a mark for the key, a header count. */
const fixedBytes = 3;

/** Records of this size and more are not put together with others. */
const largeBytes = gatheringBytes / 2;

/** What a record can have beside what its length counts, and that much again for a large one's head. */
const headBytesMax = 64;

/**
 * Writes records of a batch for a guest: first `measure`, which says how many go into one input and how large they are, then
 * `write`. What it notes of a batch is kept for the next one, so that nothing is made for each record.
 */
export class RecordEncoder {
  /** Index in the batch after the last record that was measured. */
  end = 0;
  /** Bytes of all records that were measured. */
  byteCount = 0;
  baseOffset = 0;
  baseTimestamp = 0;
  /**
   * Offset of each record of the batch from the base offset, ascending, so that a record can be told by it: what its
   * place in the topic says, where all of them have one, or its index.
   */
  deltas: Int32Array = new Int32Array(0);
  #first = 0;
  #timestampDeltas: Int32Array = new Int32Array(0);
  /** The length that each record begins with. */
  #lengths: Uint32Array = new Uint32Array(0);

  /**
   * Measures the records from `first` on, up to `endMax`, or to one that is too far from the first in time, or does not fit
   * in a frame's size with the ones before it.
   * @param now milliseconds since 1970 for a first record without timestamp
   */
  measure(batch: Batch, first: number, endMax: number, now: number): void {
    if (this.#lengths.length < endMax) this.#grow(endMax);
    this.#first = first;
    this.#measureOffsets(batch, first, endMax);
    const { values, keys, timestamps } = batch.columns;
    const own = timestamps === undefined ? batch.frame.baseTimestamp : readInt64(timestamps, first * 2);
    const base = own === none ? now : own;
    const { deltas } = this;
    const timestampDeltas = this.#timestampDeltas;
    const lengths = this.#lengths;
    let total = 0;
    let i = first;
    for (; i < endMax; i++) {
      let since = 0;
      if (timestamps !== undefined) {
        const timestamp = readInt64(timestamps, i * 2);
        since = timestamp === none ? 0 : timestamp - base;
        if (since < int32Min || since > int32Max) break;
      }
      const valueLength = values[i * 2 + 1] as number;
      let length =
        fixedBytes +
        varintBytes(since) +
        varintBytes(deltas[i] as number) +
        varintBytes(valueLength) +
        valueLength;
      const keyLength = keys === undefined ? absent : (keys[i * 2 + 1] as number);
      if (keyLength !== absent) length += varintBytes(keyLength) + keyLength;
      const recordBytes = varintBytes(length) + length;
      if (total + recordBytes > limits.frameBytesMax.default && i > first) break;
      timestampDeltas[i] = since;
      lengths[i] = length;
      total += recordBytes;
    }
    this.end = i;
    this.byteCount = total;
    this.baseTimestamp = base;
  }

  /**
   * Writes the records that were measured. They are put together in the batch's own buffer, behind what is in use of it, and go
   * on in pieces: a view of each value, to move it from one memory to another, would be an object for each record.
   */
  write(batch: Batch, target: Uint8Array, at: number): void {
    const { buffer } = batch;
    const from = buffer.used;
    buffer.makeRoom(gatheringBytes);
    const { bytes } = buffer;
    const { values, keys } = batch.columns;
    const { deltas, end } = this;
    const timestampDeltas = this.#timestampDeltas;
    const lengths = this.#lengths;
    const full = from + gatheringBytes - headBytesMax;
    let next = from;
    let to = at;
    for (let i = this.#first; i < end; i++) {
      const length = lengths[i] as number;
      const isLarge = length > largeBytes;
      if (isLarge || next + length > full) {
        target.set(bytes.subarray(from, next), to);
        to += next - from;
        next = from;
      }
      next = writeVarint(bytes, next, length);
      bytes[next++] = 0;
      next = writeVarint(bytes, next, timestampDeltas[i] as number);
      next = writeVarint(bytes, next, deltas[i] as number);
      const keyLength = keys === undefined ? absent : (keys[i * 2 + 1] as number);
      const valueAt = values[i * 2] as number;
      const valueLength = values[i * 2 + 1] as number;
      if (isLarge) {
        const key = keyLength === absent ? undefined : { at: keys?.[i * 2] as number, length: keyLength };
        to = writeLarge(bytes, from, next, key, { at: valueAt, length: valueLength }, target, to);
        next = from;
        continue;
      }
      if (keyLength === absent) bytes[next++] = 0;
      else {
        const keyAt = (keys as Uint32Array)[i * 2] as number;
        bytes[next++] = 1;
        next = writeVarint(bytes, next, keyLength);
        bytes.copyWithin(next, keyAt, keyAt + keyLength);
        next += keyLength;
      }
      next = writeVarint(bytes, next, valueLength);
      bytes.copyWithin(next, valueAt, valueAt + valueLength);
      next += valueLength;
      bytes[next++] = 0;
    }
    target.set(bytes.subarray(from, next), to);
  }

  #measureOffsets(batch: Batch, first: number, end: number): void {
    const { deltas } = this;
    const base = batch.offsetOf(batch.originOf(first));
    const count = base === undefined ? 0 : first;
    this.baseOffset = base ?? 0;
    const isGapless = batch.columns.origins === undefined && batch.frame.offsets === undefined;
    if (base !== undefined && !isGapless && this.#areAscending(batch, first, end, base)) return;
    for (let i = first; i < end; i++) deltas[i] = i - count;
  }

  /** Notes the distances in the topic. Several records that were made of one have the same place there: then false. */
  #areAscending(batch: Batch, first: number, end: number, base: number): boolean {
    const { deltas } = this;
    let previous = -1;
    for (let i = first; i < end; i++) {
      const delta = (batch.offsetOf(batch.originOf(i)) ?? 0) - base;
      if (delta <= previous || delta > int32Max) return false;
      deltas[i] = delta;
      previous = delta;
    }
    return true;
  }

  #grow(recordCount: number): void {
    this.deltas = new Int32Array(recordCount);
    this.#timestampDeltas = new Int32Array(recordCount);
    this.#lengths = new Uint32Array(recordCount);
  }
}

interface Span {
  readonly at: number;
  readonly length: number;
}

/**
 * Moves on what was put together up to `next`, and behind it a record's key and value, straight from where they are. Returns
 * where the next record goes.
 */
function writeLarge(
  bytes: Uint8Array,
  from: number,
  next: number,
  key: Span | undefined,
  value: Span,
  target: Uint8Array,
  at: number,
): number {
  let to = at;
  let end = next;
  const move = (start: number, length: number): void => {
    target.set(bytes.subarray(start, start + length), to);
    to += length;
  };
  const moveData = ({ at: dataAt, length }: Span): void => {
    end = writeVarint(bytes, end, length);
    move(from, end - from);
    move(dataAt, length);
    end = from;
  };
  bytes[end++] = key === undefined ? 0 : 1;
  if (key !== undefined) moveData(key);
  moveData(value);
  target[to++] = 0;
  return to;
}

/** Returns where the next one goes. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let next = at;
  let coded = zigZag(value);
  while (coded > 0x7f) {
    bytes[next++] = coded | 0x80;
    coded >>>= 7;
  }
  bytes[next++] = coded;
  return next;
}
