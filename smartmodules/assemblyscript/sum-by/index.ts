/*
 * sum-by: makes of each record a JSON object with the sum of a number over the records of its group so far.
 *
 *   number   path of the JSON field that is added up: a number, or a text that is one
 *   missing  what a record counts for that does not have it, or has null: fail (when not given) fails it, zero adds nothing
 *   by, field, fields, window, time, late, groups   as for count-by
 *
 * The object is {"group": …, "window": …, "sum": …}, with what is not set left out.
 *
 * Sums are decimals without rounding, so that 0.1 and 0.2 are 0.3, of up to 38 digits on both sides of the point together. A record fails
 * whose number or sum needs more, and the sum stays as it was.
 */

import { Accumulator, JsonField, JsonName, JsonPaths, Parameters, Record, Slice } from "millrace/assemblyscript";
import {
  addDecimal,
  decimalBytes,
  decimalTextMax,
  formatDecimal,
  isDecimal,
  readDecimal,
} from "millrace/assemblyscript/number/decimal";
import { Groups } from "millrace/assemblyscript/state/groups";

const paths = new JsonPaths();
const sumName = new JsonName("sum");
const zero = Slice.of("0");
const text = Slice.of("");
const textAt = memory.data(decimalTextMax + 16);

let given = new Parameters();
let groups = new Groups(given, paths, decimalBytes, "");
let number = new JsonField();
let isZeroWhenMissing = false;

export function init(parameters: Parameters): void {
  parameters.allow(["number", "missing"].concat(Groups.parameters));
  given = parameters;
  const path = parameters.required("number");
  groups = new Groups(parameters, paths, decimalBytes, "sum of " + path);
  number = paths.add(path);
  isZeroWhenMissing = parameters.oneOf("missing", ["fail", "zero"], "fail") == "zero";
}

export function restore(accumulator: Accumulator): void {
  if (groups.restore(accumulator, given)) return;
  const bytes = accumulator.bytes;
  const end = bytes.at + bytes.length;
  if (!groups.isOne) given.refuse("sums of groups or windows begin at nothing; leave `accumulator` out");
  else if (!isDecimal(bytes.at, end) || !readDecimal(bytes.at, end)) given.refuse("the accumulator is no number: " + accumulator.text);
  else addDecimal(groups.beginOne());
}

export function save(accumulator: Accumulator): void {
  groups.save(accumulator);
}

export function aggregate(record: Record, accumulator: Accumulator): void {
  if (!record.select(paths) || !readNumber(record)) return;
  const at = groups.find(record);
  if (at == 0) return;
  if (!addDecimal(at)) {
    record.fail("the sum would need more than 38 digits");
    return;
  }
  text.set(textAt, <i32>(formatDecimal(at, textAt) - textAt));
  const output = record.output.beginObject();
  groups.write(record, output);
  output.name(sumName).raw(text).endObject();
}

function readNumber(record: Record): boolean {
  const isNothing = number.isMissing || number.isNull;
  const content = isNothing && isZeroWhenMissing ? zero : number.content;
  const end = content.at + content.length;
  if (!isDecimal(content.at, end)) {
    const path = given.get("number");
    record.fail(isNothing ? `the field \`${path}\` is ${number.isNull ? "null" : "missing"}` : `the field \`${path}\` is no number: ${number.raw.toString()}`);
    return false;
  }
  if (readDecimal(content.at, end)) return true;
  record.fail(`the field \`${given.get("number")}\` needs more than 38 digits: ${number.raw.toString()}`);
  return false;
}
