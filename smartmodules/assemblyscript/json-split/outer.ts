import { JsonEntries, JsonField, JsonName, JsonPath, JsonPaths, Parameters, Record, Slice } from "millrace/assemblyscript";
import { addPiece, addPieceByte, beginPieces, endPieces } from "millrace/assemblyscript/record/pieces";

const openBrace: u8 = 0x7b;
const closeBrace: u8 = 0x7d;
const comma: u8 = 0x2c;

/** The fields of a record that each of its elements gets. */
export class Outer {
  private names: JsonName[] = [];
  private fields: JsonField[] = [];
  /** What an element has of the same names. */
  private own: JsonField[] = [];
  private taken: string[] = [];
  private element: JsonName | null = null;
  /** Bytes of all names and fields, with commas. */
  private bytes: usize = 0;
  private nothing: Slice = new Slice();

  /** Reads the parameters `outer` and `as`. */
  open(parameters: Parameters, paths: JsonPaths, elementPaths: JsonPaths): void {
    if (parameters.has("as")) {
      const name = parameters.required("as");
      this.element = new JsonName(name);
      this.taken.push(name);
    }
    const all = new JsonPath("$");
    const wanted = all.find(Slice.of(parameters.required("outer")));
    if (all.isInvalid) parameters.refuse(`the parameter \`outer\` is no JSON: ${all.problem}`);
    else if (!wanted.isObject && !wanted.isArray) parameters.refuse("the parameter `outer` must be a JSON object or array");
    const entries = new JsonEntries();
    for (entries.open(wanted); entries.next(); ) {
      const path = entries.value.toString();
      if (!entries.value.isString) parameters.refuse(`the parameter \`outer\` has ${path} where a path in quotes should be`);
      else {
        const name = wanted.isObject ? entries.name.toString() : JsonPath.lastName(path);
        this.add(parameters, name, paths.add(path), path);
        if (this.needsObject) this.own.push(elementPaths.add(pathOf(name)));
      }
    }
    if (this.fields.length == 0) parameters.refuse("the parameter `outer` names no field");
  }

  private add(parameters: Parameters, name: string, field: JsonField, path: string): void {
    if (name.length == 0) parameters.refuse(`the path \`${path}\` has no name; write \`outer\` as an object to give it one`);
    if (this.taken.includes(name)) parameters.refuse(`there are two fields that would be called \`${name}\``);
    this.taken.push(name);
    this.names.push(new JsonName(name));
    this.fields.push(field);
  }

  get isEmpty(): boolean {
    return this.fields.length == 0;
  }

  /** Elements that are no objects have no place for the fields. */
  get needsObject(): boolean {
    return this.element === null;
  }

  /** Looks at the fields of a record, which are the same for all of its elements. */
  take(record: Record): void {
    this.bytes = 0;
    for (let i = 0; i < this.fields.length; i++) {
      const field = unchecked(this.fields[i]);
      if (field.exists) this.bytes += <usize>unchecked(this.names[i]).length + (field.end - field.at);
    }
    const element = this.element;
    if (element !== null) this.bytes += element.length;
  }

  /** The fields and an element as one object. */
  around(record: Record, element: JsonField): Slice {
    if (!beginPieces(this.bytes + (element.end - element.at) + 2)) return this.nothing;
    addPieceByte(openBrace);
    // A name is written with the comma before it, which the first one must not have.
    let from: usize = 1;
    for (let i = 0, count = this.fields.length; i < count; i++) {
      const field = unchecked(this.fields[i]);
      if (field.isMissing || (this.needsObject && unchecked(this.own[i]).exists)) continue;
      const name = unchecked(this.names[i]);
      addPiece(name.at + from, <usize>name.length - from);
      addPiece(field.at, field.end - field.at);
      from = 0;
    }
    const name = this.element;
    if (name === null) {
      if (from == 0 && !isEmptyObject(element)) addPieceByte(comma);
      addPiece(element.at + 1, element.end - element.at - 1);
    } else {
      addPiece(name.at + from, <usize>name.length - from);
      addPiece(element.at, element.end - element.at);
      addPieceByte(closeBrace);
    }
    return endPieces();
  }
}

function isEmptyObject(element: JsonField): boolean {
  let at = element.at + 1;
  while (load<u8>(at) <= 0x20) at++;
  return load<u8>(at) == closeBrace;
}

/** The path of a member of a name, whatever that is. */
function pathOf(name: string): string {
  return '["' + name.replaceAll("\\", "\\\\").replaceAll('"', '\\"') + '"]';
}
