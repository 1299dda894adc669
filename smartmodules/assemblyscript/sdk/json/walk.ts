/*
 * One walk over a JSON text, which checks all that it passes over and notes where the texts lie that a tree of nodes looks for.
 */

import { blockAt, blockBreaks, breaksAt, leaveBlock, moveBlock, nextBreaks, startBlock } from "./breaks";
import {
  expectClosingQuote,
  expectColon,
  expectCommaOrBrace,
  expectCommaOrBracket,
  expectLessDepth,
  expectName,
  expectNoControl,
} from "./expected";
import { JsonField } from "./field";
import { JsonNode } from "./node";
import {
  backslash,
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
  skipEscape,
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
const quoteAndComma: u32 = 0x2c22;

/** Returned instead of an address by a walk that has found everything and did not go on. */
export const foundAll: usize = 1;

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
  startBlock(at, end);
  return walkValue(at, end, changetype<usize>(root), 0);
}

/** Passes over a value. */
export function skipValue(at: usize, end: usize): usize {
  pending = -1;
  startBlock(at, end);
  return walkValue(at, end, 0, 0);
}

/** Passes over a value inside of `depth` containers. */
export function skipInside(at: usize, end: usize, depth: i32): usize {
  pending = -1;
  startBlock(at, end);
  return walkValue(at, end, 0, depth);
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

/** An object or array inside of `depth` containers in which nothing is looked for. */
function skipContainer(at: usize, end: usize, bracket: u32, depth: i32): usize {
  if (depth == depthMax || at >= end) return fail(at, expectLessDepth);
  return bracket == openBrace ? walkMembers(at + 1, end, 0, depth + 1) : walkElements(at + 1, end, 0, depth + 1);
}

/** Notes a string of which it is known whether it has escapes. */
function noteString(at: usize, after: usize, target: usize, isPlain: boolean): usize {
  const wanted = changetype<JsonNode>(target);
  if (wanted.field != 0) {
    if (isPlain) changetype<JsonField>(wanted.field).setPlainString(at, after);
    else changetype<JsonField>(wanted.field).set(at, after);
  }
  pending -= wanted.wanted;
  return pending == 0 ? foundAll : after;
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

/**
 * The members of an object, from the byte after its opening brace to the byte after the closing one. The global breaks must be those from its
 * opening brace on.
 */
function walkMembers(at: usize, end: usize, node: usize, depth: i32): usize {
  let base = blockAt;
  let breaks = blockBreaks;
  if (<u32>load<u8>(at) != quote) {
    at = skipSpace(at, end);
    if (<u32>load<u8>(at) == closeBrace) return at < end ? at + 1 : fail(end, expectName);
    breaks = breaksAt(at, base, breaks, end);
    base = blockAt;
  }
  const names: u64 = node == 0 ? 0 : changetype<JsonNode>(node).nameLengths;
  while (true) {
    // The name. No break was left before its opening quote, so that one is the next, and is passed over. One space, which many
    // writers of JSON put here and after the colon, is no break; other white space may hold some.
    let byte: u32 = load<u8>(at);
    if (byte != quote) {
      if (byte == space) byte = load<u8>(++at);
      if (byte != quote) {
        at = skipSpace(at, end);
        if (<u32>load<u8>(at) != quote) return fail(at, expectName);
        breaks = breaksAt(at, base, breaks, end);
        base = blockAt;
      }
    }
    if (breaks == 0) {
      breaks = nextBreaks(base, end);
      if (breaks == 0) return fail(end, expectName);
      base = blockAt;
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
      }
      if (node != 0) target = memberNamedEscaped(node, nameAt, at);
      at = skipSpace(at + 1, end);
      if (<u32>load<u8>(at) != colon) return fail(at, expectColon);
      at++;
      breaks = breaksAt(at, base, breaks, end);
      base = blockAt;
    }

    // The value.
    byte = load<u8>(at);
    if (byte == space) byte = load<u8>(++at);
    if (byte <= space) {
      at = skipSpace(at, end);
      byte = load<u8>(at);
      breaks = breaksAt(at, base, breaks, end);
      base = blockAt;
    }
    const valueAt = at;
    if (byte == quote) {
      if (breaks == 0) {
        breaks = nextBreaks(base, end);
        if (breaks == 0) return fail(end, expectClosingQuote);
        base = blockAt;
      }
      breaks &= breaks - 1;
      if (breaks == 0) {
        breaks = nextBreaks(base, end);
        if (breaks == 0) return fail(end, expectClosingQuote);
        base = blockAt;
      }
      at = base + <usize>ctz(breaks);
      breaks &= breaks - 1;
      if (target == 0 && <u32>load<u16>(at) == quoteAndComma) {
        at += 2;
        continue;
      }
      byte = load<u8>(at);
      const isPlain = byte == quote;
      while (byte == backslash) {
        const escaped: u32 = load<u8>(at + 1);
        if (skipEscape(at + 1, end) == 0) return 0;
        // What is escaped may be a break itself, and is then the next one.
        if (escaped == quote || escaped == backslash) {
          if (breaks == 0) {
            breaks = nextBreaks(base, end);
            base = blockAt;
          }
          breaks &= breaks - 1;
        }
        if (breaks == 0) {
          breaks = nextBreaks(base, end);
          if (breaks == 0) return fail(end, expectClosingQuote);
          base = blockAt;
        }
        at = base + <usize>ctz(breaks);
        breaks &= breaks - 1;
        byte = load<u8>(at);
      }
      if (byte != quote) return fail(at, expectNoControl);
      at++;
      if (target != 0 && noteString(valueAt, at, target, isPlain) == foundAll) return foundAll;
    } else if (isDigit(byte) || byte == minus) {
      at = skipNumber(at, end);
      if (at == 0) return 0;
      if (target != 0 && noteScalar(valueAt, at, target) == foundAll) return foundAll;
    } else if (byte != openBrace && byte != openBracket) {
      at = skipLiteral(at, end);
      if (at == 0) return 0;
      if (target != 0 && noteScalar(valueAt, at, target) == foundAll) return foundAll;
    } else {
      leaveBlock(base, breaks);
      at = target == 0 ? skipContainer(at, end, byte, depth) : walkValue(at, end, target, depth);
      if (at <= foundAll) return at;
      breaks = breaksAt(at, blockAt, blockBreaks, end);
      base = blockAt;
    }

    // What follows it.
    if (<u32>load<u8>(at) != comma) {
      at = skipSpace(at, end);
      byte = load<u8>(at);
      if (byte != comma) {
        if (byte != closeBrace || at >= end) return fail(at, expectCommaOrBrace);
        leaveBlock(base, breaks);
        return at + 1;
      }
      breaks = breaksAt(at, base, breaks, end);
      base = blockAt;
    }
    at++;
  }
  // The compiler does not see that the loop has no other way out.
  return 0;
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
    let byte: u32 = load<u8>(at);
    const target: usize = node == 0 ? 0 : elementAt(node, position++);
    if (byte == openBrace) moveBlock(at, end);
    if (target != 0) at = walkValue(at, end, target, depth);
    else if (byte == quote) at = skipString(at + 1, end);
    else if (byte == openBrace || byte == openBracket) at = skipContainer(at, end, byte, depth);
    else if (isDigit(byte) || byte == minus) at = skipNumber(at, end);
    else at = skipLiteral(at, end);
    if (at <= foundAll) return at;
    byte = load<u8>(at);
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
