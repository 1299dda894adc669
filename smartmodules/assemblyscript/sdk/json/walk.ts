/*
 * One walk over a JSON text, which checks all that it passes over and notes where the texts lie that a tree of nodes looks for.
 *
 * Strings are most of the bytes, so 64 bytes at a time are turned into 64 bits, one for each byte that a string ends with or trips
 * over. From then on a string costs two steps along these bits, however long it is, and no step has to wait for the bytes of the one
 * before. The bits of an object in hand live in local variables, which means in registers; between objects they are handed over in
 * global ones.
 */

import {
  expectClosingQuote,
  expectColon,
  expectCommaOrBrace,
  expectCommaOrBracket,
  expectLessDepth,
  expectName,
} from "./expected";
import { JsonField } from "./field";
import { JsonNode } from "./node";
import {
  breaksOf64,
  closeBrace,
  closeBracket,
  colon,
  comma,
  fail,
  findClosingQuote,
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
} from "./tokens";
import { equalsEscaped } from "./unescape";

/** Deeper nesting is an attack or a mistake, and every level takes room on the stack. */
const depthMax: i32 = 512;

const quoteAndColon: u32 = 0x3a22;

/** Returned instead of an address by a walk that has found everything and did not go on. */
export const foundAll: usize = 1;

/** Address of some 64 bytes, and the breaks among them; good for any place from there on. */
let blockAt: usize = 0;
let blockBreaks: u64 = 0;

/** Texts that the present walk still looks for. */
let pending: i32 = 0;
let walkNumber: u32 = 0;

/**
 * Walks over the value whose first byte is at `at`, up to `end` at most, to find what `root` looks for.
 * Returns the address after the value, or `foundAll` when it did not have to go that far, or 0 when this is not JSON.
 */
export function walk(at: usize, end: usize, root: JsonNode): usize {
  walkNumber++;
  pending = root.wanted;
  blockAt = at;
  blockBreaks = breaksFrom(at, end);
  return walkValue(at, end, changetype<usize>(root), 0);
}

/** Passes over a value. */
export function skipValue(at: usize, end: usize): usize {
  pending = -1;
  blockAt = at;
  blockBreaks = breaksFrom(at, end);
  return walkValue(at, end, 0, 0);
}

/** A value inside of `depth` containers; `target` is the address of its node, or 0. */
function walkValue(at: usize, end: usize, target: usize, depth: i32): usize {
  const byte: u32 = load<u8>(at);
  const isObject = byte == openBrace;
  if (isObject || byte == openBracket) {
    if (depth == depthMax || at >= end) return fail(at, expectLessDepth);
    let node: usize = 0;
    let left = 0;
    if (target != 0) {
      const wanted = changetype<JsonNode>(target);
      left = pending - wanted.wanted;
      if (isObject ? wanted.firstMember != 0 : wanted.firstElement != 0) node = target;
    }
    const after = isObject ? walkMembers(at + 1, end, node, depth + 1) : walkElements(at + 1, end, node, depth + 1);
    if (after <= foundAll || target == 0) return after;
    const noted = noteContainer(at, after, target, left);
    return depth == 0 ? after : noted;
  }
  let after: usize;
  if (byte == quote) after = skipString(at + 1, end);
  else if (isDigit(byte) || byte == minus) after = skipNumber(at, end);
  else after = skipLiteral(at, end);
  if (after == 0 || target == 0) return after;
  const noted = noteScalar(at, after, target);
  return depth == 0 ? after : noted;
}

/** Notes a string, number or literal, below which nothing else can be. */
function noteScalar(at: usize, after: usize, target: usize): usize {
  const wanted = changetype<JsonNode>(target);
  if (wanted.field != 0) changetype<JsonField>(wanted.field).set(at, after);
  pending -= wanted.wanted;
  return pending == 0 ? foundAll : after;
}

/** Notes a container that was walked to its end: what was looked for in it and not found is not there. */
function noteContainer(at: usize, after: usize, target: usize, left: i32): usize {
  const wanted = changetype<JsonNode>(target);
  if (wanted.field != 0) changetype<JsonField>(wanted.field).set(at, after);
  pending = left;
  return left == 0 ? foundAll : after;
}

/** The breaks of the next 64 bytes that have any, whose address is then in `blockAt`; 0 when there are none before the end. */
function nextBreaks(at: usize, end: usize): u64 {
  let breaks: u64 = 0;
  do {
    at += 64;
    if (at >= end) break;
    breaks = breaksOf64(at, end);
  } while (breaks == 0);
  blockAt = at;
  return breaks;
}

function breaksFrom(at: usize, end: usize): u64 {
  return at < end ? breaksOf64(at, end) : 0;
}

/** The members of an object, from the byte after its opening brace to the byte after the closing one. */
function walkMembers(at: usize, end: usize, node: usize, depth: i32): usize {
  at = skipSpace(at, end);
  if (<u32>load<u8>(at) == closeBrace) return at < end ? at + 1 : fail(end, expectName);

  const names: u64 = node == 0 ? 0 : changetype<JsonNode>(node).nameLengths;
  let base = blockAt;
  let breaks = blockBreaks;
  if (at - base >= 64) breaks = breaksFrom((base = at), end);
  while (true) {
    // The name. Its opening quote is the next break, unless line breaks or a value passed over stand before it.
    if (<u32>load<u8>(at) != quote) {
      at = skipSpace(at, end);
      if (<u32>load<u8>(at) != quote) return fail(at, expectName);
    }
    if (breaks == 0) {
      breaks = nextBreaks(base, end);
      base = blockAt;
    }
    if (base + <usize>ctz(breaks) != at) {
      if (at >= end) return fail(end, expectName);
      if (at - base < 64) breaks &= ~(<u64>0) << (at - base);
      else breaks = breaksFrom((base = at), end);
    }
    breaks &= breaks - 1;
    if (breaks == 0) {
      breaks = nextBreaks(base, end);
      if (breaks == 0) return fail(end, expectClosingQuote);
      base = blockAt;
    }
    const nameAt = at + 1;
    at = base + <usize>ctz(breaks);
    breaks &= breaks - 1;
    let target: usize = 0;
    if (<u32>load<u16>(at) == quoteAndColon) {
      const length = <u32>(at - nameAt);
      if (((names >> (length & 63)) & 1) != 0) target = memberNamed(node, nameAt, length);
      at += 2;
    } else {
      if (<u32>load<u8>(at) != quote) {
        at = findClosingQuote(at, end);
        if (at == 0) return 0;
        breaks = breaksFrom((base = at + 1), end);
      }
      if (node != 0) target = memberNamedEscaped(node, nameAt, at);
      at = skipSpace(at + 1, end);
      if (<u32>load<u8>(at) != colon) return fail(at, expectColon);
      at++;
    }
    let byte: u32 = load<u8>(at);
    if (byte <= space) {
      at = skipSpace(at, end);
      byte = load<u8>(at);
    }

    // The value.
    const valueAt = at;
    if (byte == quote) {
      if (breaks == 0) {
        breaks = nextBreaks(base, end);
        base = blockAt;
      }
      if (base + <usize>ctz(breaks) != at) {
        if (at >= end) return fail(end, expectClosingQuote);
        if (at - base < 64) breaks &= ~(<u64>0) << (at - base);
        else breaks = breaksFrom((base = at), end);
      }
      breaks &= breaks - 1;
      if (breaks == 0) {
        breaks = nextBreaks(base, end);
        if (breaks == 0) return fail(end, expectClosingQuote);
        base = blockAt;
      }
      at = base + <usize>ctz(breaks);
      breaks &= breaks - 1;
      if (<u32>load<u8>(at) != quote) {
        at = findClosingQuote(at, end);
        if (at == 0) return 0;
        breaks = breaksFrom((base = at + 1), end);
      }
      at++;
      if (target != 0 && noteScalar(valueAt, at, target) == foundAll) return foundAll;
    } else if (isDigit(byte) || byte == minus) {
      at = skipNumber(at, end);
      if (at == 0) return 0;
      if (target != 0 && noteScalar(valueAt, at, target) == foundAll) return foundAll;
    } else {
      blockAt = base;
      blockBreaks = breaks;
      at = walkValue(at, end, target, depth);
      if (at <= foundAll) return at;
      base = blockAt;
      breaks = blockBreaks;
      if (at - base >= 64) breaks = breaksFrom((base = at), end);
    }

    // What follows it.
    if (<u32>load<u8>(at) != comma) {
      at = skipSpace(at, end);
      byte = load<u8>(at);
      if (byte != comma) {
        if (byte != closeBrace || at >= end) return fail(at, expectCommaOrBrace);
        blockAt = base;
        blockBreaks = breaks;
        return at + 1;
      }
    }
    at++;
  }
}

/** The node of the member with a name, if it is looked for and was not met before. */
function memberNamed(node: usize, at: usize, length: u32): usize {
  let member = changetype<JsonNode>(node).firstMember;
  while (member != 0) {
    const wanted = changetype<JsonNode>(member);
    if (wanted.isNamed(at, length)) return meet(member);
    member = wanted.next;
  }
  return 0;
}

function memberNamedEscaped(node: usize, at: usize, end: usize): usize {
  let member = changetype<JsonNode>(node).firstMember;
  while (member != 0) {
    const wanted = changetype<JsonNode>(member);
    if (equalsEscaped(at, end, wanted.nameAt, wanted.nameLength)) return meet(member);
    member = wanted.next;
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function meet(member: usize): usize {
  const wanted = changetype<JsonNode>(member);
  if (wanted.met == walkNumber) return 0;
  wanted.met = walkNumber;
  return member;
}

/** The elements of an array, from the byte after its opening bracket to the byte after the closing one. */
function walkElements(at: usize, end: usize, node: usize, depth: i32): usize {
  if (<u32>load<u8>(at) <= space) at = skipSpace(at, end);
  if (<u32>load<u8>(at) == closeBracket) return at < end ? at + 1 : fail(end, expectCommaOrBracket);
  let position: i32 = 0;
  while (true) {
    at = walkValue(at, end, node == 0 ? 0 : elementAt(node, position++), depth);
    if (at <= foundAll) return at;
    let byte: u32 = load<u8>(at);
    if (byte <= space) {
      at = skipSpace(at, end);
      byte = load<u8>(at);
    }
    if (byte != comma) {
      return byte == closeBracket && at < end ? at + 1 : fail(at, expectCommaOrBracket);
    }
    if (<u32>load<u8>(++at) <= space) at = skipSpace(at, end);
  }
}

function elementAt(node: usize, position: i32): usize {
  let element = changetype<JsonNode>(node).firstElement;
  while (element != 0) {
    const wanted = changetype<JsonNode>(element);
    if (wanted.position == position) return element;
    element = wanted.next;
  }
  return 0;
}
