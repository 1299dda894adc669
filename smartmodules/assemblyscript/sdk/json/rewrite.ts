import { recordArena } from "../memory/arena";
import { refuse } from "../parameters/refusal";
import { findByte } from "../text/bytes";
import { Slice } from "../text/slice";
import { TextWriter } from "../text/writer";
import {
  expectColon,
  expectCommaOrBrace,
  expectCommaOrBracket,
  expectEnd,
  expectLessDepth,
  expectName,
  expectValue,
  jsonProblem,
} from "./expected";
import { JsonField } from "./field";
import { PatternNode, ruleNone, ruleRemove, ruleReplace } from "./pattern-node";
import { PatternReader } from "./pattern-reader";
import {
  backslash,
  closeBrace,
  closeBracket,
  colon,
  comma,
  fail,
  failedAt,
  failedExpecting,
  openBrace,
  openBracket,
  quote,
  skipSpace,
  skipString,
} from "./tokens";
import { unescape } from "./unescape";
import { skipInside } from "./walk";

const depthMax: i32 = 512;

/**
 * Changes values of a JSON text and copies everything else byte by byte. Paths are as in `JsonPath`, with `[*]` for every element and `..name`
 * for a member of that name at any depth: `user.email`, `users[*].email`, `..password`, `orders..card[*]`.
 *
 * Every member that a path means is changed, also where a name stands there twice or is written with escapes, and all of the text is
 * checked. What lies below a value that is changed is not looked at.
 *
 *     const rewrite = new JsonRewrite();
 *     rewrite.replace("user.email");
 *     …
 *     if (!rewrite.run(record.value, (value, output) => { output.add('"***"'); })) record.fail(rewrite.problem);
 *     else if (rewrite.isChanged) record.value = rewrite.result;
 */
export class JsonRewrite {
  /** Something was changed in the text that was rewritten last. */
  isChanged: boolean = false;
  /** What came out of it, good until your function returns. */
  result: Slice = new Slice();
  /** What is wrong with it; empty when nothing is. */
  problem: string = "";
  private root: PatternNode = new PatternNode();
  private writer: TextWriter = new TextWriter();
  private field: JsonField = new JsonField();
  /** The places where the values around the place in hand are, level after level. */
  private places: PatternNode[] = [];
  private rule: i32 = ruleNone;
  private replacement: (value: JsonField, output: TextWriter) => void = nothing;
  /** The value that was edited last is to be removed. */
  private wasRemoved: boolean = false;
  private end: usize = 0;
  /** Where the bytes begin that were passed over and not copied yet. */
  private copyFrom: usize = 0;

  /** Lets the values that a path leads to be replaced. A path that cannot be read makes the module refuse its parameters. */
  replace(path: string): void {
    this.add(path, ruleReplace);
  }

  /** Lets the members and elements that a path leads to be removed. The whole text cannot be. */
  remove(path: string): void {
    if (this.add(path, ruleRemove) == this.root) refuse(`the path \`${path}\` leads to the whole value, which cannot be removed`);
  }

  private add(path: string, rule: i32): PatternNode {
    const reader = new PatternReader(path);
    if (reader.problem.length > 0) refuse(`the path \`${path}\` cannot be read: ${reader.problem}`);
    const node = this.root.at(reader);
    node.rule = rule;
    return node;
  }

  /** Rewrites a text; `replacement` writes what stands in place of a value. False when the text is not JSON. */
  run(text: Slice, replacement: (value: JsonField, output: TextWriter) => void): boolean {
    this.replacement = replacement;
    this.end = text.at + text.length;
    this.copyFrom = text.at;
    this.isChanged = false;
    this.places.length = 0;
    this.rule = ruleNone;
    this.enter(this.root, 0);
    const at = skipSpace(text.at, this.end);
    let after = at == this.end ? fail(at, expectValue) : this.edit(at, 0, 0);
    if (after != 0) {
      after = skipSpace(after, this.end);
      if (after != this.end) after = fail(after, expectEnd);
    }
    this.problem = after != 0 ? "" : jsonProblem(<i32>(failedAt - text.at), text.length, failedExpecting);
    if (this.isChanged) {
      this.copyUntil(this.end);
      this.result = this.writer.end();
    }
    return after != 0;
  }

  /** Notes a place where the next value is, whose places begin at `from`, and what is meant at any depth below it. */
  private enter(place: PatternNode, from: i32): void {
    this.rule = max(this.rule, place.rule);
    const deep = place.deep;
    if (deep !== null) this.hold(deep, from);
    if (place.children.length > 0) this.hold(place, from);
  }

  /** Many ways may lead to one place, which counts once: otherwise there would be more and more of them with each level. */
  private hold(place: PatternNode, from: i32): void {
    for (let i = from, count = this.places.length; i < count; i++) if (unchecked(this.places[i]) == place) return;
    this.places.push(place);
  }

  /** Goes on with what was passed over: writes it and leaves out what comes until `copyFrom` is set anew. */
  private copyUntil(at: usize): void {
    if (!this.isChanged) this.writer.begin();
    this.isChanged = true;
    this.writer.addBytes(this.copyFrom, at - this.copyFrom);
  }

  /** A value that is at the places from `from` on, which are given up. */
  private edit(at: usize, from: i32, depth: i32): usize {
    const rule = this.rule;
    this.rule = ruleNone;
    let after: usize;
    if (rule != ruleNone || this.places.length == from) {
      after = at < this.end ? skipInside(at, this.end, depth) : fail(at, expectValue);
      if (rule == ruleReplace && after != 0) {
        this.copyUntil(at);
        this.field.set(at, after);
        this.replacement(this.field, this.writer);
        this.copyFrom = after;
      }
    } else {
      const byte: u32 = at < this.end ? load<u8>(at) : 0;
      if (byte == openBrace || byte == openBracket) {
        if (depth == depthMax) return fail(at, expectLessDepth);
        after = byte == openBrace ? this.members(at + 1, from, depth + 1) : this.elements(at + 1, from, depth + 1);
      } else after = at < this.end ? skipInside(at, this.end, depth) : fail(at, expectValue);
    }
    this.places.length = from;
    this.wasRemoved = rule == ruleRemove;
    return after;
  }

  /** The members of an object, from the byte after its opening brace to the byte after the closing one. */
  private members(at: usize, from: i32, depth: i32): usize {
    const until = this.places.length;
    let entryAt = at;
    let hasKept = false;
    at = skipSpace(at, this.end);
    if (at < this.end && load<u8>(at) == closeBrace) return at + 1;
    while (true) {
      at = skipSpace(at, this.end);
      if (at >= this.end || load<u8>(at) != quote) return fail(at, expectName);
      const nameAt = at + 1;
      at = skipString(nameAt, this.end);
      if (at == 0) return 0;
      this.enterMember(nameAt, at - 1, from, until);
      at = skipSpace(at, this.end);
      if (at >= this.end || load<u8>(at) != colon) return fail(at, expectColon);
      at = this.edit(skipSpace(at + 1, this.end), until, depth);
      if (at == 0) return 0;
      at = skipSpace(at, this.end);
      const byte: u32 = at < this.end ? load<u8>(at) : 0;
      if (byte != comma && byte != closeBrace) return fail(at, expectCommaOrBrace);
      if (this.wasRemoved) this.drop(entryAt, at, hasKept, byte == comma);
      else hasKept = true;
      at++;
      if (byte == closeBrace) return at;
      entryAt = at;
    }
    return 0;
  }

  /** The elements of an array, from the byte after its opening bracket to the byte after the closing one. */
  private elements(at: usize, from: i32, depth: i32): usize {
    const until = this.places.length;
    let entryAt = at;
    let hasKept = false;
    at = skipSpace(at, this.end);
    if (at < this.end && load<u8>(at) == closeBracket) return at + 1;
    let position = 0;
    while (true) {
      for (let i = from; i < until; i++) {
        const place = unchecked(this.places[i]);
        for (let j = 0, count = place.children.length; j < count; j++) {
          const child = unchecked(place.children[j]);
          if (child.isElement(position)) this.enter(child, until);
        }
        if (place.isDeep) this.enter(place, until);
      }
      position++;
      at = this.edit(skipSpace(at, this.end), until, depth);
      if (at == 0) return 0;
      at = skipSpace(at, this.end);
      const byte: u32 = at < this.end ? load<u8>(at) : 0;
      if (byte != comma && byte != closeBracket) return fail(at, expectCommaOrBracket);
      if (this.wasRemoved) this.drop(entryAt, at, hasKept, byte == comma);
      else hasKept = true;
      at++;
      if (byte == closeBracket) return at;
      entryAt = at;
    }
    return 0;
  }

  /** Enters the places of a member, by its name as it stands between quotes. */
  private enterMember(at: usize, end: usize, from: i32, until: i32): void {
    let length = end - at;
    if (findByte(at, length, backslash) != 0) {
      const name = recordArena.take(length);
      length = unescape(at, end, name);
      at = name;
    }
    for (let i = from; i < until; i++) {
      const place = unchecked(this.places[i]);
      for (let j = 0, count = place.children.length; j < count; j++) {
        const child = unchecked(place.children[j]);
        if (child.isMember(at, <i32>length)) this.enter(child, until);
      }
      if (place.isDeep) this.enter(place, until);
    }
  }

  /** Leaves out an entry, and with it the comma before it, or after it when all entries before it are gone. */
  private drop(entryAt: usize, entryEnd: usize, hasKept: boolean, hasNext: boolean): void {
    this.copyUntil(hasKept ? entryAt - 1 : entryAt);
    this.copyFrom = !hasKept && hasNext ? entryEnd + 1 : entryEnd;
  }
}

function nothing(value: JsonField, output: TextWriter): void {}
