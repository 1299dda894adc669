import { sameBytes } from "../text/bytes";
import { Slice } from "../text/slice";
import { aMember, everyElement, PatternReader } from "./pattern-reader";

/** What becomes of a value. */
export const ruleNone: i32 = 0;
export const ruleReplace: i32 = 1;
export const ruleRemove: i32 = 2;

/** A place in the tree that paths to many values are compiled to. A value may be at several of these places at once. */
export class PatternNode {
  /** What becomes of the values at this place. */
  rule: i32 = ruleNone;
  /** The same place at any depth below. */
  deep: PatternNode | null = null;
  /** This is the `deep` of another place, and stays in force all the way down. */
  isDeep: boolean = false;
  readonly children: PatternNode[] = [];
  private name: Slice = Slice.of("");
  private position: i32 = aMember;

  /** The place that a path leads to from here, made where there is none. */
  at(path: PatternReader): PatternNode {
    let node: PatternNode = this;
    for (let i = 0; i < path.names.length; i++) {
      if (path.areDeep[i]) node = node.below();
      node = node.child(path.names[i], path.positions[i]);
    }
    return node;
  }

  private below(): PatternNode {
    const present = this.deep;
    if (present !== null) return present;
    const node = new PatternNode();
    node.isDeep = true;
    this.deep = node;
    return node;
  }

  private child(name: string, position: i32): PatternNode {
    for (let i = 0; i < this.children.length; i++) {
      const child = this.children[i];
      if (child.position == position && child.name.equals(name)) return child;
    }
    const node = new PatternNode();
    node.name = Slice.of(name);
    node.position = position;
    this.children.push(node);
    return node;
  }

  isMember(at: usize, length: i32): boolean {
    return this.position == aMember && this.name.length == length && sameBytes(at, this.name.at, length);
  }

  isElement(position: i32): boolean {
    return this.position == position || this.position == everyElement;
  }
}
