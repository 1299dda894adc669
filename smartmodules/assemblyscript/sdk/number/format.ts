/*
 * Numbers as decimal text in ASCII, written straight to memory. Doubles get the fewest digits that are read back as the same double, and of
 * these the ones nearest to it, in the form that JavaScript gives them.
 */

import { addBig, bigBytes, compareBig, copyBig, multiplyAdd, multiplyPower5, setBig, shiftLeft, subtract } from "./big";

/** Longest text of a double, such as -1.2345678901234567e-308, and of a 64-bit number. */
export const numberBytesMax: usize = 32;

/** Digits of the number in hand, as ASCII; room for one more than any double needs. */
const digits = memory.data(24);
let digitCount: i32 = 0;
/** Position of the decimal point among them, counted from the left; it may lie outside. */
let pointAt: i32 = 0;

const numerator = memory.data(bigBytes, 8);
const denominator = memory.data(bigBytes, 8);
/** Half the way to the next double above and below. */
const above = memory.data(bigBytes, 8);
const below = memory.data(bigBytes, 8);
const sum = memory.data(bigBytes, 8);

/** Powers of ten up to which a double with as few digits is told apart from every other. */
const shortDigitsMax: i32 = 15;

/** Writes a whole number and returns the address after it. */
export function formatInteger(value: i64, to: usize): usize {
  let size = <u64>value;
  if (value < 0) {
    store<u8>(to++, 0x2d);
    size = 0 - size;
  }
  return formatUnsigned(size, to);
}

export function formatUnsigned(value: u64, to: usize): usize {
  if (value >> 32 == 0) return formatUnsigned32(<u32>value, to);
  let length: usize = 1;
  for (let rest = value; rest >= 10; rest /= 10) length++;
  let at = to + length;
  do {
    store<u8>(--at, 0x30 + value % 10);
    value /= 10;
  } while (value != 0);
  return to + length;
}

/** The same for most numbers, whose divisions are much cheaper. */
function formatUnsigned32(value: u32, to: usize): usize {
  let length: usize = 1;
  for (let rest = value; rest >= 10; rest /= 10) length++;
  let at = to + length;
  do {
    store<u8>(--at, 0x30 + (value % 10));
    value /= 10;
  } while (value != 0);
  return to + length;
}

/** Writes a finite double and returns the address after it. */
export function formatDouble(value: f64, to: usize): usize {
  if (value < 0) {
    store<u8>(to++, 0x2d);
    value = -value;
  }
  if (value < 9007199254740992 && value == Math.floor(value)) return formatUnsigned(<u64>value, to);
  if (!shortDigits(value)) shortestDigits(value);
  return layOut(to);
}

/** Digits of a decimal with few of them, found by trying; false when there is none. */
function shortDigits(value: f64): boolean {
  if (value < 1e-7 || value >= 1e15) return false;
  let power: f64 = 1;
  for (let places = 1; places <= 22; places++) {
    power *= 10;
    const scaled = Math.round(value * power);
    if (scaled >= 1e15) return false;
    // Both are exact, so that this quotient is what reading the decimal gives.
    if (scaled / power == value) {
      digitCount = <i32>(formatUnsigned(<u64>scaled, digits) - digits);
      pointAt = digitCount - places;
      return true;
    }
  }
  return false;
}

/**
 * The shortest digits of any double, by exact long division: digit after digit is taken from value = numerator / denominator, until what is
 * left is nearer than the neighbouring doubles.
 */
function shortestDigits(value: f64): void {
  const bits = reinterpret<u64>(value);
  const field = <i32>(bits >> 52);
  const fraction = bits & 0xfffffffffffff;
  const mantissa = field == 0 ? fraction : fraction | 0x10000000000000;
  const exponent = max(field, 1) - 1075;
  const isEven = (mantissa & 1) == 0;
  // Below a power of two the doubles lie twice as close.
  const isClose = fraction == 0 && field > 1;

  setBig(numerator, mantissa);
  setBig(denominator, 1);
  setBig(above, 1);
  // One more factor of two makes the half ways whole, a second one where the way down is half as long.
  const extra = isClose ? 2 : 1;
  shiftLeft(numerator, extra + max(exponent, 0));
  shiftLeft(denominator, extra + max(-exponent, 0));
  shiftLeft(above, max(exponent, 0));
  copyBig(below, above);
  if (isClose) shiftLeft(above, 1);

  // The estimate of the decimal exponent is right or one too small.
  const size = <f64>(exponent + 63 - <i32>clz(mantissa));
  const tens = <i32>Math.ceil(size * 0.30102999566398114 - 1e-10);
  if (tens > 0) {
    multiplyPower5(denominator, tens);
    shiftLeft(denominator, tens);
  } else if (tens < 0) {
    scaleUp(numerator, -tens);
    scaleUp(above, -tens);
    scaleUp(below, -tens);
  }
  pointAt = tens;
  addBig(sum, numerator, above);
  const order = compareBig(sum, denominator);
  if (isEven ? order >= 0 : order > 0) pointAt++;
  else timesTen();

  digitCount = 0;
  while (true) {
    let digit: u32 = 0;
    while (compareBig(numerator, denominator) >= 0) {
      subtract(numerator, denominator);
      digit++;
    }
    const low = compareBig(numerator, below);
    addBig(sum, numerator, above);
    const high = compareBig(sum, denominator);
    const canStop = isEven ? low <= 0 : low < 0;
    const canRoundUp = isEven ? high >= 0 : high > 0;
    if (!canStop && !canRoundUp) {
      store<u8>(digits + digitCount++, 0x30 + digit);
      timesTen();
      continue;
    }
    if (canRoundUp) {
      shiftLeft(numerator, 1);
      const half = compareBig(numerator, denominator);
      if (!canStop || half > 0 || (half == 0 && (digit & 1) != 0)) digit++;
    }
    store<u8>(digits + digitCount++, 0x30 + digit);
    return;
  }
}

function timesTen(): void {
  multiplyAdd(numerator, 10, 0);
  multiplyAdd(above, 10, 0);
  multiplyAdd(below, 10, 0);
}

function scaleUp(big: usize, tens: u32): void {
  multiplyPower5(big, tens);
  shiftLeft(big, tens);
}

/** Writes the digits with point and exponent where JavaScript has them. */
function layOut(to: usize): usize {
  if (pointAt > 21 || pointAt < -5) {
    store<u8>(to++, load<u8>(digits));
    if (digitCount > 1) {
      store<u8>(to++, 0x2e);
      to = putDigits(1, digitCount, to);
    }
    store<u8>(to++, 0x65);
    store<u8>(to++, pointAt > 0 ? 0x2b : 0x2d);
    return formatUnsigned(abs(pointAt - 1), to);
  }
  if (pointAt <= 0) {
    store<u8>(to++, 0x30);
    store<u8>(to++, 0x2e);
    for (let i = pointAt; i < 0; i++) store<u8>(to++, 0x30);
    return putDigits(0, digitCount, to);
  }
  to = putDigits(0, min(pointAt, digitCount), to);
  for (let i = digitCount; i < pointAt; i++) store<u8>(to++, 0x30);
  if (digitCount > pointAt) {
    store<u8>(to++, 0x2e);
    to = putDigits(pointAt, digitCount, to);
  }
  return to;
}

function putDigits(from: i32, until: i32, to: usize): usize {
  for (let i = from; i < until; i++) store<u8>(to++, load<u8>(digits + i));
  return to;
}
