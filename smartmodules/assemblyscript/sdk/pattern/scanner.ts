/** The text of a pattern and a place in it. */
export class PatternScanner {
  readonly text: string;
  /** What is wrong with the pattern; empty when nothing is. The first problem counts. */
  problem: string = "";
  /** Units of UTF-16 before the place in hand. */
  at: i32 = 0;

  constructor(text: string) {
    this.text = text;
  }

  get isOver(): boolean {
    return this.at >= this.text.length || this.problem.length > 0;
  }

  /** The unit in hand, or -1 at the end. */
  get unit(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  /** Passes over a unit if it is the one in hand. */
  take(unit: i32): boolean {
    if (this.unit != unit) return false;
    this.at++;
    return true;
  }

  /** Passes over the character in hand and returns its code point. */
  takePoint(): i32 {
    const point = this.text.codePointAt(this.at);
    this.at += point > 0xffff ? 2 : 1;
    return point;
  }

  /** Notes a problem with the character that begins at a place, which people count from 1. */
  fail(problem: string, at: i32): void {
    if (this.problem.length == 0) this.problem = `${problem} at character ${at + 1}`;
  }
}
