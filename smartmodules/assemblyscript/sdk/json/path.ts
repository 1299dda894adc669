import { Slice } from "../text/slice";
import { JsonField } from "./field";
import { lookFor } from "./look-for";
import { PathReader } from "./path-reader";
import { JsonSearch } from "./search";

/**
 * The way to a part of a JSON text: `level`, `properties.mag`, `items[0].name`, `["name.with.dots"].x`, or `$` for all of it.
 * Make it once, in `init` or where the module starts; making it is slow, using it is fast.
 *
 * Of several members with one name the first counts. The text is read up to the field and no further, and what is read is checked.
 */
export class JsonPath extends JsonSearch {
  /** What was found last. It is overwritten by the next search. */
  readonly field: JsonField = new JsonField();

  /** A path that cannot be read makes the module refuse its parameters. */
  constructor(path: string) {
    super();
    lookFor(this.root, path, this.field);
  }

  /** The last name in a path, such as `mag` of `properties.mag`; empty when there is none. */
  static lastName(path: string): string {
    return new PathReader(path).lastName;
  }

  /** Finds the field in a text other than the value of a record. */
  find(text: Slice): JsonField {
    this.generation = 0;
    this.findAt(text.at, text.length);
    return this.field;
  }

  findAt(at: usize, length: i32): void {
    this.field.clear();
    this.search(at, length);
    if (this.isInvalid) this.field.clear();
  }
}
