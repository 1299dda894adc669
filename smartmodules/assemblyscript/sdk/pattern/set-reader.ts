import { classRanges, Ranges } from "./ranges";
import { PatternScanner } from "./scanner";

const backslash: i32 = 0x5c;
const closeBracket: i32 = 0x5d;
const hyphen: i32 = 0x2d;
const caret: i32 = 0x5e;
const exclamation: i32 = 0x21;

/** Whether a unit is the letter of a class: d, w, s, D, W or S. */
export function isClassLetter(unit: i32): boolean {
  const small = unit | 0x20;
  return small == 0x64 || small == 0x77 || small == 0x73;
}

/** The character that an escape stands for, from the unit after the backslash on. Letters and digits without a meaning are refused. */
export function readEscape(scanner: PatternScanner): i32 {
  const from = scanner.at - 1;
  if (scanner.isOver) {
    scanner.fail("the backslash escapes nothing", from);
    return 0;
  }
  const point = scanner.takePoint();
  switch (point) {
    case 0x6e: // n
      return 0x0a;
    case 0x72: // r
      return 0x0d;
    case 0x74: // t
      return 0x09;
    case 0x66: // f
      return 0x0c;
    case 0x76: // v
      return 0x0b;
    case 0x78: // x
      return readHex(scanner, 2, from);
    case 0x75: // u
      return readUnicode(scanner, from);
  }
  const small = point | 0x20;
  if ((small >= 0x61 && small <= 0x7a) || (point >= 0x30 && point <= 0x39)) {
    const what = point >= 0x31 && point <= 0x39 ? "references to groups are not supported" : "this escape is not known";
    scanner.fail(what, from);
  }
  return point;
}

function readUnicode(scanner: PatternScanner, from: i32): i32 {
  if (!scanner.take(0x7b)) return readHex(scanner, 4, from);
  let digits = 0;
  while (digits < 6 && hexValue(scanner.text, scanner.at + digits) >= 0) digits++;
  const point = digits == 0 ? -1 : readHex(scanner, digits, from);
  if (point < 0 || point > 0x10ffff || !scanner.take(0x7d)) scanner.fail("expected a code point in braces", from);
  return point;
}

function readHex(scanner: PatternScanner, digits: i32, from: i32): i32 {
  let value = 0;
  for (let i = 0; i < digits; i++) {
    const digit = hexValue(scanner.text, scanner.at++);
    if (digit < 0) {
      scanner.fail(`expected ${digits} hexadecimal digits`, from);
      return 0;
    }
    value = (value << 4) | digit;
  }
  return value;
}

function hexValue(text: string, at: i32): i32 {
  const unit = at < text.length ? text.charCodeAt(at) : 0;
  if (unit >= 0x30 && unit <= 0x39) return unit - 0x30;
  const small = unit | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : -1;
}

/**
 * Reads a set in brackets, from the unit after the opening one on. In globs `!` stands for `^`, and letters of classes for themselves.
 */
export function readSet(scanner: PatternScanner, isGlob: boolean, isIgnoringCase: boolean): Ranges {
  const from = scanner.at - 1;
  const isInverted = scanner.take(caret) || (isGlob && scanner.take(exclamation));
  const ranges = new Ranges();
  let isFirst = true;
  while (!scanner.isOver && (scanner.unit != closeBracket || (isGlob && isFirst))) {
    isFirst = false;
    readMember(scanner, ranges, isGlob);
  }
  if (scanner.problem.length == 0 && !scanner.take(closeBracket)) scanner.fail("the bracket is not closed", from);
  if (!isInverted && ranges.points.length == 0) scanner.fail("the set has no characters", from);
  if (isIgnoringCase) ranges.ignoreCase();
  return isInverted ? ranges.inverted() : ranges;
}

/** A character, a class, or a range from one character to another. */
function readMember(scanner: PatternScanner, ranges: Ranges, isGlob: boolean): void {
  const from = scanner.at;
  const first = readPoint(scanner, ranges, isGlob);
  const next = scanner.at + 1 < scanner.text.length ? scanner.text.charCodeAt(scanner.at + 1) : closeBracket;
  if (scanner.unit != hyphen || next == closeBracket) {
    if (first >= 0) ranges.add(first, first);
    return;
  }
  scanner.at++;
  const last = readPoint(scanner, ranges, isGlob);
  if (first < 0 || last < 0) scanner.fail("a range goes from one character to another", from);
  else if (last < first) scanner.fail("the range is in the wrong order", from);
  else ranges.add(first, last);
}

/** A character, or -1 for a class, whose characters have been added. */
function readPoint(scanner: PatternScanner, ranges: Ranges, isGlob: boolean): i32 {
  if (!scanner.take(backslash)) return scanner.takePoint();
  if (isGlob) {
    if (!scanner.isOver) return scanner.takePoint();
    scanner.fail("the backslash escapes nothing", scanner.at - 1);
    return 0;
  }
  if (isClassLetter(scanner.unit)) {
    ranges.addAll(classRanges(scanner.takePoint()));
    return -1;
  }
  // In a set this is the control character that it is in other languages.
  if (scanner.take(0x62)) return 0x08;
  return readEscape(scanner);
}
