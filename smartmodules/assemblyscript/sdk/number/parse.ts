/*
 * Decimal numbers to the nearest double, exactly: ties to even, as JSON.parse does it.
 */

import { bigBytes, compareBig, copyBig, multiplyAdd, multiplyPower5, setBig, shiftLeft } from "./big";

/** As many digits as always fit 64 bits. */
const digitsMax: i32 = 19;

/** More digits than these cannot change the result, except by being there. */
const bigDigitsMax: i32 = 800;

/** Powers of ten that a double holds exactly. */
const powers10 = memory.data<f64>([
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]);

/** Whole numbers up to here are doubles without rounding. */
const exactMax: u64 = 1 << 53;

/** 5^27 is the largest power of five below 2^63. */
const power5Max: i32 = 27;

const decimal = memory.data(bigBytes, 8);
const binary = memory.data(bigBytes, 8);
const scaled = memory.data(bigBytes, 8);

/** The value of a JSON number, which must have been checked. */
export function parseNumber(at: usize, end: usize): f64 {
  const from = at;
  let isNegative = false;
  if (load<u8>(at) == 0x2d) {
    isNegative = true;
    at++;
  }
  let digits: u64 = 0;
  let count: i32 = 0;
  let exponent: i32 = 0;
  let isPastPoint = false;
  let isCut = false;
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at);
    const digit = byte - 0x30;
    if (digit < 10) {
      if (count < digitsMax) {
        digits = digits * 10 + digit;
        // Leading zeros are no digits that count.
        if (digits != 0) count++;
        if (isPastPoint) exponent--;
      } else {
        if (digit != 0) isCut = true;
        if (!isPastPoint) exponent++;
      }
    } else if (byte == 0x2e) isPastPoint = true;
    else break;
  }
  if (at < end) exponent += parseExponent(at + 1, end);
  const size = isCut || digits > exactMax || exponent < -22 || exponent > 22
    ? parseLong(from, end, digits, count, exponent, isCut)
    : exponent < 0
      ? <f64>digits / load<f64>(powers10 + (<usize>-exponent << 3))
      : <f64>digits * load<f64>(powers10 + (<usize>exponent << 3));
  return isNegative ? -size : size;
}

/** From the byte after the `e`. Exponents beyond any double are all alike. */
export function parseExponent(at: usize, end: usize): i32 {
  const sign: u32 = load<u8>(at);
  if (sign == 0x2b || sign == 0x2d) at++;
  let value: i32 = 0;
  for (; at < end; at++) if (value < 100000) value = value * 10 + load<u8>(at) - 0x30;
  return sign == 0x2d ? -value : value;
}

function parseLong(from: usize, end: usize, digits: u64, count: i32, exponent: i32, isCut: boolean): f64 {
  if (digits == 0) return 0;
  if (count + exponent > 310) return Infinity;
  if (count + exponent < -330) return 0;
  if (!isCut && exponent >= -power5Max && exponent <= power5Max) return scale(digits, exponent);
  return parseBig(from, end, estimate(digits, exponent));
}

function power5(exponent: i32): u64 {
  let power: u64 = 1;
  for (; exponent > 0; exponent--) power *= 5;
  return power;
}

/** digits * 10^exponent, for exponents whose power of five fits 64 bits, in 128 bits. */
function scale(digits: u64, exponent: i32): f64 {
  if (exponent >= 0) {
    const power = power5(exponent);
    const high = multiplyHigh(digits, power);
    const low = digits * power;
    if (high == 0) return roundToDouble(low, false, exponent);
    const shift = clz(high);
    const top = shift == 0 ? high : (high << shift) | (low >> (64 - shift));
    const rest = shift == 0 ? low : low << shift;
    return roundToDouble(top, rest != 0, exponent + 64 - <i32>shift);
  }
  // The quotient of two numbers with their top bits set has 63 or 64 bits when the dividend is moved up by 63.
  const power = power5(-exponent);
  const digitsShift = clz(digits);
  const powerShift = clz(power);
  const quotient = divide((digits << digitsShift) >> 1, (digits << digitsShift) << 63, power << powerShift);
  const moved = exponent + <i32>powerShift - <i32>digitsShift - 63;
  return roundToDouble(quotient, remainder != 0, moved);
}

function multiplyHigh(one: u64, other: u64): u64 {
  const oneLow = one & 0xffffffff;
  const oneHigh = one >> 32;
  const otherLow = other & 0xffffffff;
  const otherHigh = other >> 32;
  const middle = oneHigh * otherLow + ((oneLow * otherLow) >> 32);
  const other2 = oneLow * otherHigh + (middle & 0xffffffff);
  return oneHigh * otherHigh + (middle >> 32) + (other2 >> 32);
}

/** What `divide` left over. */
let remainder: u64 = 0;

/** (high * 2^64 + low) / divisor, for high < divisor and a divisor whose top bit is set: two steps of long division. */
function divide(high: u64, low: u64, divisor: u64): u64 {
  const first = divideStep(high, low >> 32, divisor);
  return (first << 32) | divideStep(remainder, low & 0xffffffff, divisor);
}

/** (high * 2^32 + next) / divisor, which is below 2^32; the rest is in `remainder`. */
function divideStep(high: u64, next: u64, divisor: u64): u64 {
  const divisorHigh = divisor >> 32;
  const divisorLow = divisor & 0xffffffff;
  let quotient = high / divisorHigh;
  let rest = high % divisorHigh;
  // The estimate from the upper half of the divisor is too large by two at most.
  while (quotient >> 32 != 0 || quotient * divisorLow > ((rest << 32) | next)) {
    quotient--;
    rest += divisorHigh;
    if (rest >> 32 != 0) break;
  }
  remainder = ((high << 32) | next) - quotient * divisor;
  return quotient;
}

/** The double nearest to (bits + something below 1 if there is more) * 2^exponent; not for results below the normal range. */
function roundToDouble(bits: u64, hasMore: boolean, exponent: i32): f64 {
  const shift = clz(bits);
  bits <<= shift;
  exponent += 11 - <i32>shift;
  let mantissa = bits >> 11;
  const rest = bits & 0x7ff;
  if (rest > 0x400 || (rest == 0x400 && (hasMore || (mantissa & 1) != 0))) mantissa++;
  // A mantissa that was rounded up to 2^53 carries over into the exponent by itself.
  return reinterpret<f64>(((<u64>(exponent + 1074)) << 52) + mantissa);
}

/** A double within a few steps of digits * 10^exponent. */
function estimate(digits: u64, exponent: i32): f64 {
  let value = <f64>digits;
  for (; exponent > 22; exponent -= 22) value *= 1e22;
  for (; exponent < -22; exponent += 22) value /= 1e22;
  return exponent < 0
    ? value / load<f64>(powers10 + (<usize>-exponent << 3))
    : value * load<f64>(powers10 + (<usize>exponent << 3));
}

/** Steps from an estimate to the nearest double, comparing the decimal with the middles between neighbours. */
function parseBig(from: usize, end: usize, value: f64): f64 {
  const exponent = readDigits(from, end);
  let bits = reinterpret<u64>(min(value, f64.MAX_VALUE));
  while (true) {
    const above = compareWithMiddle(bits, exponent);
    if (above > 0 || (above == 0 && (bits & 1) != 0)) {
      bits++;
      // The step after the largest double is infinity, whose bits follow on it.
      if (bits == 0x7ff0000000000000) break;
      continue;
    }
    if (bits == 0) break;
    const below = compareWithMiddle(bits - 1, exponent);
    if (below < 0 || (below == 0 && (bits & 1) != 0)) bits--;
    else break;
  }
  return reinterpret<f64>(bits);
}

/** Reads the digits into `decimal` and returns the power of ten to multiply them with. */
function readDigits(at: usize, end: usize): i32 {
  setBig(decimal, 0);
  let count = 0;
  let exponent = 0;
  let isPastPoint = false;
  let isCut = false;
  if (load<u8>(at) == 0x2d) at++;
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at);
    const digit = byte - 0x30;
    if (digit < 10) {
      if (count < bigDigitsMax) {
        if (count > 0 || digit != 0) {
          multiplyAdd(decimal, 10, digit);
          count++;
        }
        if (isPastPoint) exponent--;
      } else {
        if (digit != 0) isCut = true;
        if (!isPastPoint) exponent++;
      }
    } else if (byte == 0x2e) isPastPoint = true;
    else break;
  }
  if (at < end) exponent += parseExponent(at + 1, end);
  if (isCut) {
    // The digits that were left out are worth something between nothing and one in the last place: one more digit says so.
    multiplyAdd(decimal, 10, 1);
    exponent--;
  }
  return exponent;
}

/** Compares `decimal` * 10^exponent with the middle between the double of these bits and the next one. */
function compareWithMiddle(bits: u64, exponent: i32): i32 {
  const field = <i32>(bits >> 52);
  const fraction = bits & 0xfffffffffffff;
  const mantissa = field == 0 ? fraction : fraction | 0x10000000000000;
  setBig(binary, mantissa * 2 + 1);
  copyBig(scaled, decimal);
  // Both sides are made whole: powers of five go to the side where they multiply, powers of two are evened out.
  const twos = max(field, 1) - 1076 - exponent;
  if (exponent > 0) multiplyPower5(scaled, exponent);
  else multiplyPower5(binary, -exponent);
  if (twos > 0) shiftLeft(binary, twos);
  else shiftLeft(scaled, -twos);
  return compareBig(scaled, binary);
}
