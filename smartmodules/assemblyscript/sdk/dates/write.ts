import { formatInteger } from "../number/format";
import { day, floorDivide, month, msPerDay, msPerHour, msPerMinute, msPerSecond, openDay, year } from "./calendar";
import { putDigits } from "./digits";

/** Writes a year: four digits from 0 to 9999, otherwise a sign and six digits or more, as JavaScript does. Returns the address after it. */
export function writeYear(year: i64, to: usize): usize {
  if (year >= 0 && year <= 9999) return putDigits(year, 4, to);
  store<u8>(to, year < 0 ? 0x2d : 0x2b);
  const size = abs(year);
  return size <= 999999 ? putDigits(size, 6, to + 1) : formatInteger(size, to + 1);
}

/** Writes a point in time as RFC 3339 in UTC, with milliseconds, and returns the address after it. */
export function writeDate(ms: i64, to: usize): usize {
  const days = floorDivide(ms, msPerDay);
  const rest = ms - days * msPerDay;
  openDay(days);
  to = writeYear(year, to);
  store<u8>(to, 0x2d);
  to = putDigits(month, 2, to + 1);
  store<u8>(to, 0x2d);
  to = putDigits(day, 2, to + 1);
  store<u8>(to, 0x54);
  to = writeClock(rest, to + 1);
  store<u8>(to, 0x2e);
  to = putDigits(rest % msPerSecond, 3, to + 1);
  store<u8>(to, 0x5a);
  return to + 1;
}

/** Writes hours, minutes and seconds of a time of day, and returns the address after them. */
export function writeClock(rest: i64, to: usize): usize {
  to = putDigits(rest / msPerHour, 2, to);
  store<u8>(to, 0x3a);
  to = putDigits((rest / msPerMinute) % 60, 2, to + 1);
  store<u8>(to, 0x3a);
  return putDigits((rest / msPerSecond) % 60, 2, to + 1);
}
