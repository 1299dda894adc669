/*
 * Days and dates of the Gregorian calendar, which is taken to hold for all times, as ISO 8601 does.
 *
 * Years begin in March here: then the leap day is the last one of a year, and the months before it have a pattern that one product gives.
 */

export const msPerSecond: i64 = 1000;
export const msPerMinute: i64 = 60_000;
export const msPerHour: i64 = 3_600_000;
export const msPerDay: i64 = 86_400_000;

const daysPerEra: i64 = 146_097;
const yearsPerEra: i64 = 400;
/** Days from 1 March of the year 0 to 1 January 1970. */
const daysTo1970: i64 = 719_468;

/** The date that `openDay` was given last. */
export let year: i64 = 1970;
export let month: i32 = 1;
export let day: i32 = 1;

/** Days from 1 January 1970 to a date; the month is 1 to 12. */
export function dayOf(year: i64, month: i32, day: i32): i64 {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = floorDivide(marchYear, yearsPerEra);
  const yearOfEra = marchYear - era * yearsPerEra;
  const monthFromMarch = month > 2 ? month - 3 : month + 9;
  const dayOfYear = <i64>((153 * monthFromMarch + 2) / 5 + day - 1);
  return era * daysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - daysTo1970;
}

/** Finds `year`, `month` and `day` of a day that is counted from 1 January 1970. */
export function openDay(days: i64): void {
  const fromMarch = days + daysTo1970;
  const era = floorDivide(fromMarch, daysPerEra);
  const dayOfEra = fromMarch - era * daysPerEra;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = <i32>(dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100));
  const monthFromMarch = (5 * dayOfYear + 2) / 153;
  day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
  month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  year = era * yearsPerEra + yearOfEra + i64(month <= 2);
}

/** Days of a month, 1 to 12. */
export function daysIn(year: i64, month: i32): i32 {
  if (month == 2) return (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return 30 + ((month + (month >> 3)) & 1);
}

/** 0 for Sunday to 6 for Saturday. */
export function weekdayOf(days: i64): i32 {
  return <i32>(days + 4 - floorDivide(days + 4, 7) * 7);
}

/** The quotient rounded down, also below zero. The divisor is above zero. */
export function floorDivide(value: i64, divisor: i64): i64 {
  const quotient = value / divisor;
  return quotient * divisor > value ? quotient - 1 : quotient;
}
