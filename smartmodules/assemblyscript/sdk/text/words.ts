import { isSpace } from "./bytes";
import { Slice } from "./slice";

/**
 * Steps through the words of a text: what stands between white space (see `isSpace`).
 *
 *     const words = new Words();
 *     for (words.open(record.value); words.next(); ) words.word …
 */
export class Words {
  /** The word in hand, no copy; good until `next`. */
  readonly word: Slice = new Slice();
  private at: usize = 0;
  private end: usize = 0;

  /** Starts before the first word. */
  open(text: Slice): void {
    this.at = text.at;
    this.end = text.at + text.length;
  }

  /** Goes to the next word. False when there is none. */
  next(): boolean {
    let at = this.at;
    while (at < this.end && isSpace(load<u8>(at))) at++;
    const from = at;
    while (at < this.end && !isSpace(load<u8>(at))) at++;
    this.at = at;
    this.word.set(from, <i32>(at - from));
    return at > from;
  }
}
