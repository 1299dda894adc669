import { JsonName, Parameters, Record, Slice } from "millrace/assemblyscript";
import { PathReader } from "millrace/assemblyscript/json/path-reader";
import { equalsEscaped } from "millrace/assemblyscript/json/unescape";
import { sameBytes } from "millrace/assemblyscript/text/bytes";

/* What becomes of a member. */
export const stays: u32 = 0;
export const isRenamed: u32 = 1;
export const isRemoved: u32 = 2;

/** What is wanted of the members of one name, at one place of a document. */
export class Rule {
  readonly bytes: Slice;
  isRemoved: boolean = false;
  newName: JsonName | null = null;
  /** The rule of the new name, at the same place. */
  target: Rule | null = null;
  /** What is wanted inside of the member's value. */
  inside: Level | null = null;
  /** Number of the last object that had such a member, and what becomes of it there. */
  seenIn: u32 = 0;
  outcome: u32 = stays;

  constructor(readonly name: string) {
    this.bytes = Slice.of(name);
  }
}

/** What is wanted at one place of a document: of the members of an object, or in the elements of an array. */
export class Level {
  readonly rules: Rule[] = [];
  readonly positions: i32[] = [];
  readonly elements: Level[] = [];
  private conflict: string = "";
  /** Rules with a new name, in the order in which they were given. */
  private renames: Rule[] = [];
  /** A bit for each length, modulo 64, that a name has. */
  private lengths: u64 = 0;

  /** Tells all levels what happens where a name is taken, once all rules are there. */
  settle(conflict: string): void {
    this.conflict = conflict;
    for (let i = 0; i < this.rules.length; i++) {
      const inside = this.rules[i].inside;
      if (inside !== null) inside.settle(conflict);
    }
    for (let i = 0; i < this.elements.length; i++) this.elements[i].settle(conflict);
  }

  /** Lets members get another name. A path that cannot be read, or leads to no member, is refused. */
  rename(parameters: Parameters, path: string, newName: string): void {
    const reader = new PathReader(path);
    if (!isToMember(parameters, reader, path)) return;
    const level = this.around(reader);
    const rule = level.ruleNamed(reader.lastName);
    if (rule.newName !== null) parameters.refuse(`the path \`${path}\` is renamed twice`);
    rule.newName = new JsonName(newName);
    rule.target = level.ruleNamed(newName);
    level.renames.push(rule);
  }

  /** Lets members be left out. */
  remove(parameters: Parameters, path: string): void {
    const reader = new PathReader(path);
    if (!isToMember(parameters, reader, path)) return;
    const rule = this.around(reader).ruleNamed(reader.lastName);
    if (rule.newName !== null) parameters.refuse(`the path \`${path}\` is both renamed and removed`);
    rule.isRemoved = true;
  }

  /** The level that the last name of a path belongs to. */
  private around(reader: PathReader): Level {
    let level: Level = this;
    for (let i = 0; i < reader.names.length - 1; i++) {
      level = reader.positions[i] < 0 ? level.insideOf(reader.names[i]) : level.element(reader.positions[i]);
    }
    return level;
  }

  /** The rule of a name, made where there is none. */
  private ruleNamed(name: string): Rule {
    for (let i = 0; i < this.rules.length; i++) if (this.rules[i].name == name) return this.rules[i];
    const rule = new Rule(name);
    this.rules.push(rule);
    this.lengths |= <u64>1 << (rule.bytes.length & 63);
    return rule;
  }

  private insideOf(name: string): Level {
    const rule = this.ruleNamed(name);
    let inside = rule.inside;
    if (inside === null) {
      inside = new Level();
      rule.inside = inside;
    }
    return inside;
  }

  private element(position: i32): Level {
    const index = this.positions.indexOf(position);
    if (index >= 0) return this.elements[index];
    const level = new Level();
    this.positions.push(position);
    this.elements.push(level);
    return level;
  }

  /** The rule of a member whose name stands between two quotes. */
  ruleOf(at: usize, end: usize, isEscaped: boolean): Rule | null {
    const length = end - at;
    if (!isEscaped && ((this.lengths >> (length & 63)) & 1) == 0) return null;
    for (let i = 0, count = this.rules.length; i < count; i++) {
      const rule = unchecked(this.rules[i]);
      const bytes = rule.bytes;
      if (isEscaped) {
        if (equalsEscaped(at, end, bytes.at, bytes.length)) return rule;
      } else if (<i32>length == bytes.length && sameBytes(at, bytes.at, length)) return rule;
    }
    return null;
  }

  /** Decides what becomes of the members of an object that were seen in it. False for a conflict that fails the record. */
  decide(record: Record, object: u32): boolean {
    const rules = this.rules;
    for (let i = 0, count = rules.length; i < count; i++) {
      const rule = unchecked(rules[i]);
      rule.outcome = rule.isRemoved ? isRemoved : rule.newName !== null && rule.target !== rule ? isRenamed : stays;
    }
    // What becomes of one may put another in the way or out of it: from the beginning again, until there is no conflict.
    const renames = this.renames;
    for (let i = 0; i < renames.length; i++) {
      const rule = unchecked(renames[i]);
      if (rule.seenIn != object || rule.outcome != isRenamed) continue;
      const other = this.inTheWay(rule, i, object);
      if (other === null) continue;
      if (this.conflict == "fail") {
        record.fail(conflictText(rule, other));
        return false;
      }
      if (this.conflict == "replace") other.outcome = isRemoved;
      else rule.outcome = stays;
      i = -1;
    }
    return true;
  }

  /** A member that has, or gets before, the new name of another. */
  private inTheWay(rule: Rule, index: i32, object: u32): Rule | null {
    const target = rule.target;
    if (target === null) return null;
    if (target.seenIn == object && target.outcome == stays) return target;
    for (let i = 0; i < index; i++) {
      const other = unchecked(this.renames[i]);
      if (other.seenIn == object && other.outcome == isRenamed && other.target === target) return other;
    }
    return null;
  }
}

function conflictText(rule: Rule, other: Rule): string {
  const target = rule.target as Rule;
  const taken = target === other ? "" : ", which is renamed from `" + other.name + "`";
  return `\`${rule.name}\` cannot be renamed: there is \`${target.name}\` already${taken}`;
}

function isToMember(parameters: Parameters, reader: PathReader, path: string): boolean {
  const last = reader.names.length - 1;
  if (reader.problem.length > 0) parameters.refuse(`the path \`${path}\` cannot be read: ${reader.problem}`);
  else if (last < 0 || reader.positions[last] >= 0) parameters.refuse(`the path \`${path}\` does not end in the name of a member`);
  else return true;
  return false;
}
