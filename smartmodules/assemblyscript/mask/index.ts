/*
 * mask: hides fields of JSON records. Everything else stays byte by byte what it was.
 *
 *   fields    the fields, as a JSON array of paths such as ["user.email", "orders[*].card", "..password"]; [*] stands for every element,
 *             and two dots for any depth
 *   action    what becomes of their values:
 *               redact (when not given)  `text` in their place
 *               hash                     a keyed hash (HMAC-SHA-256), so that equal values can still be told from others
 *               partial                  stars in place of all characters but the last ones
 *               remove                   nothing; the member or element is gone
 *   text      with redact: what stands there, *** when not given
 *   key       with hash: a secret of at least 16 bytes, without which nobody can try out what a hash was made of
 *   encoding  with hash: hex (when not given) or base64
 *   length    with hash: how many characters of it are kept, from 8 on; all of them when not given
 *   keep      with partial: how many characters stay, from 0 to 64; 4 when not given. Of short values never more than half is shown
 *
 * Every value is hidden whatever its kind is: texts by what they stand for, so that escapes make no difference, all others as they stand. Of
 * the kinds that have no characters worth keeping (objects, arrays, true, false, null) `partial` leaves ***.
 * A field is hidden wherever its name stands, also twice in one object or with escapes. A record that is not JSON from end to end fails.
 */

import {
  base64,
  hex,
  HmacSha256,
  JsonEntries,
  JsonField,
  JsonPath,
  JsonRewrite,
  Parameters,
  Record,
  Slice,
  TextWriter,
} from "millrace/assemblyscript";

/* Actions. */
const redact = 0;
const hash = 1;
const partial = 2;
const remove = 3;

const actions = ["redact", "hash", "partial", "remove"];
/** The action that each of the other parameters goes with. */
const actionOf = ["text", "redact", "key", "hash", "encoding", "hash", "length", "hash", "keep", "partial"];

const keyBytesMin = 16;
const hashLengthMin = 8;
const keepMax = 64;
const star: u8 = 0x2a;
const quote: u8 = 0x22;

const rewrite = new JsonRewrite();
const shown = new Slice();
let action = redact;
let text = Slice.of("");
let hmac = new HmacSha256(Slice.of(""));
let isBase64 = false;
let hashLength = i32.MAX_VALUE;
let keep = 4;

export function init(parameters: Parameters): void {
  parameters.allow(["fields", "action", "text", "key", "encoding", "length", "keep"]);
  const name = parameters.oneOf("action", actions, "redact");
  action = actions.indexOf(name);
  for (let i = 0; i < actionOf.length; i += 2) {
    if (parameters.has(actionOf[i]) && actionOf[i + 1] != name) parameters.refuse(`the parameter \`${actionOf[i]}\` goes with the action ${actionOf[i + 1]} only`);
  }
  text = Slice.of(parameters.get("text", "***"));
  if (action == hash) readHash(parameters);
  keep = wholeNumber(parameters, "keep", 4, 0, keepMax);
  readFields(parameters);
}

function readHash(parameters: Parameters): void {
  const key = Slice.of(parameters.required("key"));
  if (key.length < keyBytesMin) parameters.refuse(`the parameter \`key\` must have at least ${keyBytesMin} bytes, so that nobody guesses it`);
  hmac = new HmacSha256(key);
  isBase64 = parameters.oneOf("encoding", ["hex", "base64"], "hex") == "base64";
  const longest = isBase64 ? 44 : 64;
  hashLength = wholeNumber(parameters, "length", longest, hashLengthMin, longest);
}

function wholeNumber(parameters: Parameters, name: string, otherwise: i32, least: i32, most: i32): i32 {
  const number = parameters.number(name, otherwise);
  if (!(number >= least && number <= most && number == Math.floor(number))) parameters.refuse(`the parameter \`${name}\` must be a whole number from ${least} to ${most}`);
  return <i32>number;
}

function readFields(parameters: Parameters): void {
  const all = new JsonPath("$");
  const list = all.find(Slice.of(parameters.required("fields")));
  if (all.isInvalid) parameters.refuse(`the parameter \`fields\` is no JSON: ${all.problem}`);
  else if (!list.isArray) parameters.refuse("the parameter `fields` must be a JSON array");
  let count = 0;
  const entries = new JsonEntries();
  for (entries.open(list); entries.next(); count++) {
    const path = entries.value.toString();
    if (!entries.value.isString) parameters.refuse(`the parameter \`fields\` has ${path} where a path in quotes should be`);
    else if (action == remove) rewrite.remove(path);
    else rewrite.replace(path);
  }
  if (count == 0) parameters.refuse("the parameter `fields` names no field");
}

export function map(record: Record): void {
  if (!rewrite.run(record.value, hide)) record.fail(rewrite.problem);
  else if (rewrite.isChanged) record.value = rewrite.result;
}

function hide(value: JsonField, output: TextWriter): void {
  if (action == hash) {
    const signed = hmac.sign(value.content);
    const written = isBase64 ? base64.encode(signed) : hex.encode(signed);
    shown.set(written.at, min(written.length, hashLength));
    output.quoted(shown);
  } else if (action == partial) hidePart(value, output);
  else output.quoted(text);
}

function hidePart(value: JsonField, output: TextWriter): void {
  if (!value.isString && !value.isNumber) {
    output.add('"***"');
    return;
  }
  const content = value.content;
  const end = content.at + content.length;
  let count = 0;
  for (let at = content.at; at < end; at++) count += i32(!isContinuation(at));
  const left = min(keep, count / 2);
  let from = end;
  for (let i = 0; i < left; i++) from = characterBefore(from, content.at);
  output.byte(quote);
  for (let i = left; i < count; i++) output.byte(star);
  shown.set(from, <i32>(end - from));
  output.escaped(shown).byte(quote);
}

/** Start of the character that ends before an address. One of UTF-8 has at most four bytes, and other bytes must not show more. */
function characterBefore(at: usize, start: usize): usize {
  const first = max(start, at - 4);
  at--;
  while (at > first && isContinuation(at)) at--;
  return at;
}

function isContinuation(at: usize): boolean {
  return (load<u8>(at) & 0xc0) == 0x80;
}
