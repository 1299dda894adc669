/*
 * Points in time are milliseconds since 1970, as the timestamps of records are.
 */

import { recordArena } from "../memory/arena";
import { Slice } from "../text/slice";
import { dayOf, daysIn, floorDivide, msPerDay, msPerHour, msPerMinute, msPerSecond } from "./calendar";
import { digitsEnd, fractionMs, readDigits } from "./digits";
import { writeDate } from "./write";

/** What reading a date gives for a text that is none. It is no point in time that a text could stand for. */
export const noDate: i64 = i64.MIN_VALUE;

/** Longest date that is written, such as +292278994-08-17T07:12:55.807Z. */
export const dateBytesMax: usize = 32;

/**
 * Reads a date of RFC 3339 or ISO 8601, as `2024-02-29`, `2024-02-29T12:30Z`, `2024-02-29 12:30:15.25+02:00`. Returns milliseconds since
 * 1970, or `noDate`.
 *
 * Between date and time stands a `T`, a `t` or a space. Seconds may be left out, a fraction follows a point or a comma, and what is finer
 * than a millisecond is cut off. The offset is `Z`, `z`, `+02:00`, `+0200` or `+02`; where there is none, UTC is meant. `24:00` is the end
 * of a day, and a leap second (`23:59:60` in UTC) counts as the second after it.
 */
export function parseDate(text: Slice): i64 {
  return readDate(text.at, text.at + text.length);
}

/** Writes a point in time as RFC 3339 in UTC, as `2024-02-29T12:30:15.250Z`; the text is good until your function returns. */
export function formatDate(ms: i64): Slice {
  const at = recordArena.take(dateBytesMax);
  return Slice.at(at, <i32>(writeDate(ms, at) - at));
}

/**
 * The start of the window in which a point in time lies, also for times before 1970. Windows are `windowMs` long, above zero, and one of
 * them starts at `originMs`.
 */
export function windowStart(ms: i64, windowMs: i64, originMs: i64 = 0): i64 {
  return originMs + floorDivide(ms - originMs, windowMs) * windowMs;
}

function readDate(at: usize, end: usize): i64 {
  const year = readDigits(at, end, 4);
  const month = readDigits(at + 5, end, 2);
  const day = readDigits(at + 8, end, 2);
  // The numbers are there, so that the bytes between them are, too.
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return noDate;
  if (load<u8>(at + 4) != 0x2d || load<u8>(at + 7) != 0x2d) return noDate;
  const midnight = dayOf(year, month, day) * msPerDay;
  at += 10;
  if (at == end) return midnight;
  const separator = load<u8>(at);
  if ((separator | 0x20) != 0x74 && separator != 0x20) return noDate;
  return readTime(at + 1, end, midnight);
}

function readTime(at: usize, end: usize, midnight: i64): i64 {
  const hour = readDigits(at, end, 2);
  const minute = readDigits(at + 3, end, 2);
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || load<u8>(at + 2) != 0x3a) return noDate;
  at += 5;
  let second = 0;
  let fraction = 0;
  if (at < end && load<u8>(at) == 0x3a) {
    second = readDigits(at + 1, end, 2);
    if (second < 0 || second > 60) return noDate;
    at += 3;
    if (at < end && (load<u8>(at) == 0x2e || load<u8>(at) == 0x2c)) {
      const after = digitsEnd(++at, end);
      if (after == at) return noDate;
      fraction = fractionMs(at, after);
      at = after;
    }
  }
  if (hour == 24 && (minute != 0 || second != 0 || fraction != 0)) return noDate;
  let offsetMinutes = 0;
  if (at < end) {
    offsetMinutes = readOffset(at, end);
    if (offsetMinutes == noOffset || offsetEnd != end) return noDate;
  }
  const minutes = <i64>(hour * 60 + minute - offsetMinutes);
  const ms = midnight + minutes * msPerMinute + <i64>second * msPerSecond;
  // Leap seconds are the last ones of a day in UTC, and nowhere else.
  if (second == 60 && floorDivide(ms, msPerDay) * msPerDay != ms) return noDate;
  return ms + fraction;
}

/** What `readOffset` gives for bytes that are none. */
export const noOffset: i32 = i32.MIN_VALUE;

/** Address after the offset that was read last. */
export let offsetEnd: usize = 0;

/** Minutes that a place on earth is ahead of UTC: `Z`, `+02:00`, `+0200` or `+02`. `at` must lie before `end`. */
export function readOffset(at: usize, end: usize): i32 {
  const sign = load<u8>(at);
  if ((sign | 0x20) == 0x7a) {
    offsetEnd = at + 1;
    return 0;
  }
  if (sign != 0x2b && sign != 0x2d) return noOffset;
  const hours = readDigits(at + 1, end, 2);
  if (hours < 0 || hours > 23) return noOffset;
  at += 3;
  const hasColon = at < end && load<u8>(at) == 0x3a;
  let minutes = readDigits(at + usize(hasColon), end, 2);
  if (minutes >= 0) at += 2 + usize(hasColon);
  else if (hasColon) return noOffset;
  else minutes = 0;
  if (minutes > 59) return noOffset;
  offsetEnd = at;
  const offset = hours * 60 + minutes;
  return sign == 0x2d ? -offset : offset;
}

/** Milliseconds of a time of day. */
export function timeMs(hour: i64, minute: i64, second: i64, ms: i64): i64 {
  return hour * msPerHour + minute * msPerMinute + second * msPerSecond + ms;
}
