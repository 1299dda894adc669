/*
 * json-pick: makes of each record a JSON object with some of its fields, renamed where wanted.
 *
 *   fields   JSON: an object of new names and paths, such as {"place": "properties.place", "at": "geometry.coordinates"},
 *            or an array of paths, such as ["level", "user.id"], whose last names are kept
 *   missing  what becomes of a field that a record does not have: omit (when not given) or null
 *
 * Values are copied as they stand in the record. The new object has the fields in the order of `fields`. A record that is not
 * JSON, as far as it has to be read to find the fields, fails.
 */

import { JsonEntries, JsonField, JsonName, JsonPath, JsonPaths, Parameters, Record, Slice } from "millrace/assemblyscript";

const paths = new JsonPaths();
const fields: JsonField[] = [];
const names: JsonName[] = [];
const taken: string[] = [];
let isNullWhenMissing = false;

export function init(parameters: Parameters): void {
  parameters.allow(["fields", "missing"]);
  isNullWhenMissing = parameters.oneOf("missing", ["omit", "null"], "omit") == "null";
  const all = new JsonPath("$");
  const wanted = all.find(Slice.of(parameters.required("fields")));
  if (all.isInvalid) parameters.refuse(`the parameter \`fields\` is no JSON: ${all.problem}`);
  else if (!wanted.isObject && !wanted.isArray) parameters.refuse("the parameter `fields` must be a JSON object or array");
  const entries = new JsonEntries();
  for (entries.open(wanted); entries.next(); ) {
    const path = entries.value.toString();
    if (!entries.value.isString) parameters.refuse(`the parameter \`fields\` has ${path} where a path in quotes should be`);
    else if (wanted.isObject) add(parameters, entries.name.toString(), path);
    else add(parameters, JsonPath.lastName(path), path);
  }
  if (fields.length == 0) parameters.refuse("the parameter `fields` names no field");
}

function add(parameters: Parameters, name: string, path: string): void {
  if (name.length == 0) parameters.refuse(`the path \`${path}\` has no name; write \`fields\` as an object to give it one`);
  if (taken.includes(name)) parameters.refuse(`the parameter \`fields\` has two fields that would be called \`${name}\``);
  taken.push(name);
  names.push(new JsonName(name));
  fields.push(paths.add(path));
}

export function map(record: Record): void {
  if (!record.select(paths)) return;
  const output = record.output.beginObject();
  for (let i = 0, count = fields.length; i < count; i++) {
    const field = unchecked(fields[i]);
    if (field.exists || isNullWhenMissing) output.member(unchecked(names[i]), field);
  }
  output.endObject();
}
