import { nodeAnyByte, nodeChoice, nodeEmpty, nodeSequence, PatternNode, placeEnd, placeStart, unlimited } from "./node";
import { Ranges } from "./ranges";
import { PatternScanner } from "./scanner";
import { readSet } from "./set-reader";

const comma: i32 = 0x2c;
const openBrace: i32 = 0x7b;
const closeBrace: i32 = 0x7d;
/** Alternatives in alternatives. */
const depthMax: i32 = 100;

/**
 * Reads a glob:
 *
 *     sequence  part*
 *     part      character | "?" | "*" | "[" set "]" | "{" sequence ("," sequence)* "}" | "\" character
 */
export class GlobReader {
  private scanner: PatternScanner;
  private isIgnoringCase: boolean;
  private depth: i32 = 0;

  constructor(scanner: PatternScanner, isIgnoringCase: boolean) {
    this.scanner = scanner;
    this.isIgnoringCase = isIgnoringCase;
  }

  /** The pattern, which has to fit from end to end. */
  read(): PatternNode {
    const nodes: PatternNode[] = [];
    nodes.push(PatternNode.place(placeStart));
    nodes.push(this.readSequence());
    nodes.push(PatternNode.place(placeEnd));
    return PatternNode.group(nodeSequence, nodes);
  }

  private readSequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.scanner.isOver && !this.isBranchEnd) parts.push(this.readPart());
    return PatternNode.group(nodeSequence, parts);
  }

  /** Commas and closing braces have a meaning in braces only. */
  private get isBranchEnd(): boolean {
    return this.depth > 0 && (this.scanner.unit == comma || this.scanner.unit == closeBrace);
  }

  private readPart(): PatternNode {
    const scanner = this.scanner;
    if (scanner.take(0x2a)) return PatternNode.repeat(new PatternNode(nodeAnyByte), 0, unlimited);
    if (scanner.take(0x3f)) return PatternNode.set(new Ranges().inverted());
    if (scanner.take(0x5b)) return PatternNode.set(readSet(scanner, true, this.isIgnoringCase));
    if (scanner.take(openBrace)) return this.readChoice();
    if (scanner.take(0x5c) && scanner.isOver) {
      scanner.fail("the backslash escapes nothing", scanner.at - 1);
      return new PatternNode(nodeEmpty);
    }
    const point = scanner.takePoint();
    const ranges = new Ranges().add(point, point);
    return PatternNode.set(this.isIgnoringCase ? ranges.ignoreCase() : ranges);
  }

  private readChoice(): PatternNode {
    const scanner = this.scanner;
    const from = scanner.at - 1;
    if (++this.depth > depthMax) scanner.fail(`more than ${depthMax} braces in each other`, from);
    const branches: PatternNode[] = [];
    do branches.push(this.readSequence());
    while (scanner.problem.length == 0 && scanner.take(comma));
    if (scanner.problem.length == 0 && !scanner.take(closeBrace)) scanner.fail("the brace is not closed", from);
    this.depth--;
    return PatternNode.group(nodeChoice, branches);
  }
}
