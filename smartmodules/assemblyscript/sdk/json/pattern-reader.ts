const dollar: i32 = 0x24;
const star: i32 = 0x2a;
const dot: i32 = 0x2e;
const openBracket: i32 = 0x5b;
const closeBracket: i32 = 0x5d;
const backslash: i32 = 0x5c;
const quote: i32 = 0x22;

/** Segments of a path at most. */
const segmentsMax: i32 = 64;

/** Position of a segment that is the name of a member, and of one that is every element. */
export const aMember: i32 = -1;
export const everyElement: i32 = -2;

/**
 * Reads the text of a path that may lead to many values:
 *
 *     path     "$"? first? segment*
 *     first    name                                  only without the dollar
 *     segment  "." name | bracket | ".." name | ".." bracket
 *     bracket  "[" digits "]" | "[*]" | "[" quoted "]"
 *     name     one or more characters other than . [ ]
 *     quoted   double quotes around anything, with \" and \\ for these two
 */
export class PatternReader {
  /** For each segment the name of a member, or an empty text. */
  readonly names: string[] = [];
  /** For each segment the position of an element, `aMember` or `everyElement`. */
  readonly positions: i32[] = [];
  /** For each segment whether it is meant at any depth. */
  readonly areDeep: boolean[] = [];
  /** What is wrong with the path; empty when nothing is. */
  problem: string = "";
  private at: i32 = 0;
  private text: string;
  private isDeep: boolean = false;

  constructor(text: string) {
    this.text = text;
    const first = this.unit;
    if (text.length == 0) this.problem = "it is empty";
    else if (first == dollar && (text.length == 1 || text.charCodeAt(1) == dot || text.charCodeAt(1) == openBracket)) this.at = 1;
    else if (first != openBracket && !text.startsWith("..")) this.readName();
    while (this.at < text.length && this.problem.length == 0) this.readSegment();
    if (this.names.length > segmentsMax) this.problem = `it has more than ${segmentsMax} segments`;
  }

  private readSegment(): void {
    this.isDeep = this.unit == dot && this.at + 1 < this.text.length && this.text.charCodeAt(this.at + 1) == dot;
    if (this.isDeep) this.at += 2;
    else if (this.unit == dot) this.at++;
    else if (this.unit != openBracket) return this.expected("a dot or an opening bracket");
    else return this.readBracket();
    if (this.isDeep && this.unit == openBracket) this.readBracket();
    else this.readName();
  }

  private readBracket(): void {
    this.at++;
    if (this.unit == quote) this.readQuoted();
    else if (this.unit == star) {
      this.at++;
      this.close("", everyElement);
    } else this.readPosition();
  }

  /** The unit in hand, or -1 at the end. */
  private get unit(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private readName(): void {
    const from = this.at;
    while (this.unit >= 0 && this.unit != dot && this.unit != openBracket && this.unit != closeBracket) this.at++;
    if (this.at == from) this.expected("a name");
    else this.add(this.text.slice(from, this.at), aMember);
  }

  private readPosition(): void {
    const from = this.at;
    let value: i64 = 0;
    while (this.unit >= 0x30 && this.unit <= 0x39 && value <= i32.MAX_VALUE) value = value * 10 + this.text.charCodeAt(this.at++) - 0x30;
    if (this.at == from) this.expected("a position, a star or a name in double quotes");
    else if (value > i32.MAX_VALUE) this.problem = `the position at character ${from + 1} is too large`;
    else this.close("", <i32>value);
  }

  private readQuoted(): void {
    let name = "";
    this.at++;
    while (this.unit >= 0 && this.unit != quote) {
      if (this.unit == backslash) {
        this.at++;
        if (this.unit != backslash && this.unit != quote) return this.expected('\\" or \\\\');
      }
      name += this.text.charAt(this.at++);
    }
    if (this.unit != quote) return this.expected("a closing quote");
    this.at++;
    this.close(name, aMember);
  }

  private close(name: string, position: i32): void {
    if (this.unit != closeBracket) return this.expected("a closing bracket");
    this.at++;
    this.add(name, position);
  }

  private add(name: string, position: i32): void {
    this.names.push(name);
    this.positions.push(position);
    this.areDeep.push(this.isDeep);
    this.isDeep = false;
  }

  private expected(what: string): void {
    this.problem = `expected ${what} at character ${this.at + 1}`;
  }
}
