const dollar: i32 = 0x24;
const dot: i32 = 0x2e;
const openBracket: i32 = 0x5b;
const closeBracket: i32 = 0x5d;
const backslash: i32 = 0x5c;
const quote: i32 = 0x22;

/** Segments of a path at most. */
const segmentsMax: i32 = 64;

/**
 * Reads the text of a path:
 *
 *     path     "$"? first? segment*
 *     first    name                                  only without the dollar
 *     segment  "." name | "[" digits "]" | "[" quoted "]"
 *     name     one or more characters other than . [ ]
 *     quoted   double quotes around anything, with \" and \\ for these two
 */
export class PathReader {
  /** For each segment the name of a member; empty text and a position for an element. */
  readonly names: string[] = [];
  readonly positions: i32[] = [];
  /** What is wrong with the path; empty when nothing is. */
  problem: string = "";
  private at: i32 = 0;
  private text: string;

  constructor(text: string) {
    this.text = text;
    const next = text.length > 1 ? text.charCodeAt(1) : 0;
    const hasRoot = text.length > 0 && text.charCodeAt(0) == dollar && (next == 0 || next == dot || next == openBracket);
    if (text.length == 0) this.problem = "it is empty";
    else if (hasRoot) this.at = 1;
    else if (text.charCodeAt(0) != openBracket) this.readName();
    while (this.at < text.length && this.problem.length == 0) this.readSegment();
    if (this.names.length > segmentsMax) this.problem = `it has more than ${segmentsMax} segments`;
  }

  /** The last name among the segments; empty when there is none. */
  get lastName(): string {
    for (let i = this.names.length - 1; i >= 0; i--) if (this.positions[i] < 0) return this.names[i];
    return "";
  }

  private readSegment(): void {
    const unit = this.unit;
    this.at++;
    if (unit == dot) this.readName();
    else if (unit != openBracket) this.expected("a dot or an opening bracket", this.at - 1);
    else if (this.unit == quote) this.readQuoted();
    else this.readPosition();
  }

  /** The unit in hand, or -1 at the end. */
  private get unit(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  private readName(): void {
    const from = this.at;
    while (this.unit >= 0 && this.unit != dot && this.unit != openBracket && this.unit != closeBracket) this.at++;
    if (this.at == from) this.expected("a name", from);
    else this.add(this.text.slice(from, this.at), -1);
  }

  private readPosition(): void {
    const from = this.at;
    let value: i64 = 0;
    while (this.unit >= 0x30 && this.unit <= 0x39 && value <= i32.MAX_VALUE) value = value * 10 + this.text.charCodeAt(this.at++) - 0x30;
    if (this.at == from) this.expected("a position or a name in double quotes", from);
    else if (value > i32.MAX_VALUE) this.problem = `the position at character ${from + 1} is too large`;
    else this.closeBracket("", <i32>value);
  }

  private readQuoted(): void {
    let name = "";
    this.at++;
    while (this.unit >= 0 && this.unit != quote) {
      if (this.unit == backslash) {
        this.at++;
        if (this.unit != backslash && this.unit != quote) return this.expected('\\" or \\\\', this.at - 1);
      }
      name += this.text.charAt(this.at++);
    }
    if (this.unit != quote) return this.expected("a closing quote", this.at);
    this.at++;
    this.closeBracket(name, -1);
  }

  private closeBracket(name: string, position: i32): void {
    if (this.unit != closeBracket) return this.expected("a closing bracket", this.at);
    this.at++;
    this.add(name, position);
  }

  private add(name: string, position: i32): void {
    this.names.push(name);
    this.positions.push(position);
  }

  private expected(what: string, at: i32): void {
    this.problem = `expected ${what} at character ${at + 1}`;
  }
}
