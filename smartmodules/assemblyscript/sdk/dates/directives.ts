import { borrowedAt, borrowedLength, borrowText } from "../text/utf8";

const percent: i32 = 0x25;

/** Added to the letter of a directive, to tell it from a byte that stands for itself. */
export const directive: i32 = 0x100;

// @ts-ignore: decorator
@lazy
const known = "YmdeHMSLfzsQbaFT%";

/** What reading a format found. */
export class Directives {
  /** Bytes that stand for themselves, and letters plus `directive`. */
  readonly items: i32[] = [];
  /** What is wrong with the format; empty when nothing is. */
  problem: string = "";

  constructor(format: string) {
    for (let i = 0; i < format.length && this.problem.length == 0; i++) {
      if (format.charCodeAt(i) != percent) this.addText(format, i);
      else if (++i == format.length) this.problem = `it ends with a % at character ${i}`;
      else if (!known.includes(format.charAt(i))) {
        this.problem = `%${format.charAt(i)} at character ${i} is not known, known are %${known.split("").join(" %")}`;
      } else this.addDirective(format.charCodeAt(i));
    }
    if (format.length == 0) this.problem = "it is empty";
  }

  private addDirective(letter: i32): void {
    if (letter == percent) this.items.push(percent);
    else if (letter == 0x46) this.addAll("%Y-%m-%d");
    else if (letter == 0x54) this.addAll("%H:%M:%S");
    else this.items.push(directive | letter);
  }

  private addAll(format: string): void {
    const items = new Directives(format).items;
    for (let i = 0; i < items.length; i++) this.items.push(items[i]);
  }

  /** Adds the bytes of a character; a second half of a surrogate pair was added with the first. */
  private addText(format: string, i: i32): void {
    const unit = format.charCodeAt(i);
    if ((unit & 0xfc00) == 0xdc00 && i > 0 && (format.charCodeAt(i - 1) & 0xfc00) == 0xd800) return;
    const isPair = (unit & 0xfc00) == 0xd800 && i + 1 < format.length && (format.charCodeAt(i + 1) & 0xfc00) == 0xdc00;
    borrowText(format.slice(i, i + (isPair ? 2 : 1)));
    for (let at: usize = 0; at < borrowedLength; at++) this.items.push(load<u8>(borrowedAt + at));
  }
}
