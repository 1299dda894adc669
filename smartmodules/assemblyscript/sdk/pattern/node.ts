import { Ranges } from "./ranges";

/* Kinds of nodes. */
export const nodeEmpty: i32 = 0;
/** One character of a set. */
export const nodeSet: i32 = 1;
/** One byte, whatever it is. */
export const nodeAnyByte: i32 = 2;
/** A place: `least` says which, see below. */
export const nodePlace: i32 = 3;
/** The children, one after another. */
export const nodeSequence: i32 = 4;
/** One of the children. */
export const nodeChoice: i32 = 5;
/** The child, `least` to `most` times. */
export const nodeRepeat: i32 = 6;

/* Places. */
export const placeStart: i32 = 0;
export const placeEnd: i32 = 1;
export const placeWordEdge: i32 = 2;
export const placeNoWordEdge: i32 = 3;

/** `most` of a repetition without an end. */
export const unlimited: i32 = -1;

/** A part of a pattern. */
export class PatternNode {
  readonly kind: i32;
  readonly children: PatternNode[] = [];
  ranges: Ranges | null = null;
  least: i32 = 0;
  most: i32 = 0;

  constructor(kind: i32) {
    this.kind = kind;
  }

  static set(ranges: Ranges): PatternNode {
    const node = new PatternNode(nodeSet);
    node.ranges = ranges;
    return node;
  }

  static place(place: i32): PatternNode {
    const node = new PatternNode(nodePlace);
    node.least = place;
    return node;
  }

  static repeat(child: PatternNode, least: i32, most: i32): PatternNode {
    const node = new PatternNode(nodeRepeat);
    node.children.push(child);
    node.least = least;
    node.most = most;
    return node;
  }

  /** Several nodes as one; a single one stays as it is. */
  static group(kind: i32, nodes: PatternNode[]): PatternNode {
    if (nodes.length == 1) return nodes[0];
    const group = new PatternNode(nodes.length == 0 ? nodeEmpty : kind);
    for (let i = 0; i < nodes.length; i++) group.children.push(nodes[i]);
    return group;
  }
}
