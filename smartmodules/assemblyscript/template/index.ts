/*
 * template: makes a new value from a text with placeholders.
 *
 *   template  the text; in it stand
 *               {{field.path}}        a JSON field, such as {{user.name}}, {{items[0].id}}, {{$}} for all of the value as JSON
 *               {{value}}             the whole value
 *               {{key}}               the key
 *               {{header:NAME}}       a header; the first of several
 *               {{offset}}            place of the record in its topic
 *               {{timestamp}}         as 2024-02-29T12:30:15.250Z
 *               {{timestamp:FORMAT}}  in a form such as %Y-%m-%d, %s (seconds), %Q (milliseconds)
 *             \{{ stands for two braces, and {{$.key}} for a field with one of the names above
 *   output    text (when not given), or json: the template is JSON then, and so is what comes out. Within quotes a placeholder
 *             gives a text, with the escapes that it needs; elsewhere it gives a JSON value: fields as they stand, offsets and times
 *             in %s and %Q as numbers, {{value}} as the JSON that it is, and all others as texts in quotes
 *   missing   what stands for something that a record does not have: empty (when not given), null, or fail, which fails the record.
 *             Outside of quotes in JSON, empty is ""
 *
 * Texts of JSON are written without quotes and escapes, other fields as they stand. With a field, a record that is not JSON, as far as it has
 * to be read to find the fields, fails.
 */

import { JsonPath, JsonPaths, Parameters, Record, Slice, TextWriter } from "millrace/assemblyscript";
import { Part, partField, partHeader, partKey, partOffset, partText, partTime, partValue, TemplateReader } from "./reader";

const fields = new JsonPaths();
const writer = new TextWriter();
/** Checks and finds the whole value where it stands in JSON. */
const whole = new JsonPath("$");
const nothing = Slice.of("");
const nullText = Slice.of("null");
const quotes = Slice.of('""');

let parts: Part[] = [];
let isJson = false;
let isNullWhenMissing = false;
let isFailingWhenMissing = false;

export function init(parameters: Parameters): void {
  parameters.allow(["template", "output", "missing"]);
  const template = parameters.required("template");
  isJson = parameters.oneOf("output", ["text", "json"], "text") == "json";
  const missing = parameters.oneOf("missing", ["empty", "null", "fail"], "empty");
  isNullWhenMissing = missing == "null";
  isFailingWhenMissing = missing == "fail";
  const reader = new TemplateReader(template, isJson, fields);
  if (reader.problem.length > 0) parameters.refuse(`the template cannot be read: ${reader.problem}`);
  parts = reader.parts;
  if (isJson && reader.problem.length == 0) {
    whole.find(Slice.of(reader.sample));
    if (whole.isInvalid) parameters.refuse(`the template makes no JSON: ${whole.problem}`);
  }
}

export function map(record: Record): void {
  if (!record.select(fields)) return;
  writer.begin();
  for (let i = 0, count = parts.length; i < count; i++) {
    if (!write(record, unchecked(parts[i]))) return;
  }
  record.value = writer.end();
}

/** Writes a part. False when it failed the record. */
function write(record: Record, part: Part): boolean {
  switch (part.kind) {
    case partText:
      writer.add(part.text);
      return true;
    case partField:
      return writeField(record, part);
    case partValue:
      return writeValue(record, part);
    case partKey:
      return record.hasKey ? writeText(part, record.key) : writeMissing(record, part);
    case partHeader:
      const header = record.headers.find(part.header);
      return header >= 0 ? writeText(part, record.headers.value(header)) : writeMissing(record, part);
    case partOffset:
      if (record.offset < 0) return writeMissing(record, part);
      writer.integer(record.offset);
      return true;
    default:
      if (record.timestamp == -1) return writeMissing(record, part);
      return part.isNumber ? writeRaw(part.format.format(record.timestamp)) : writeText(part, part.format.format(record.timestamp));
  }
}

function writeField(record: Record, part: Part): boolean {
  const field = part.field;
  if (field.isMissing) return writeMissing(record, part);
  return isJson && !part.isQuoted ? writeRaw(field.raw) : writeText(part, field.content);
}

function writeValue(record: Record, part: Part): boolean {
  if (!isJson || part.isQuoted) return writeText(part, record.value);
  const value = record.json(whole);
  return value.exists && writeRaw(value.raw);
}

function writeRaw(text: Slice): boolean {
  writer.add(text);
  return true;
}

function writeText(part: Part, text: Slice): boolean {
  if (!isJson) writer.add(text);
  else if (part.isQuoted) writer.escaped(text);
  else writer.quoted(text);
  return true;
}

function writeMissing(record: Record, part: Part): boolean {
  if (isFailingWhenMissing) {
    record.fail(`the record has no ${part.name}`);
    return false;
  }
  if (isNullWhenMissing) return writeRaw(nullText);
  return writeRaw(isJson && !part.isQuoted ? quotes : nothing);
}
