/*
 * Large whole numbers, for the few decimal numbers that cannot be converted in 64 or 128 bits. A number is a place in memory:
 * the count of its 32-bit limbs, then the limbs, lowest first. Nothing is allocated.
 */

/** 800 decimal digits times a power of two that evens out the smallest double: 2,660 and 1,100 bits, and some reserve. */
const limbsMax: i32 = 160;

export const bigBytes: i32 = 4 + limbsMax * 4;

// @ts-ignore: decorator
@inline
function limbCount(big: usize): u32 {
  return load<u32>(big);
}

// @ts-ignore: decorator
@inline
function limb(big: usize, index: u32): u64 {
  return load<u32>(big + (<usize>index << 2), 4);
}

// @ts-ignore: decorator
@inline
function setLimb(big: usize, index: u32, value: u64): void {
  store<u32>(big + (<usize>index << 2), <u32>value, 4);
}

export function setBig(big: usize, value: u64): void {
  setLimb(big, 0, value);
  setLimb(big, 1, value >> 32);
  store<u32>(big, value == 0 ? 0 : value >> 32 == 0 ? 1 : 2);
}

export function copyBig(to: usize, from: usize): void {
  memory.copy(to, from, 4 + (limbCount(from) << 2));
}

/** big = big * factor + addend */
export function multiplyAdd(big: usize, factor: u32, addend: u32): void {
  let carry: u64 = addend;
  const count = limbCount(big);
  for (let i: u32 = 0; i < count; i++) {
    carry += limb(big, i) * factor;
    setLimb(big, i, carry);
    carry >>= 32;
  }
  if (carry != 0) {
    setLimb(big, count, carry);
    store<u32>(big, count + 1);
  }
}

/** big = big * 5^exponent */
export function multiplyPower5(big: usize, exponent: u32): void {
  // 5^13 is the largest power that fits a limb.
  for (; exponent >= 13; exponent -= 13) multiplyAdd(big, 1220703125, 0);
  let factor: u32 = 1;
  for (; exponent > 0; exponent--) factor *= 5;
  multiplyAdd(big, factor, 0);
}

/** big = big * 2^bits */
export function shiftLeft(big: usize, bits: u32): void {
  const count = limbCount(big);
  if (count == 0) return;
  const limbs = bits >> 5;
  const rest = bits & 31;
  setLimb(big, count, 0);
  for (let i: i32 = count; i >= 0; i--) {
    const low = i > 0 ? limb(big, i - 1) : 0;
    const pair = (limb(big, i) << 32) | low;
    setLimb(big, i + limbs, (pair << rest) >> 32);
  }
  for (let i: u32 = 0; i < limbs; i++) setLimb(big, i, 0);
  const top = count + limbs;
  store<u32>(big, limb(big, top) == 0 ? top : top + 1);
}

/** Below 0, 0 or above 0. */
export function compareBig(one: usize, other: usize): i32 {
  const count = limbCount(one);
  if (count != limbCount(other)) return count < limbCount(other) ? -1 : 1;
  for (let i: i32 = count - 1; i >= 0; i--) {
    const difference = <i64>limb(one, i) - <i64>limb(other, i);
    if (difference != 0) return difference < 0 ? -1 : 1;
  }
  return 0;
}

/** one = one - other, which must not be larger. */
export function subtract(one: usize, other: usize): void {
  let borrow: i64 = 0;
  const count = limbCount(one);
  const otherCount = limbCount(other);
  for (let i: u32 = 0; i < count; i++) {
    borrow += <i64>limb(one, i) - (i < otherCount ? <i64>limb(other, i) : 0);
    setLimb(one, i, borrow);
    borrow >>= 32;
  }
  trim(one, count);
}

/** sum = one + other; the three must be different places. */
export function addBig(sum: usize, one: usize, other: usize): void {
  const oneCount = limbCount(one);
  const otherCount = limbCount(other);
  const count = max(oneCount, otherCount);
  let carry: u64 = 0;
  for (let i: u32 = 0; i < count; i++) {
    carry += (i < oneCount ? limb(one, i) : 0) + (i < otherCount ? limb(other, i) : 0);
    setLimb(sum, i, carry);
    carry >>= 32;
  }
  setLimb(sum, count, carry);
  store<u32>(sum, carry == 0 ? count : count + 1);
}

function trim(big: usize, count: u32): void {
  while (count > 0 && limb(big, count - 1) == 0) count--;
  store<u32>(big, count);
}
