import {
  nodeChoice,
  nodeEmpty,
  nodeSequence,
  PatternNode,
  placeEnd,
  placeNoWordEdge,
  placeStart,
  placeWordEdge,
  unlimited,
} from "./node";
import { classRanges, Ranges } from "./ranges";
import { PatternScanner } from "./scanner";
import { isClassLetter, readEscape, readSet } from "./set-reader";

/** Repetitions that can be counted in braces. */
const repeatMax: i32 = 1000;
/** Groups in groups. */
const depthMax: i32 = 100;

const openParenthesis: i32 = 0x28;
const closeParenthesis: i32 = 0x29;
const star: i32 = 0x2a;
const plus: i32 = 0x2b;
const question: i32 = 0x3f;
const bar: i32 = 0x7c;
const openBrace: i32 = 0x7b;

/**
 * Reads a regular expression:
 *
 *     choice    sequence ("|" sequence)*
 *     sequence  repeated*
 *     repeated  part ("*" | "+" | "?" | "{n}" | "{n,}" | "{n,m}")? "?"?
 *     part      character | "." | "[" set "]" | "\d" … | "^" | "$" | "\b" | "\B" | "(" choice ")" | "(?:" choice ")"
 */
export class RegexReader {
  private scanner: PatternScanner;
  private isIgnoringCase: boolean;
  private depth: i32 = 0;

  constructor(scanner: PatternScanner, isIgnoringCase: boolean) {
    this.scanner = scanner;
    this.isIgnoringCase = isIgnoringCase;
    if (scanner.text.startsWith("(?i)")) {
      this.isIgnoringCase = true;
      scanner.at = 4;
    }
  }

  read(): PatternNode {
    const node = this.readChoice();
    if (this.scanner.unit == closeParenthesis) this.scanner.fail("a closing parenthesis without an opening one", this.scanner.at);
    return node;
  }

  private readChoice(): PatternNode {
    const branches: PatternNode[] = [];
    do branches.push(this.readSequence());
    while (this.scanner.problem.length == 0 && this.scanner.take(bar));
    return PatternNode.group(nodeChoice, branches);
  }

  private readSequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.scanner.isOver && this.scanner.unit != bar && this.scanner.unit != closeParenthesis) parts.push(this.readRepeated());
    return PatternNode.group(nodeSequence, parts);
  }

  private readRepeated(): PatternNode {
    const scanner = this.scanner;
    const part = this.readPart();
    const at = scanner.at;
    let least = 0;
    let most = unlimited;
    if (scanner.take(plus)) least = 1;
    else if (scanner.take(question)) most = 1;
    else if (this.isCounted) {
      scanner.at++;
      least = this.readCount();
      most = !scanner.take(0x2c) ? least : scanner.unit == 0x7d ? unlimited : this.readCount();
      if (!scanner.take(0x7d)) scanner.fail("expected a repetition such as {3}, {3,} or {3,5}", at);
      else if (most != unlimited && most < least) scanner.fail("the repetition is in the wrong order", at);
    } else if (!scanner.take(star)) return part;
    // Whether as much or as little as possible is taken makes no difference to whether there is a match.
    scanner.take(question);
    const next = scanner.unit;
    if (next == star || next == plus || next == question) scanner.fail("a repetition of a repetition", scanner.at);
    return PatternNode.repeat(part, least, most);
  }

  /** A brace that no digit follows stands for itself. */
  private get isCounted(): boolean {
    const scanner = this.scanner;
    const next = scanner.at + 1 < scanner.text.length ? scanner.text.charCodeAt(scanner.at + 1) : 0;
    return scanner.unit == openBrace && next >= 0x30 && next <= 0x39;
  }

  /** A count in braces. */
  private readCount(): i32 {
    const scanner = this.scanner;
    const from = scanner.at;
    let count = 0;
    while (scanner.unit >= 0x30 && scanner.unit <= 0x39 && count <= repeatMax) count = count * 10 + scanner.text.charCodeAt(scanner.at++) - 0x30;
    if (scanner.at == from) scanner.fail("expected a repetition such as {3}, {3,} or {3,5}", from - 1);
    if (count > repeatMax) scanner.fail(`at most ${repeatMax} repetitions`, from);
    return count;
  }

  private readPart(): PatternNode {
    const scanner = this.scanner;
    const from = scanner.at;
    const unit = scanner.unit;
    switch (unit) {
      case openParenthesis:
        return this.readGroup();
      case 0x5b: // [
        scanner.at++;
        return PatternNode.set(readSet(scanner, false, this.isIgnoringCase));
      case 0x2e: // .
        scanner.at++;
        return PatternNode.set(new Ranges().add(0x0a, 0x0a).inverted());
      case 0x5e: // ^
        scanner.at++;
        return PatternNode.place(placeStart);
      case 0x24: // $
        scanner.at++;
        return PatternNode.place(placeEnd);
      case 0x5c: // \
        scanner.at++;
        return this.readEscaped();
      case star:
      case plus:
      case question:
        scanner.fail("nothing to repeat", from);
        return new PatternNode(nodeEmpty);
      default:
        if (this.isCounted) scanner.fail("nothing to repeat", from);
        return this.character(scanner.takePoint());
    }
  }

  private readEscaped(): PatternNode {
    const scanner = this.scanner;
    if (isClassLetter(scanner.unit)) return PatternNode.set(classRanges(scanner.takePoint()));
    if (scanner.take(0x62)) return PatternNode.place(placeWordEdge);
    if (scanner.take(0x42)) return PatternNode.place(placeNoWordEdge);
    return this.character(readEscape(scanner));
  }

  private readGroup(): PatternNode {
    const scanner = this.scanner;
    const from = scanner.at++;
    if (scanner.take(question) && !scanner.take(0x3a)) scanner.fail("of the groups with a question mark only (?:…) is supported, and (?i) in front", from);
    if (++this.depth > depthMax) scanner.fail(`more than ${depthMax} groups in each other`, from);
    const node = scanner.problem.length > 0 ? new PatternNode(nodeEmpty) : this.readChoice();
    this.depth--;
    if (scanner.problem.length == 0 && !scanner.take(closeParenthesis)) scanner.fail("the parenthesis is not closed", from);
    return node;
  }

  private character(point: i32): PatternNode {
    const ranges = new Ranges().add(point, point);
    return PatternNode.set(this.isIgnoringCase ? ranges.ignoreCase() : ranges);
  }
}
