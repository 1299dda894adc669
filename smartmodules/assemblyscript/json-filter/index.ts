/*
 * json-filter: keeps the records one of whose JSON fields fulfils a condition.
 *
 *   field     path of the field, such as `level`, `properties.mag`, `items[0].id`, `["name.with.dots"]`
 *   operator  ==  !=  <  <=  >  >=  contains  starts-with  ends-with  exists  missing        (== when not given)
 *   value     what the field is compared with; not for exists and missing
 *
 * A number is compared as a number when the value is one too. Texts are compared by what they stand for, escapes decoded, in the order of
 * code points. true, false and null are compared by == and != with these words. Everything else, which is a number with a value
 * that is none, objects and arrays, equals no value and comes neither before nor after one.
 *
 * A field that is not there fulfils nothing but `missing`, not even `!=`. A field that is null is there.
 * A record that is not JSON, as far as it has to be read to find the field, fails.
 */

import { JsonField, JsonPath, Parameters, Record, Slice } from "millrace/assemblyscript";

const operators = ["==", "!=", "<", "<=", ">", ">=", "contains", "starts-with", "ends-with", "exists", "missing"];

/* Positions in the list of operators. */
const equal = 0;
const notEqual = 1;
const less = 2;
const lessOrEqual = 3;
const greater = 4;
const greaterOrEqual = 5;
const contains = 6;
const startsWith = 7;
const endsWith = 8;
const exists = 9;
const missing = 10;

/** Whole numbers with fewer digits than these are doubles without rounding. */
const exactDigits = 16;

let path = new JsonPath("$");
let operator = equal;
let text = Slice.of("");
let number = NaN;
let isWhole = false;

export function init(parameters: Parameters): void {
  parameters.allow(["field", "operator", "value"]);
  path = new JsonPath(parameters.required("field"));
  operator = operators.indexOf(parameters.oneOf("operator", operators, "=="));
  const name = parameters.get("operator", "==");
  const needsValue = operator != exists && operator != missing;
  if (needsValue && !parameters.has("value")) parameters.refuse(`the operator ${name} needs the parameter \`value\``);
  if (!needsValue && parameters.has("value")) parameters.refuse(`the operator ${name} takes no \`value\``);
  text = Slice.of(parameters.get("value"));
  number = text.toNumber();
  isWhole = isWholeNumber(text);
}

export function filter(record: Record): bool {
  const field = record.json(path);
  if (field.isMissing) return operator == missing;
  if (operator == exists) return true;
  if (operator == missing) return false;
  if (field.isNumber) return isNaN(number) ? operator == notEqual : numberFulfils(field);
  if (field.isString) return textFulfils(field);
  if (operator == equal) return isLiteral(field) && field.raw.equals(text);
  return operator == notEqual && !(isLiteral(field) && field.raw.equals(text));
}

function numberFulfils(field: JsonField): boolean {
  switch (operator) {
    case equal:
      return isSameNumber(field);
    case notEqual:
      return !isSameNumber(field);
    case less:
      return field.number < number;
    case lessOrEqual:
      return field.number <= number;
    case greater:
      return field.number > number;
    case greaterOrEqual:
      return field.number >= number;
    default:
      return false;
  }
}

/** Identifiers are often whole numbers that are too long for a double, where different ones would be the same. */
function isSameNumber(field: JsonField): boolean {
  if (field.number != number) return false;
  const raw = field.raw;
  if (raw.length < exactDigits && text.length < exactDigits) return true;
  return !isWhole || !isWholeNumber(raw) || raw.equals(text);
}

function isWholeNumber(text: Slice): boolean {
  const from = text.length > 0 && text.byteAt(0) == 0x2d ? 1 : 0;
  for (let i = from; i < text.length; i++) if (<u32>text.byteAt(i) - 0x30 > 9) return false;
  return text.length > from;
}

function textFulfils(field: JsonField): boolean {
  switch (operator) {
    case equal:
      return field.equals(text);
    case notEqual:
      return !field.equals(text);
    case less:
      return field.compare(text) < 0;
    case lessOrEqual:
      return field.compare(text) <= 0;
    case greater:
      return field.compare(text) > 0;
    case greaterOrEqual:
      return field.compare(text) >= 0;
    case contains:
      return field.includes(text);
    case startsWith:
      return field.startsWith(text);
    default:
      return field.endsWith(text);
  }
}

function isLiteral(field: JsonField): boolean {
  return field.isBoolean || field.isNull;
}
