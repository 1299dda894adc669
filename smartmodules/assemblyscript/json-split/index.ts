/*
 * json-split: makes a record of each element of a JSON array.
 *
 *   field   path of the array; the whole value when not given
 *   outer   JSON: fields of the record that each element gets as well, as an object of new names and paths, such as {"order": "id"}, or an
 *           array of paths, whose last names are kept. They stand first; an element that has a member of such a name keeps its own.
 *   as      name under which the element then stands, such as `item`; without it the element must be an object, which gets the outer fields
 *   key     path in the element of what becomes the record's key; without it the key stays, and an element that does not have it gets none
 *   none    what becomes of a record that has no array there: fail (when not given), keep or drop
 *   empty   what becomes of a record whose array is empty: drop (when not given), keep or fail
 *
 * Elements are taken as they stand in the record, and are not copied unless something is put around them. Time and headers stay.
 */

import { JsonEntries, JsonField, JsonPaths, Parameters, Record } from "millrace/assemblyscript";
import { Outer } from "./outer";

const paths = new JsonPaths();
const elementPaths = new JsonPaths();
const elements = new JsonEntries();
const outer = new Outer();
const outcomes = ["fail", "keep", "drop"];

let array = new JsonField();
let key = new JsonField();
let hasKey = false;
let none = "fail";
let empty = "drop";

export function init(parameters: Parameters): void {
  parameters.allow(["field", "outer", "as", "key", "none", "empty"]);
  none = parameters.oneOf("none", outcomes, "fail");
  empty = parameters.oneOf("empty", outcomes, "drop");
  array = paths.add(parameters.has("field") ? parameters.required("field") : "$");
  hasKey = parameters.has("key");
  if (hasKey) key = elementPaths.add(parameters.required("key"));
  if (parameters.has("outer")) outer.open(parameters, paths, elementPaths);
  else if (parameters.has("as")) parameters.refuse("the parameter `as` belongs to `outer`, which is not set");
}

export function arrayMap(record: Record): void {
  if (!record.select(paths)) return;
  if (!array.isArray) return settle(record, none, array.isMissing ? "there is no array" : "there is no array, but " + kindOf(array));
  if (!outer.isEmpty) outer.take(record);
  elements.open(array);
  let count = 0;
  for (; elements.next(); count++) {
    const element = elements.value;
    if (elementPaths.length > 0) elementPaths.find(element.raw);
    if (!outer.isEmpty && outer.needsObject && !element.isObject) {
      return record.fail(`element ${count} is ${kindOf(element)} and can get no outer fields; \`as\` gives it a name`);
    }
    const emitted = record.emit(outer.isEmpty ? element.raw : outer.around(record, element));
    if (!hasKey) continue;
    if (key.isMissing) emitted.removeKey();
    else emitted.key = key.content;
  }
  if (count == 0) settle(record, empty, "the array is empty");
}

function settle(record: Record, outcome: string, problem: string): void {
  if (outcome == "fail") record.fail(problem);
  else if (outcome == "keep") record.emit(record.value);
}

function kindOf(field: JsonField): string {
  if (field.isObject) return "an object";
  if (field.isArray) return "an array";
  if (field.isString) return "a text";
  if (field.isNumber) return "a number";
  return field.toString();
}
