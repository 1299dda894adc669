import {
  nodeAnyByte,
  nodeChoice,
  nodeEmpty,
  nodePlace,
  nodeRepeat,
  nodeSequence,
  nodeSet,
  PatternNode,
  placeStart,
  unlimited,
} from "./node";
import { Ranges } from "./ranges";
import { utf8Sequences } from "./utf8-ranges";

/** Larger patterns are refused: the work for a byte is in proportion to this at worst. */
export const stepsMax: i32 = 4000;

/* What a step does. */
export const stepMatch: i32 = 0;
/** Takes a byte from `first` to `last` and goes to `next`. */
export const stepByte: i32 = 1;
/** Goes to `next` and to `first`. */
export const stepSplit: i32 = 2;
/** Goes to `next` where the place is the one in `first`. */
export const stepPlace: i32 = 3;

/** A pattern as steps on bytes, made from its end to its start: the step 0 is the match. */
export class Program {
  readonly kinds: i32[] = [];
  readonly firsts: i32[] = [];
  readonly lasts: i32[] = [];
  readonly nexts: i32[] = [];
  /** The step to begin with. */
  readonly start: i32;
  /** A match can begin nowhere but at the start of the text. */
  readonly isAnchored: boolean;
  /** The pattern has more than `stepsMax` steps, and the program is of no use. */
  isTooLarge: boolean = false;

  constructor(pattern: PatternNode) {
    this.step(stepMatch, 0, 0, 0);
    this.start = this.emit(pattern, 0);
    this.isAnchored = beginsAtStart(pattern);
  }

  get length(): i32 {
    return this.kinds.length;
  }

  private step(kind: i32, first: i32, last: i32, next: i32): i32 {
    if (this.kinds.length >= stepsMax) {
      this.isTooLarge = true;
      return 0;
    }
    this.kinds.push(kind);
    this.firsts.push(first);
    this.lasts.push(last);
    this.nexts.push(next);
    return this.kinds.length - 1;
  }

  /** Makes the steps of a node that go on to `next`, and returns the one to begin with. */
  private emit(node: PatternNode, next: i32): i32 {
    if (this.isTooLarge) return 0;
    const ranges = node.ranges;
    switch (node.kind) {
      case nodeEmpty:
        return next;
      case nodeSet:
        return ranges === null ? next : this.emitSet(ranges, next);
      case nodeAnyByte:
        return this.step(stepByte, 0, 0xff, next);
      case nodePlace:
        return this.step(stepPlace, node.least, 0, next);
      case nodeSequence:
        for (let i = node.children.length - 1; i >= 0; i--) next = this.emit(node.children[i], next);
        return next;
      case nodeChoice:
        return this.emitChoice(node, next);
      default:
        return this.emitRepeat(node.children[0], node.least, node.most, next);
    }
  }

  private emitChoice(node: PatternNode, next: i32): i32 {
    let entry = -1;
    for (let i = node.children.length - 1; i >= 0; i--) {
      const branch = this.emit(node.children[i], next);
      entry = entry < 0 ? branch : this.step(stepSplit, entry, 0, branch);
    }
    return entry;
  }

  private emitRepeat(child: PatternNode, least: i32, most: i32, next: i32): i32 {
    let entry = next;
    let copies = least;
    if (most == unlimited) {
      const split = this.step(stepSplit, next, 0, next);
      const body = this.emit(child, split);
      this.nexts[split] = body;
      entry = least == 0 ? split : body;
      copies = max(least - 1, 0);
    } else {
      for (let i = least; i < most && !this.isTooLarge; i++) entry = this.step(stepSplit, next, 0, this.emit(child, entry));
    }
    for (let i = 0; i < copies && !this.isTooLarge; i++) entry = this.emit(child, entry);
    return entry;
  }

  private emitSet(ranges: Ranges, next: i32): i32 {
    const own = this.length;
    const points = ranges.settle().points;
    let entry = -1;
    for (let i = points.length - 2; i >= 0 && !this.isTooLarge; i -= 2) {
      const sequences = utf8Sequences(points[i], points[i + 1]);
      for (let at = 0; at < sequences.length; at += 1 + 2 * sequences[at]) {
        let branch = next;
        for (let place = sequences[at] - 1; place >= 0; place--) {
          branch = this.emitByte(sequences[at + 1 + 2 * place], sequences[at + 2 + 2 * place], branch, own);
        }
        entry = entry < 0 ? branch : this.step(stepSplit, entry, 0, branch);
      }
    }
    // A set without characters fits nothing, and so does a range of bytes without bytes.
    return entry < 0 ? this.step(stepByte, 1, 0, next) : entry;
  }

  /** A step for a range of bytes; the sequences of a set often end in the same way, and share those. */
  private emitByte(first: i32, last: i32, next: i32, own: i32): i32 {
    for (let i = own; i < this.length; i++) {
      if (this.kinds[i] == stepByte && this.firsts[i] == first && this.lasts[i] == last && this.nexts[i] == next) return i;
    }
    return this.step(stepByte, first, last, next);
  }
}

function beginsAtStart(node: PatternNode): boolean {
  if (node.kind == nodePlace) return node.least == placeStart;
  if (node.kind == nodeSequence) return beginsAtStart(node.children[0]);
  if (node.kind == nodeRepeat) return node.least > 0 && beginsAtStart(node.children[0]);
  if (node.kind != nodeChoice) return false;
  for (let i = 0; i < node.children.length; i++) if (!beginsAtStart(node.children[i])) return false;
  return true;
}
