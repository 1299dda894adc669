import { dayOf, daysIn, msPerDay, msPerMinute, msPerSecond, weekdayOf } from "./calendar";
import { noDate, noOffset, offsetEnd, readOffset, timeMs } from "./date";
import { digitsEnd, fractionMs, readDigits } from "./digits";
import { monthNames, readName, weekdayNames } from "./names";

/** No more digits than these are read as a count since 1970, so that none overflows. */
const countDigitsMax: usize = 15;

/** The parts of a date that is being read. */
export class DateFields {
  private year: i32 = 1970;
  private month: i32 = 1;
  private day: i32 = 1;
  private weekday: i32 = -1;
  private hour: i32 = 0;
  private minute: i32 = 0;
  private second: i32 = 0;
  private fraction: i32 = 0;
  private offsetMinutes: i32 = 0;
  private count: i64 = noDate;

  clear(): void {
    this.year = 1970;
    this.month = 1;
    this.day = 1;
    this.weekday = -1;
    this.hour = 0;
    this.minute = 0;
    this.second = 0;
    this.fraction = 0;
    this.offsetMinutes = 0;
    this.count = noDate;
  }

  /** Reads what the letter of a directive stands for. Returns the address after it, or 0 when it is not there. */
  read(letter: i32, at: usize, end: usize): usize {
    switch (letter) {
      case 0x59: // Y
        return (this.year = readDigits(at, end, 4)) < 0 ? 0 : at + 4;
      case 0x6d: // m
        return (this.month = readDigits(at, end, 2)) < 0 ? 0 : at + 2;
      case 0x64: // d
        return (this.day = readDigits(at, end, 2)) < 0 ? 0 : at + 2;
      case 0x65: // e
        if (at < end && load<u8>(at) == 0x20) return (this.day = readDigits(at + 1, end, 1)) < 0 ? 0 : at + 2;
        return (this.day = readDigits(at, end, 2)) < 0 ? 0 : at + 2;
      case 0x48: // H
        return (this.hour = readDigits(at, end, 2)) < 0 ? 0 : at + 2;
      case 0x4d: // M
        return (this.minute = readDigits(at, end, 2)) < 0 ? 0 : at + 2;
      case 0x53: // S
        return (this.second = readDigits(at, end, 2)) < 0 ? 0 : at + 2;
      case 0x4c: // L
        return (this.fraction = readDigits(at, end, 3)) < 0 ? 0 : at + 3;
      case 0x66: // f
        return this.readFraction(at, end);
      case 0x73: // s
        return this.readCount(at, end, msPerSecond);
      case 0x51: // Q
        return this.readCount(at, end, 1);
      case 0x62: // b
        this.month = readName(monthNames, at, end) + 1;
        return this.month == 0 ? 0 : at + 3;
      case 0x61: // a
        return (this.weekday = readName(weekdayNames, at, end)) < 0 ? 0 : at + 3;
      default: // z
        if (at >= end) return 0;
        this.offsetMinutes = readOffset(at, end);
        return this.offsetMinutes == noOffset ? 0 : offsetEnd;
    }
  }

  private readFraction(at: usize, end: usize): usize {
    const after = digitsEnd(at, min(end, at + 9));
    this.fraction = fractionMs(at, after);
    return after == at ? 0 : after;
  }

  private readCount(at: usize, end: usize, unitMs: i64): usize {
    const isBelow = at < end && load<u8>(at) == 0x2d;
    const from = at + usize(isBelow);
    const after = digitsEnd(from, end);
    if (after == from || after - from > countDigitsMax) return 0;
    let count: i64 = 0;
    for (let i = from; i < after; i++) count = count * 10 + (load<u8>(i) - 0x30);
    this.count = (isBelow ? -count : count) * unitMs;
    return after;
  }

  /** The point in time that the parts make, or `noDate` where they make none, as 30 February or the wrong day of the week. */
  get ms(): i64 {
    if (this.count != noDate) return this.count + this.fraction;
    if (this.month < 1 || this.month > 12 || this.day < 1 || this.day > daysIn(this.year, this.month)) return noDate;
    if (this.hour > 23 || this.minute > 59 || this.second > 59) return noDate;
    const days = dayOf(this.year, this.month, this.day);
    if (this.weekday >= 0 && this.weekday != weekdayOf(days)) return noDate;
    const local = days * msPerDay + timeMs(this.hour, this.minute, this.second, this.fraction);
    return local - this.offsetMinutes * msPerMinute;
  }
}
