/*
 * Decimal numbers that are added up without rounding: a whole number of 128 bits with a sign, counted in units of a power of ten. As memory:
 *
 *     low u64 | high i64, together one number in two's complement | scale u32, digits behind the point | 0 u32
 *
 * A memory of zeros is the number 0. What needs more than 38 digits, on both sides of the point together, does not fit, and is said not to.
 * Digits behind the point that a sum has once needed stay with it until it is 0.
 */

import { skipNumber } from "../json/tokens";
import { parseExponent } from "./parse";

export const decimalBytes: usize = 24;

/** Longest text: a sign, a zero, a point and 39 digits. */
export const decimalTextMax: i32 = 48;

const scaleMax: i32 = 38;

/** Ten times as much, and 9 more, is below 2^63. */
const highBeforeTen: u64 = 922337203685477579;
/** Ten times as much, and 9 more, is below 2^64. */
const lowBeforeTen: u64 = 1844674407370955160;
const billion: u64 = 1000000000;

const digits = memory.data(64);

/* The number that was read last, without its sign. */
let low: u64 = 0;
let high: u64 = 0;
let isNegative: boolean = false;
let scale: i32 = 0;

/** Whether a text is a number as JSON writes it. */
export function isDecimal(at: usize, end: usize): boolean {
  return at < end && skipNumber(at, end) == end;
}

/** Reads a number, which must be one, for `addDecimal`. False when it has too many digits. */
export function readDecimal(at: usize, end: usize): boolean {
  low = 0;
  high = 0;
  scale = 0;
  isNegative = load<u8>(at) == 0x2d;
  if (isNegative) at++;
  let isPastPoint = false;
  let exponent: i32 = 0;
  // Zeros count once another digit follows, so that 1.500 is 1.5.
  let zeros: i32 = 0;
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at);
    const digit = byte - 0x30;
    if (digit > 9) {
      if (byte != 0x2e) break;
      isPastPoint = true;
      continue;
    }
    if (isPastPoint) exponent--;
    if (digit == 0) {
      zeros++;
      continue;
    }
    if ((low | high) == 0) zeros = 0;
    for (; zeros >= 0; zeros--) if (!timesTen()) return false;
    zeros = 0;
    // The last bit of ten times a number is 0, and up to the next multiple of ten nothing is carried that was not checked.
    if (low + digit < low) high++;
    low += digit;
  }
  if ((low | high) == 0) return true;
  if (at < end) exponent += parseExponent(at + 1, end);
  exponent += zeros;
  if (exponent >= 0) return raise(exponent);
  scale = -exponent;
  return scale <= scaleMax;
}

function timesTen(): boolean {
  if (high == 0 && low <= lowBeforeTen) {
    low *= 10;
    return true;
  }
  if (high > highBeforeTen) return false;
  const bottom = (low & 0xffffffff) * 10;
  const top = (low >> 32) * 10 + (bottom >> 32);
  low = (top << 32) | (bottom & 0xffffffff);
  high = high * 10 + (top >> 32);
  return true;
}

/** Times a power of ten. False when that does not fit. */
function raise(tens: i32): boolean {
  if (tens > scaleMax) return false;
  for (; tens > 0; tens--) if (!timesTen()) return false;
  return true;
}

/** Adds the number that was read last to one in memory. False, and nothing is changed, when the sum does not fit. */
export function addDecimal(at: usize): boolean {
  let sumLow = load<u64>(at);
  let sumHigh = load<u64>(at, 8);
  let sumScale = load<i32>(at, 16);
  if ((sumLow | sumHigh) == 0) sumScale = scale;
  if (scale < sumScale) {
    if (!raise(sumScale - scale)) return false;
  } else if (scale > sumScale) {
    const addLow = low;
    const addHigh = high;
    const isBelow = <i64>sumHigh < 0;
    low = isBelow ? 0 - sumLow : sumLow;
    high = isBelow ? negatedHigh(sumLow, sumHigh) : sumHigh;
    if (!raise(scale - sumScale)) return false;
    sumLow = isBelow ? 0 - low : low;
    sumHigh = isBelow ? negatedHigh(low, high) : high;
    sumScale = scale;
    low = addLow;
    high = addHigh;
  }
  const otherLow = isNegative ? 0 - low : low;
  const otherHigh = isNegative ? negatedHigh(low, high) : high;
  const newLow = sumLow + otherLow;
  const newHigh = sumHigh + otherHigh + u64(newLow < sumLow);
  if (<i64>((sumHigh ^ newHigh) & (otherHigh ^ newHigh)) < 0) return false;
  store<u64>(at, newLow);
  store<u64>(at, newHigh, 8);
  store<i32>(at, sumScale, 16);
  return true;
}

/** The upper half of a number with its sign changed. */
// @ts-ignore: decorator
@inline
function negatedHigh(low: u64, high: u64): u64 {
  return ~high + u64(low == 0);
}

/** Writes a number in memory without needless zeros, and returns the address after it. */
export function formatDecimal(at: usize, to: usize): usize {
  let restLow = load<u64>(at);
  let restHigh = load<u64>(at, 8);
  let places = load<i32>(at, 16);
  if (<i64>restHigh < 0) {
    store<u8>(to++, 0x2d);
    restHigh = negatedHigh(restLow, restHigh);
    restLow = 0 - restLow;
  }
  if ((restLow | restHigh) == 0) places = 0;
  let end = digits + 64;
  let first = end;
  while (restHigh != 0) {
    // Nine digits at a time, by long division of four times 32 bits.
    let rest: u64 = restHigh % billion;
    restHigh /= billion;
    rest = (rest << 32) | (restLow >> 32);
    const upper = rest / billion;
    rest = ((rest % billion) << 32) | (restLow & 0xffffffff);
    restLow = (upper << 32) | (rest / billion);
    rest %= billion;
    for (let i = 0; i < 9; i++) {
      store<u8>(--first, 0x30 + rest % 10);
      rest /= 10;
    }
  }
  while (restLow >> 32 != 0) {
    store<u8>(--first, 0x30 + restLow % 10);
    restLow /= 10;
  }
  // Divisions of 32 bits are much cheaper, and most sums have no more.
  let rest = <u32>restLow;
  do {
    store<u8>(--first, 0x30 + (rest % 10));
    rest /= 10;
  } while (rest != 0);
  for (; places > 0 && load<u8>(end - 1) == 0x30; places--) end--;
  return layOut(first, end, places, to);
}

function layOut(first: usize, end: usize, places: i32, to: usize): usize {
  const whole = <i32>(end - first) - places;
  if (whole <= 0) store<u8>(to++, 0x30);
  for (let i = 0; i < whole; i++) store<u8>(to++, load<u8>(first++));
  if (places == 0) return to;
  store<u8>(to++, 0x2e);
  for (let i = whole; i < 0; i++) store<u8>(to++, 0x30);
  while (first < end) store<u8>(to++, load<u8>(first++));
  return to;
}
