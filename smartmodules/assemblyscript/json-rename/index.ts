/*
 * json-rename: gives members of JSON objects other names, and removes others. Everything else stays byte for byte, in its order.
 *
 *   rename    JSON: an object of paths and new names, such as {"mag": "magnitude", "user.id": "userId"}; only the last name of a path changes
 *   remove    JSON: an array of paths of members that are left out
 *   conflict  what happens where an object has a member of the new name already, which neither goes nor gets another name: fail (when not
 *             given) fails the record, keep leaves the old name, replace leaves the other member out
 *
 * Paths have the names that come in, not the new ones; what a record does not have is left alone. Of members with one name, which JSON allows, all
 * are renamed or removed. Two paths of one object may get the same name: when both are there, that is a conflict, and the one that is named
 * first in `rename` counts as the one that has the name.
 *
 * A record that is not JSON fails.
 */

import { JsonEntries, JsonPath, Parameters, Record, Slice } from "millrace/assemblyscript";
import { applyEdits, resetEdits } from "./edits";
import { Level } from "./level";
import { walk } from "./walk";

const root = new Level();

export function init(parameters: Parameters): void {
  parameters.allow(["rename", "remove", "conflict"]);
  const conflict = parameters.oneOf("conflict", ["fail", "keep", "replace"], "fail");
  if (!parameters.has("rename") && !parameters.has("remove")) parameters.refuse("one of the parameters `rename` and `remove` must be set");
  if (parameters.has("rename")) readRenames(parameters);
  if (parameters.has("remove")) readRemoved(parameters);
  root.settle(conflict);
}

function readRenames(parameters: Parameters): void {
  const all = new JsonPath("$");
  const given = all.find(Slice.of(parameters.required("rename")));
  if (!given.isObject) parameters.refuse("the parameter `rename` must be a JSON object of paths and new names");
  const entries = new JsonEntries();
  for (entries.open(given); entries.next(); ) {
    const path = entries.name.toString();
    const name = entries.value.toString();
    if (!entries.value.isString) parameters.refuse(`the parameter \`rename\` has ${name} where a new name in quotes should be`);
    else root.rename(parameters, path, name);
  }
}

function readRemoved(parameters: Parameters): void {
  const all = new JsonPath("$");
  const given = all.find(Slice.of(parameters.required("remove")));
  if (!given.isArray) parameters.refuse("the parameter `remove` must be a JSON array of paths");
  const entries = new JsonEntries();
  for (entries.open(given); entries.next(); ) {
    const path = entries.value.toString();
    if (!entries.value.isString) parameters.refuse(`the parameter \`remove\` has ${path} where a path in quotes should be`);
    else root.remove(parameters, path);
  }
}

export function map(record: Record): void {
  resetEdits();
  const value = record.value;
  if (walk(record, root, value.at, value.at + value.length)) applyEdits(record);
}
