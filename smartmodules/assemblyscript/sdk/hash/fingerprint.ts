/*
 * Fingerprints of 128 bits: MurmurHash3 for 64-bit machines, whose multiplications and rotations are single instructions here too.
 *
 * Two different pieces have the same fingerprint with a chance of 1 in 2^128. Among ten million of them one such pair is to be expected
 * once in 10^24 tries, so that equal fingerprints may stand for equal pieces. It is no protection against somebody who makes up pieces with
 * equal fingerprints on purpose: the function is public and has no secret.
 */

const factor1: u64 = 0x87c37b91114253d5;
const factor2: u64 = 0x4cf5ad432745937f;
const golden: u64 = 0x9e3779b97f4a7c15;

/** The fingerprint of all that was added since `startFingerprint`. */
export let fingerprintLow: u64 = 0;
export let fingerprintHigh: u64 = 0;

// @ts-ignore: decorator
@inline
export function startFingerprint(): void {
  fingerprintLow = 0;
  fingerprintHigh = 0;
}

/**
 * Adds a piece. Its length and its kind count, so that `ab`, `c` is not `a`, `bc`, and a text is not a number with the same digits. One
 * piece of kind 0 has the fingerprint that the algorithm gives it with the seed 0. Up to 15 bytes after the end are read too, without influence.
 */
export function addToFingerprint(at: usize, length: usize, kind: u32 = 0): void {
  let low = fingerprintLow ^ (<u64>kind * golden);
  let high = fingerprintHigh;
  const end = at + (length & ~15);
  for (; at < end; at += 16) {
    low = rotl(low ^ spread1(load<u64>(at)), 27) + high;
    low = low * 5 + 0x52dce729;
    high = rotl(high ^ spread2(load<u64>(at, 8)), 31) + low;
    high = high * 5 + 0x38495ab5;
  }
  const rest = length & 15;
  if (rest > 8) {
    high ^= spread2(load<u64>(at, 8) & (~(<u64>0) >> ((16 - rest) << 3)));
    low ^= spread1(load<u64>(at));
  } else if (rest > 0) low ^= spread1(load<u64>(at) & (~(<u64>0) >> ((8 - rest) << 3)));
  low ^= length;
  high ^= length;
  low += high;
  high += low;
  low = mix(low);
  high = mix(high);
  low += high;
  fingerprintLow = low;
  fingerprintHigh = high + low;
}

/** Makes one fingerprint of that of a piece and a whole number, such as the start of a window. */
export function addNumberToFingerprint(value: i64): void {
  const spread = mix(<u64>value + golden);
  fingerprintLow ^= spread;
  fingerprintHigh ^= mix(spread + golden);
}

// @ts-ignore: decorator
@inline
function spread1(word: u64): u64 {
  return rotl(word * factor1, 31) * factor2;
}

// @ts-ignore: decorator
@inline
function spread2(word: u64): u64 {
  return rotl(word * factor2, 33) * factor1;
}

// @ts-ignore: decorator
@inline
function mix(word: u64): u64 {
  word = (word ^ (word >> 33)) * 0xff51afd7ed558ccd;
  word = (word ^ (word >> 33)) * 0xc4ceb9fe1a85ec53;
  return word ^ (word >> 33);
}
