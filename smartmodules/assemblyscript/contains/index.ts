/*
 * contains: keeps the records that contain a text, any or all of several texts, or that fit a pattern.
 *
 *   in           where to look: value (when not given), key, header:NAME, or field:PATH for a JSON field
 *   text         a text to look for
 *   texts        several texts, as a JSON array such as ["timeout", "refused"]
 *   match        which of `texts` must be there: any (when not given) or all
 *   glob         a pattern that fits from end to end: * ? [a-z] [!a-z] {this,that}
 *   regex        a regular expression; it may fit a part, ^ and $ tie it to the start and the end
 *   ignore-case  true or false (when not given): whether capital and small letters of ASCII are the same
 *   invert       true or false (when not given): keeps the other records
 *
 * Exactly one of `text`, `texts`, `glob` and `regex` is given. A key, header or field that is not there contains nothing and fits nothing;
 * of several headers with one name it is enough that one fits. A text of JSON is looked at without quotes and escapes, other values as they
 * stand. With a field, a record that is not JSON, as far as it has to be read to find the field, fails.
 */

import { Glob, JsonEntries, JsonPath, Needles, Parameters, Pattern, Record, Regex, Slice } from "millrace/assemblyscript";

/* Where to look. */
const inValue = 0;
const inKey = 1;
const inHeader = 2;
const inField = 3;

const tests = ["text", "texts", "glob", "regex"];
const headerPrefix = "header:";
const fieldPrefix = "field:";

let place = inValue;
let header = Slice.of("");
let path = new JsonPath("$");
let needles = new Needles([]);
let pattern: Pattern | null = null;
let areAllWanted = false;
let isInverted = false;

export function init(parameters: Parameters): void {
  parameters.allow(["in", "text", "texts", "match", "glob", "regex", "ignore-case", "invert"]);
  readPlace(parameters);
  isInverted = isTrue(parameters, "invert");
  areAllWanted = parameters.oneOf("match", ["any", "all"], "any") == "all";
  readTest(parameters, isTrue(parameters, "ignore-case"));
  // To look for all of one text is the shorter way.
  areAllWanted = areAllWanted || needles.length == 1;
}

function isTrue(parameters: Parameters, name: string): boolean {
  return parameters.oneOf(name, ["true", "false"], "false") == "true";
}

function readPlace(parameters: Parameters): void {
  const text = parameters.get("in", "value");
  if (text == "value") place = inValue;
  else if (text == "key") place = inKey;
  else if (text.startsWith(headerPrefix) && text.length > headerPrefix.length) {
    place = inHeader;
    header = Slice.of(text.slice(headerPrefix.length));
  } else if (text.startsWith(fieldPrefix)) {
    place = inField;
    path = new JsonPath(text.slice(fieldPrefix.length));
  } else parameters.refuse(`the parameter \`in\` must be value, key, header:NAME or field:PATH; not \`${text}\``);
}

function readTest(parameters: Parameters, isIgnoringCase: boolean): void {
  let test = "";
  for (let i = 0; i < tests.length; i++) {
    if (!parameters.has(tests[i])) continue;
    if (test.length > 0) parameters.refuse(`only one of \`${test}\` and \`${tests[i]}\` can be given`);
    test = tests[i];
  }
  if (test.length == 0) return parameters.refuse("one of the parameters `text`, `texts`, `glob` and `regex` must be given");
  if (parameters.has("match") && test != "texts") parameters.refuse("the parameter `match` goes with `texts` only");
  const wanted = parameters.required(test);
  if (test == "text") needles = new Needles([wanted], isIgnoringCase);
  else if (test == "texts") needles = new Needles(textsOf(parameters, wanted), isIgnoringCase);
  else if (test == "glob") pattern = new Glob(wanted, isIgnoringCase);
  else pattern = new Regex(wanted, isIgnoringCase);
}

function textsOf(parameters: Parameters, json: string): string[] {
  const texts: string[] = [];
  const all = new JsonPath("$");
  const list = all.find(Slice.of(json));
  if (all.isInvalid) parameters.refuse(`the parameter \`texts\` is no JSON: ${all.problem}`);
  else if (!list.isArray) parameters.refuse("the parameter `texts` must be a JSON array");
  const entries = new JsonEntries();
  for (entries.open(list); entries.next(); ) {
    const text = entries.value.toString();
    if (!entries.value.isString) parameters.refuse(`the parameter \`texts\` has ${text} where a text in quotes should be`);
    else if (text.length == 0) parameters.refuse("the parameter `texts` has an empty text, which is everywhere");
    texts.push(text);
  }
  if (texts.length == 0) parameters.refuse("the parameter `texts` has no text");
  return texts;
}

export function filter(record: Record): bool {
  return isFitting(record) != isInverted;
}

function isFitting(record: Record): boolean {
  switch (place) {
    case inValue:
      return fits(record.value);
    case inKey:
      return record.hasKey && fits(record.key);
    case inHeader:
      return hasFittingHeader(record);
    default:
      const field = record.json(path);
      return field.exists && fits(field.content);
  }
}

function hasFittingHeader(record: Record): boolean {
  const headers = record.headers;
  for (let i = 0, count = headers.count; i < count; i++) {
    if (headers.name(i).equals(header) && fits(headers.value(i))) return true;
  }
  return false;
}

function fits(text: Slice): boolean {
  const given = pattern;
  if (given !== null) return given.fits(text);
  return areAllWanted ? needles.areAllIn(text) : needles.isIn(text);
}
