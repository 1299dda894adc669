import { Slice } from "../text/slice";
import { JsonField } from "./field";
import { lookFor } from "./look-for";
import { JsonSearch } from "./search";

/**
 * Several paths that are looked for together, in one pass over the text. `add` returns the field that each search then fills.
 *
 *     const fields = new JsonPaths();
 *     const place = fields.add("properties.place");
 *     const time = fields.add("properties.time");
 *     …
 *     if (record.select(fields)) record.output.beginObject().name("place").raw(place).name("time").raw(time).endObject();
 */
export class JsonPaths extends JsonSearch {
  private fields: JsonField[] = [];

  /** Looks for one more path, written as for `JsonPath`; the same path gives the same field. */
  add(path: string): JsonField {
    const field = lookFor(this.root, path, new JsonField());
    if (!this.fields.includes(field)) this.fields.push(field);
    this.generation = 0;
    return field;
  }

  /** Number of different paths. */
  get length(): i32 {
    return this.fields.length;
  }

  /** The field of a path, in the order in which different paths were added. */
  fieldAt(index: i32): JsonField {
    return this.fields[index];
  }

  /** Searches a text other than the value of a record. False when it is not JSON. */
  find(text: Slice): boolean {
    this.generation = 0;
    this.findAt(text.at, text.length);
    return !this.isInvalid;
  }

  findAt(at: usize, length: i32): void {
    this.clear();
    if (this.fields.length == 0) return;
    this.search(at, length);
    if (this.isInvalid) this.clear();
  }

  private clear(): void {
    const fields = this.fields;
    for (let i = 0, count = fields.length; i < count; i++) unchecked(fields[i]).clear();
  }
}
