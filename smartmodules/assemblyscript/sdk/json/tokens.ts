/*
 * The tokens of JSON. Every function takes the address of a token's first byte and the address after the last byte of the whole
 * text, and returns the address after the token, or 0 for bytes that are no such token (see `failedAt`).
 *
 * Bytes are read 16 at a time, so that up to 64 bytes after the end are read too and must be readable. What they hold has no influence
 * on what is accepted; a text that ends too early fails at its end or after it.
 */

import { breaksOf16 } from "./breaks";
import {
  expectClosingQuote,
  expectDigit,
  expectEscape,
  expectHexDigit,
  expectNoControl,
  expectNothing,
  expectValue,
} from "./expected";

export const space: u32 = 0x20;
export const quote: u32 = 0x22;
export const comma: u32 = 0x2c;
export const minus: u32 = 0x2d;
export const point: u32 = 0x2e;
export const zero: u32 = 0x30;
export const colon: u32 = 0x3a;
export const openBracket: u32 = 0x5b;
export const backslash: u32 = 0x5c;
export const closeBracket: u32 = 0x5d;
export const openBrace: u32 = 0x7b;
export const closeBrace: u32 = 0x7d;

const wordTrue: u32 = 0x65757274;
const wordNull: u32 = 0x6c6c756e;
const wordFals: u32 = 0x736c6166;

/** Where the last text that is not JSON went wrong, and what was expected there. */
export let failedAt: usize = 0;
export let failedExpecting: i32 = expectNothing;

export function fail(at: usize, expected: i32): usize {
  failedAt = at;
  failedExpecting = expected;
  return 0;
}

// @ts-ignore: decorator
@inline
export function isDigit(byte: u32): boolean {
  return byte - zero < 10;
}

/** The first byte that is no white space, at the end at the latest. */
export function skipSpace(at: usize, end: usize): usize {
  while (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte != space && byte != 0x0a && byte != 0x0d && byte != 0x09) break;
    at++;
  }
  return at;
}

/** From the byte after a backslash to the byte after the escape. */
export function skipEscape(at: usize, end: usize): usize {
  if (at >= end) return fail(end, expectEscape);
  switch (load<u8>(at)) {
    case 0x22: // "
    case 0x2f: // /
    case 0x5c: // \
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: // u
      for (let i = 0; i < 4; i++) {
        at++;
        if (at >= end || hexDigit(load<u8>(at)) < 0) return fail(at, expectHexDigit);
      }
      return at + 1;
    default:
      return fail(at, expectEscape);
  }
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(byte: u32): i32 {
  if (isDigit(byte)) return byte - zero;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : -1;
}

/** One bit for each of 16 bytes that is no digit, and one more as if a seventeenth was none. */
// @ts-ignore: decorator
@inline
function nonDigits(at: usize): u32 {
  const values = i8x16.sub(v128.load(at), i8x16.splat(0x30));
  return i8x16.bitmask(i8x16.gt_u(values, i8x16.splat(9))) | 0x10000;
}

export function skipNumber(from: usize, end: usize): usize {
  // Nearly all numbers have fewer than 16 characters and no exponent: one look at all of them is enough.
  const others = nonDigits(from);
  const sign: u32 = u32(<u32>load<u8>(from) == minus);
  let length = sign + ctz(others >> sign);
  if (length == sign) return fail(from + length, expectDigit);
  if (<u32>load<u8>(from + sign) == zero) length = sign + 1;
  let byte: u32 = load<u8>(from + length);
  if (byte == point && length < 15) {
    const places = ctz(others >> (length + 1));
    if (places == 0) return skipLongNumber(from, end);
    length += 1 + places;
    byte = load<u8>(from + length);
  }
  const isPlain = length < 16 && (byte | 0x20) != 0x65 && byte != point;
  return isPlain && from + length <= end ? from + length : skipLongNumber(from, end);
}

/** The same for numbers of any form, byte by byte. */
function skipLongNumber(at: usize, end: usize): usize {
  if (at < end && load<u8>(at) == minus) at++;
  let from = at;
  at = at < end && load<u8>(at) == zero ? at + 1 : skipDigits(at, end);
  if (at == from) return fail(at, expectDigit);
  if (at < end && load<u8>(at) == point) {
    from = ++at;
    at = skipDigits(at, end);
    if (at == from) return fail(at, expectDigit);
  }
  if (at < end && (load<u8>(at) | 0x20) == 0x65) {
    at++;
    if (at < end && (load<u8>(at) == 0x2b || load<u8>(at) == minus)) at++;
    from = at;
    at = skipDigits(at, end);
    if (at == from) return fail(at, expectDigit);
  }
  return at;
}

function skipDigits(at: usize, end: usize): usize {
  while (at < end && isDigit(load<u8>(at))) at++;
  return at;
}

export function skipLiteral(at: usize, end: usize): usize {
  const word = load<u32>(at);
  let after = at + 4;
  if (word == wordFals && load<u8>(after) == 0x65) after++;
  else if (word != wordTrue && word != wordNull) return fail(at, expectValue);
  return after <= end ? after : fail(at, expectValue);
}

/** From the byte after an opening quote to the byte after the closing one. */
export function skipString(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const breaks = breaksOf16(at);
    if (breaks == 0) continue;
    at += ctz(breaks);
    if (at >= end) break;
    at = findClosingQuote(at, end);
    return at == 0 ? 0 : at + 1;
  }
  return fail(end, expectClosingQuote);
}

/** From a backslash or a control character inside of a string to its closing quote. */
export function findClosingQuote(at: usize, end: usize): usize {
  while (true) {
    const byte: u32 = load<u8>(at);
    if (byte == quote) return at;
    if (byte != backslash) return fail(at, expectNoControl);
    at = skipEscape(at + 1, end);
    if (at == 0) return 0;
    let breaks: u32 = 0;
    for (; at < end; at += 16) {
      breaks = breaksOf16(at);
      if (breaks != 0) break;
    }
    at += ctz(breaks);
    if (breaks == 0 || at >= end) return fail(end, expectClosingQuote);
  }
}
