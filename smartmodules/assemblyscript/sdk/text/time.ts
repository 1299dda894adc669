/*
 * Times as texts of RFC 3339 and ISO 8601:
 *
 *     2024-01-31T12:00:00.123+01:00
 *     |          |       |   |
 *     date       |       |   Z, or how far local time is ahead; nothing stands for Z
 *                time    any number of digits, of which three count
 */

/** Returned for what is no time. */
export const isNoTime: i64 = i64.MIN_VALUE;

const shortestLength: i32 = 19;
const daysInMonths = memory.data<u8>([31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);

/** Milliseconds since 1970, or `isNoTime`. */
export function parseTime(at: usize, length: i32): i64 {
  if (length < shortestLength) return isNoTime;
  const end = at + length;
  const letter = <u32>load<u8>(at, 10);
  if (load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d || load<u8>(at, 13) != 0x3a || load<u8>(at, 16) != 0x3a) return isNoTime;
  if ((letter | 0x20) != 0x74 && letter != 0x20) return isNoTime;
  const year = twoDigits(at) * 100 + twoDigits(at + 2);
  const month = twoDigits(at + 5);
  const day = twoDigits(at + 8);
  const hour = twoDigits(at + 11);
  const minute = twoDigits(at + 14);
  const second = twoDigits(at + 17);
  if (areNoDigits(at) || areNoDigits(at + 2) || month < 1 || month > 12 || day < 1) return isNoTime;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return isNoTime;
  const isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > <i32>load<u8>(daysInMonths + month - 1) || (month == 2 && day == 29 && !isLeap)) return isNoTime;

  let milliseconds: i32 = 0;
  at += shortestLength;
  if (at < end && (load<u8>(at) == 0x2e || load<u8>(at) == 0x2c)) {
    let factor: i32 = 100;
    const from = ++at;
    for (; at < end && <u32>load<u8>(at) - 0x30 < 10; at++) {
      milliseconds += (<i32>load<u8>(at) - 0x30) * factor;
      factor /= 10;
    }
    if (at == from) return isNoTime;
  }
  const aheadMinutes = minutesAhead(at, end);
  if (aheadMinutes == i32.MIN_VALUE) return isNoTime;
  const seconds = (daysSince1970(year, month, day) * 24 + hour) * 3600 + (minute - aheadMinutes) * 60 + second;
  return seconds * 1000 + milliseconds;
}

/** How far local time is ahead, or the least number for what says no such thing. */
function minutesAhead(at: usize, end: usize): i32 {
  if (at == end) return 0;
  const sign = <u32>load<u8>(at);
  if ((sign | 0x20) == 0x7a) return at + 1 == end ? 0 : i32.MIN_VALUE;
  const hasColon = end - at == 6 && load<u8>(at, 3) == 0x3a;
  if ((sign != 0x2b && sign != 0x2d) || (!hasColon && end - at != 5)) return i32.MIN_VALUE;
  const hours = twoDigits(at + 1);
  const minutes = twoDigits(hasColon ? at + 4 : at + 3);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return i32.MIN_VALUE;
  return sign == 0x2b ? hours * 60 + minutes : -hours * 60 - minutes;
}

function areNoDigits(at: usize): boolean {
  return twoDigits(at) < 0;
}

/** Their value, or a number below -100 when they are no digits. */
function twoDigits(at: usize): i32 {
  const tens = <u32>load<u8>(at) - 0x30;
  const ones = <u32>load<u8>(at, 1) - 0x30;
  return tens > 9 || ones > 9 ? -10000 : <i32>(tens * 10 + ones);
}

/** Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March here, so that the leap day is the last. */
function daysSince1970(year: i32, month: i32, day: i32): i64 {
  const marchYear = month > 2 ? year : year - 1;
  const monthsSinceMarch = month > 2 ? month - 3 : month + 9;
  // Months from March on have 31 30 31 30 31 days, twice, and then 31: 153 days in five months.
  const dayOfYear = (153 * monthsSinceMarch + 2) / 5 + day - 1;
  // Floors, since year 0 begins in March of the year before it.
  const century = marchYear < 0 ? -1 : marchYear / 100;
  const leapDays = (marchYear < 0 ? -1 : marchYear / 4) - century + (marchYear < 0 ? -1 : marchYear / 400);
  return <i64>marchYear * 365 + leapDays + dayOfYear - 719468;
}
