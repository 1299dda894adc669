import { findBytes } from "./bytes";
import { Slice } from "./slice";

/**
 * Steps through the parts of a text between separators, as `split` makes them: there is always one more than there are separators, and
 * parts may be empty.
 *
 *     const parts = new Parts("; ");
 *     for (parts.open(record.value); parts.next(); ) parts.part …
 */
export class Parts {
  /** The part in hand, no copy; good until `next`. */
  readonly part: Slice = new Slice();
  private separator: Slice;
  private at: usize = 0;
  private end: usize = 0;
  private isOver: boolean = true;

  /** An empty separator separates nothing. */
  constructor(separator: string) {
    this.separator = Slice.of(separator);
  }

  /** Starts before the first part. */
  open(text: Slice): void {
    this.at = text.at;
    this.end = text.at + text.length;
    this.isOver = false;
  }

  /** Goes to the next part. False when there is none. */
  next(): boolean {
    if (this.isOver) return false;
    const separator = this.separator;
    let place: usize = 0;
    if (!separator.isEmpty) place = findBytes(this.at, this.end - this.at, separator.at, separator.length);
    this.isOver = place == 0;
    this.part.set(this.at, <i32>((place == 0 ? this.end : place) - this.at));
    this.at = place + separator.length;
    return true;
  }
}
