/*
 * One walk over a record, which checks it and notes the members that something is wanted of.
 */

import { Record } from "millrace/assemblyscript";
import { breaksOf16 } from "millrace/assemblyscript/json/breaks";
import {
  expectColon,
  expectCommaOrBrace,
  expectCommaOrBracket,
  expectEnd,
  expectName,
  expectValue,
} from "millrace/assemblyscript/json/expected";
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  fail,
  failedAt,
  failedExpecting,
  isDigit,
  minus,
  openBrace,
  openBracket,
  quote,
  skipLiteral,
  skipNumber,
  skipSpace,
  skipString,
  space,
} from "millrace/assemblyscript/json/tokens";
import { findByte } from "millrace/assemblyscript/text/bytes";
import { skipValue } from "millrace/assemblyscript/json/walk";
import { failWithJson } from "millrace/assemblyscript/record/failure";
import { decideMembers, editCount, endMember, noteMember } from "./edits";
import { Level } from "./level";

/** Number of the object in hand, among all that were ever walked through. */
let objects: u32 = 0;

/** False when the record is not JSON or has a conflict, and so has failed. */
export function walk(record: Record, root: Level, at: usize, end: usize): boolean {
  const from = skipSpace(at, end);
  let after = walkValue(record, root, from, end);
  if (after != 0) {
    after = skipSpace(after, end);
    if (after != end) after = fail(after, expectEnd);
  }
  // A conflict was noted before, and the first failure counts.
  if (after == 0) failWithJson(<i32>(failedAt - at), <i32>(end - at), failedExpecting);
  return after != 0;
}

/** Passes over white space, of which there mostly is none. */
// @ts-ignore: decorator
@inline
function skip(at: usize, end: usize): usize {
  return <u32>load<u8>(at) > space ? at : skipSpace(at, end);
}

function walkValue(record: Record, level: Level, at: usize, end: usize): usize {
  if (at < end) {
    const byte: u32 = load<u8>(at);
    if (byte == openBrace && level.rules.length > 0) return walkMembers(record, level, at + 1, end);
    if (byte == openBracket && level.elements.length > 0) return walkElements(record, level, at + 1, end);
  }
  return skipAny(at, end);
}

function skipAny(at: usize, end: usize): usize {
  if (at >= end) return fail(end, expectValue);
  const byte: u32 = load<u8>(at);
  if (byte == quote) return skipString(at + 1, end);
  if (isDigit(byte) || byte == minus) return skipNumber(at, end);
  return byte == openBrace || byte == openBracket ? skipValue(at, end) : skipLiteral(at, end);
}

function walkMembers(record: Record, level: Level, at: usize, end: usize): usize {
  const object = ++objects;
  const firstEdit = editCount;
  let commaAt: usize = 0;
  let isBehind = false;
  at = skip(at, end);
  if (at < end && load<u8>(at) == closeBrace) return at + 1;
  while (true) {
    if (at >= end || load<u8>(at) != quote) return fail(at, expectName);
    const nameAt = at;
    // Most names are short and have no escapes: one look tells both. One that ends behind the end of the text lacks its colon.
    let nameEnd = at + 2 + <usize>ctz(breaksOf16(at + 1) | 0x10000);
    const isPlain = load<u8>(nameEnd - 1) == quote;
    if (!isPlain) nameEnd = skipString(at + 1, end);
    if (nameEnd == 0) return 0;
    at = skip(nameEnd, end);
    if (at >= end || load<u8>(at) != colon) return fail(at, expectColon);
    at = skip(at + 1, end);
    const isEscaped = !isPlain && findByte(nameAt, nameEnd - nameAt, backslash) != 0;
    const rule = level.ruleOf(nameAt + 1, nameEnd - 1, isEscaped);
    let edit: u32 = 0;
    if (rule === null) at = skipAny(at, end);
    else {
      rule.seenIn = object;
      edit = noteMember(rule, object, nameAt, nameEnd, commaAt, isBehind);
      const inside = rule.inside;
      at = inside === null || rule.isRemoved ? skipAny(at, end) : walkValue(record, inside, at, end);
    }
    if (at == 0) return 0;
    const valueEnd = at;
    at = skip(at, end);
    const byte: u32 = at < end ? load<u8>(at) : 0;
    if (byte != comma && byte != closeBrace) return fail(at, expectCommaOrBrace);
    const next = byte == comma ? skip(at + 1, end) : 0;
    if (rule === null) isBehind = true;
    else endMember(edit, valueEnd, next);
    if (next == 0) break;
    commaAt = at;
    at = next;
  }
  if (firstEdit != editCount) {
    if (!level.decide(record, object)) return 0;
    decideMembers(firstEdit, object);
  }
  return at + 1;
}

function walkElements(record: Record, level: Level, at: usize, end: usize): usize {
  at = skipSpace(at, end);
  if (at < end && load<u8>(at) == closeBracket) return at + 1;
  for (let position = 0; ; position++) {
    const index = level.positions.indexOf(position);
    at = index < 0 ? skipAny(at, end) : walkValue(record, level.elements[index], at, end);
    if (at == 0) return 0;
    at = skipSpace(at, end);
    const byte: u32 = at < end ? load<u8>(at) : 0;
    if (byte != comma) return byte == closeBracket ? at + 1 : fail(at, expectCommaOrBracket);
    at = skipSpace(at + 1, end);
  }
  // The compiler does not see that the loop has no other way out.
  return 0;
}
