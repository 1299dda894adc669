import { limits } from "../../../../limits.ts";
import { type Batch, none, readInt64 } from "../../../../record/index.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { OneRecord } from "./one-record.ts";
import { RecordArea } from "./record-area.ts";
import { int32Max } from "./varint.ts";

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

/**
 * Writes records of a batch for a guest: first `measure`, which says how many go into one input and how large they are, then
 * `write`. Both run in the kernel, in the memory of the batch's buffer, but for a record that goes alone.
 */
export class RecordEncoder {
  /** Index in the batch after the last record that was measured. */
  end = 0;
  /** Bytes of all records that were measured. */
  byteCount = 0;
  baseOffset = 0;
  baseTimestamp = 0;
  readonly #area = new RecordArea();
  /** A record that was measured alone. */
  readonly one = new OneRecord();
  #first = 0;
  /** The record with the offset delta 0, where each has one more than the one before it. */
  #zero = 0;
  /**
   * Otherwise the offset delta of each record of the batch, ascending, so that a record can be told by it: what its place in
   * the topic says.
   */
  #deltas: Uint32Array | undefined;
  #noted: Uint32Array = new Uint32Array(0);

  /**
   * Measures the records from `first` on, up to `endMax`, or to one that is too far from the first in time, or does not fit
   * in a frame's size with the ones before it.
   * @param now milliseconds since 1970 for a first record without timestamp
   */
  measure(batch: Batch, first: number, endMax: number, now: number): void {
    this.#first = first;
    this.#measureOffsets(batch, first, endMax);
    const { timestamps } = batch.columns;
    const own = timestamps === undefined ? batch.frame.baseTimestamp : readInt64(timestamps, first * 2);
    this.baseTimestamp = own === none ? now : own;
    if (endMax - first === 1) {
      this.end = endMax;
      this.byteCount = this.one.measure(batch, first, this.baseTimestamp, this.#deltaOf(first));
    } else this.#measureSeveral(batch, first, endMax);
  }

  #measureSeveral(batch: Batch, first: number, endMax: number): void {
    const area = this.#area;
    area.begin(batch.buffer);
    area.words[area.toldAt / 4] = 0;
    let end = first;
    while (end < endMax) {
      const count = area.show(batch, this.#deltas, end, endMax);
      const measured = (area.kernel as Kernel).measure(
        area.values,
        area.keys,
        area.timestamps,
        area.deltas,
        end - this.#zero,
        count,
        this.baseTimestamp,
        limits.frameBytesMax.default,
        area.toldAt,
      );
      end += measured;
      if (measured < count) break;
    }
    this.end = end;
    this.byteCount = area.words[area.toldAt / 4] as number;
  }

  /**
   * Writes the records that were measured. They are put together in the batch's own buffer, behind what is in use of it, and go
   * on in pieces: a view of each value, to move it from one memory to another, would be an object for each record.
   */
  write(batch: Batch, target: Uint8Array, at: number): void {
    if (this.end - this.#first === 1) {
      this.#writeOne(batch, this.#first, batch.bytes, target, at);
      return;
    }
    const area = this.#area;
    area.begin(batch.buffer);
    const { kernel, bytes, words, from, end, toldAt } = area;
    let to = at;
    let shown = this.#first;
    for (let next = shown; next < this.end; ) {
      if (next === shown) shown += area.show(batch, this.#deltas, next, this.end);
      let written = (kernel as Kernel).encode(
        area.values,
        area.keys,
        area.timestamps,
        area.deltas,
        next - this.#zero,
        shown - next,
        this.baseTimestamp,
        from,
        end,
        toldAt,
      );
      if (written > 0) {
        const pieceEnd = words[toldAt / 4] as number;
        target.set(bytes.subarray(from, pieceEnd), to);
        to += pieceEnd - from;
      } else {
        to = this.#writeOne(batch, next, bytes, target, to);
        written = 1;
      }
      area.pass(written);
      next += written;
    }
  }

  /** Index of the record that was sent with this offset delta, from `from` on, or -1. */
  indexOf(from: number, delta: number): number {
    const deltas = this.#deltas;
    let i = from;
    if (deltas === undefined) i = delta + this.#zero;
    else while (i < this.end && (deltas[i] as number) < delta) i++;
    return i >= from && i < this.end && (deltas === undefined || deltas[i] === delta) ? i : -1;
  }

  #measureOffsets(batch: Batch, first: number, end: number): void {
    const base = batch.offsetOf(batch.originOf(first));
    this.baseOffset = base ?? 0;
    this.#zero = base === undefined ? 0 : first;
    this.#deltas = undefined;
    const isGapless = batch.columns.origins === undefined && batch.frame.offsets === undefined;
    if (base === undefined || isGapless) return;
    if (this.#noted.length < end) this.#noted = new Uint32Array(batch.count);
    if (this.#areAscending(batch, first, end, base)) this.#deltas = this.#noted;
  }

  /** Notes the distances in the topic. Several records that were made of one have the same place there: then false. */
  #areAscending(batch: Batch, first: number, end: number, base: number): boolean {
    const noted = this.#noted;
    const { origins } = batch.columns;
    const { offsets, baseOffset } = batch.frame;
    let previous = -1;
    for (let i = first; i < end; i++) {
      const origin = origins === undefined ? i : (origins[i] as number);
      const offset = offsets === undefined ? baseOffset + origin : readInt64(offsets, origin * 2);
      const delta = offset - base;
      if (delta <= previous || delta > int32Max) return false;
      noted[i] = delta;
      previous = delta;
    }
    return true;
  }

  #writeOne(batch: Batch, i: number, bytes: Uint8Array, target: Uint8Array, at: number): number {
    this.one.measure(batch, i, this.baseTimestamp, this.#deltaOf(i));
    return this.one.write(bytes, target, at);
  }

  #deltaOf(i: number): number {
    return this.#deltas === undefined ? i - this.#zero : (this.#deltas[i] as number);
  }
}
