import { JsonField } from "./field";
import { closeBrace, closeBracket, skipSpace } from "./tokens";
import { skipValue } from "./walk";

/**
 * Steps through the members of an object or the elements of an array that a search has found, and so has checked.
 *
 *     const entries = new JsonEntries();
 *     for (entries.open(field); entries.next(); ) entries.name … entries.value …
 */
export class JsonEntries {
  /** The name of the member in hand, missing in arrays; good until `next`. */
  readonly name: JsonField = new JsonField();
  /** The value in hand; good until `next`. */
  readonly value: JsonField = new JsonField();
  private at: usize = 0;
  private end: usize = 0;
  private isObject: boolean = false;

  /** Starts before the first entry; a field of another kind has none. */
  open(field: JsonField): void {
    this.isObject = field.isObject;
    this.end = field.end;
    this.at = field.isObject || field.isArray ? field.at : field.end;
    this.name.clear();
    this.value.clear();
  }

  /** Goes to the next entry. False when there is none. */
  next(): boolean {
    // Before an entry stands the opening bracket or a comma, after the last one the closing bracket.
    if (this.at >= this.end - 1) return false;
    let at = skipSpace(this.at + 1, this.end);
    const byte: u32 = load<u8>(at);
    if (at >= this.end || byte == closeBrace || byte == closeBracket) return false;
    if (this.isObject) {
      const after = skipValue(at, this.end);
      this.name.set(at, after);
      at = skipSpace(skipSpace(after, this.end) + 1, this.end);
    }
    const after = skipValue(at, this.end);
    this.value.set(at, after);
    this.at = skipSpace(after, this.end);
    return true;
  }
}
