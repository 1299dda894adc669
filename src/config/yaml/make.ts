import type { ConfigNode, ListNode, MapEntry, MapNode, Place, ScalarNode } from "./node.ts";

/** A text that stands for something else that was written at a place. */
export function textAt(place: Place, text: string): ScalarNode {
  return { kind: "scalar", value: text, text, place, size: 1 };
}

export function listAt(place: Place, items: readonly ConfigNode[]): ListNode {
  return { kind: "list", items, place, size: sizeOf(items) };
}

export function mapAt(place: Place, entries: Iterable<readonly [string, MapEntry]>): MapNode {
  const made = new Map(entries);
  return { kind: "map", entries: made, place, size: sizeOf([...made.values()].map(({ value }) => value)) };
}

function sizeOf(inner: readonly ConfigNode[]): number {
  return inner.reduce((sum, { size }) => sum + size, 1);
}
