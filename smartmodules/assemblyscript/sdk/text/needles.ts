import { findBytes, sameBytes } from "./bytes";
import { findIgnoringCase, lower16, lowerBytes, sameIgnoringCase } from "./case";
import { Slice } from "./slice";

/** Needles are told apart by their first two bytes, and share these eight buckets. */
const bucketCount: i32 = 8;
const tableBytes: i32 = 16;

/**
 * Several texts that are looked for together, in one pass. Make it once, in `init`.
 *
 *     const words = new Needles(["timeout", "refused"]);
 *     …
 *     if (words.isIn(record.value)) …
 */
export class Needles {
  /** Which of the texts was found last; where several begin at the same place, the first of the list. */
  found: i32 = -1;
  private needles: Slice[] = [];
  private hasEmpty: boolean = false;
  /**
   * For each value of half a byte the buckets that have a needle with it: the low and the high half of the first byte, then of the
   * second one. A needle of one byte has all in the place of its second.
   */
  private tables: StaticArray<u8> = new StaticArray<u8>(4 * tableBytes);
  private isIgnoringCase: boolean;

  constructor(texts: string[], isIgnoringCase: boolean = false) {
    this.isIgnoringCase = isIgnoringCase;
    for (let i = 0; i < texts.length; i++) {
      const needle = Slice.of(texts[i]);
      if (isIgnoringCase) lowerBytes(needle.at, needle.length, needle.at);
      this.needles.push(needle);
      if (needle.isEmpty) this.hasEmpty = true;
      else this.enter(needle, 1 << i % bucketCount);
    }
  }

  private enter(needle: Slice, bucket: i32): void {
    const first = <i32>needle.byteAt(0);
    const second = needle.length == 1 ? -1 : <i32>needle.byteAt(1);
    this.mark(0, first & 15, bucket);
    this.mark(1, first >> 4, bucket);
    for (let half: u8 = 0; half < 16; half++) {
      if (second < 0 || (second & 15) == half) this.mark(2, half, bucket);
      if (second < 0 || second >> 4 == half) this.mark(3, half, bucket);
    }
  }

  private mark(table: i32, half: i32, bucket: i32): void {
    const place = table * tableBytes + half;
    this.tables[place] = this.tables[place] | <u8>bucket;
  }

  /** Number of texts. */
  get length(): i32 {
    return this.needles.length;
  }

  /** Whether any of the texts occurs; `found` then says which. */
  isIn(text: Slice): boolean {
    return this.indexIn(text) >= 0;
  }

  /** Whether each of the texts occurs; otherwise `found` is the first that does not. */
  areAllIn(text: Slice): boolean {
    for (let i = 0, count = this.needles.length; i < count; i++) {
      const needle = unchecked(this.needles[i]);
      const place = this.isIgnoringCase
        ? findIgnoringCase(text.at, text.length, needle.at, needle.length)
        : findBytes(text.at, text.length, needle.at, needle.length);
      if (place == 0) {
        this.found = i;
        return false;
      }
    }
    return true;
  }

  /** Position of the first place, from a position on, where any of the texts occurs, or -1; `found` then says which. */
  indexIn(text: Slice, from: i32 = 0): i32 {
    const start = min(max(from, 0), text.length);
    const place = this.find(text.at + start, text.at + text.length);
    return place == 0 ? -1 : <i32>(place - text.at);
  }

  /** How often any of the texts occurs, from left to right and without overlap; empty texts do not count. */
  countIn(text: Slice): i32 {
    const end = text.at + text.length;
    let count = 0;
    for (let at = text.at; at < end; ) {
      const place = this.findFilled(at, end);
      if (place == 0) break;
      count++;
      at = place + unchecked(this.needles[this.found]).length;
    }
    return count;
  }

  private find(at: usize, end: usize): usize {
    if (!this.hasEmpty) return this.findFilled(at, end);
    // The empty text is everywhere, but at the first place another one may come before it in the list.
    this.found = -1;
    for (let i = 0, count = this.needles.length; i < count && this.found < 0; i++) if (this.isAt(i, at, end)) this.found = i;
    return at;
  }

  private findFilled(at: usize, end: usize): usize {
    const tables = changetype<usize>(this.tables);
    const firstLow = v128.load(tables);
    const firstHigh = v128.load(tables, 16);
    const secondLow = v128.load(tables, 32);
    const secondHigh = v128.load(tables, 48);
    const isLowering = this.isIgnoringCase;
    const lowHalf = i8x16.splat(15);
    for (; at < end; at += 16) {
      let first = v128.load(at);
      let second = v128.load(at, 1);
      if (isLowering) {
        first = lower16(first);
        second = lower16(second);
      }
      const firstFits = v128.and(
        i8x16.swizzle(firstLow, v128.and(first, lowHalf)),
        i8x16.swizzle(firstHigh, i8x16.shr_u(first, 4)),
      );
      const secondFits = v128.and(
        i8x16.swizzle(secondLow, v128.and(second, lowHalf)),
        i8x16.swizzle(secondHigh, i8x16.shr_u(second, 4)),
      );
      let fits = <u32>i8x16.bitmask(i8x16.ne(v128.and(firstFits, secondFits), i8x16.splat(0)));
      for (; fits != 0; fits &= fits - 1) {
        const place = at + <usize>ctz(fits);
        if (place >= end) return 0;
        if (this.isAnyAt(place, end)) return place;
      }
    }
    return 0;
  }

  private isAnyAt(at: usize, end: usize): boolean {
    for (let i = 0, count = this.needles.length; i < count; i++) {
      if (!unchecked(this.needles[i]).isEmpty && this.isAt(i, at, end)) {
        this.found = i;
        return true;
      }
    }
    return false;
  }

  private isAt(index: i32, at: usize, end: usize): boolean {
    const needle = unchecked(this.needles[index]);
    const length = <usize>needle.length;
    if (end - at < length) return false;
    return this.isIgnoringCase ? sameIgnoringCase(at, needle.at, length) : sameBytes(at, needle.at, length);
  }
}
