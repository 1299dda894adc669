import { isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from "yaml";
import type { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Report } from "../report.ts";
import type { ConfigNode, MapEntry, MapNode, Place, ScalarNode } from "./node.ts";

interface BuilderContext {
  placeAt(offset: number): Place;
  syntaxError(offset: number, problem: string, hint?: string): MillraceError;
  readonly report: Report;
}

/**
 * Makes nodes with places from what the YAML library read. An alias shares the nodes it stands for, so that none is
 * copied.
 */
export class TreeBuilder {
  readonly #context: BuilderContext;
  /** What each anchor names so far; undefined while that is being built. */
  readonly #anchors = new Map<string, ConfigNode | undefined>();

  constructor(context: BuilderContext) {
    this.#context = context;
  }

  /** @throws MillraceError `config.syntax` for an alias that leads nowhere, into itself or to too much */
  build(source: Node): ConfigNode {
    const offset = offsetOf(source);
    if (isAlias(source)) return this.#follow(source.source, offset);
    const anchor = "anchor" in source ? source.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const node = this.#make(source, this.#context.placeAt(offset));
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    if (node.size > limits.configValuesMax.default) {
      const most = limits.configValuesMax.default;
      throw this.#context.syntaxError(offset, `this holds more than ${most} values, aliases followed`);
    }
    return node;
  }

  #make(source: Node, place: Place): ConfigNode {
    if (isMap<Scalar, Node | null>(source)) return this.#map(source, place);
    if (isSeq<Node>(source)) {
      const items = source.items.map((item) => this.build(item));
      return { kind: "list", place, items, size: sizeOf(items) };
    }
    return scalarOf(source, place);
  }

  #map(source: YAMLMap<Scalar, Node | null>, place: Place): MapNode {
    const { placeAt, report } = this.#context;
    const entries = new Map<string, MapEntry>();
    for (const { key: keySource, value: valueSource } of source.items) {
      const key = String(keySource.value);
      const keyPlace = placeAt(offsetOf(keySource));
      if (keySource.anchor !== undefined) this.#anchors.set(keySource.anchor, scalarOf(keySource, keyPlace));
      const value = valueSource === null ? nothingAt(keyPlace) : this.build(valueSource);
      const first = entries.get(key);
      if (first === undefined) entries.set(key, { keyPlace, value });
      else
        report.error(keyPlace, `${JSON.stringify(key)} is given twice; first in line ${first.keyPlace.line}`);
    }
    return { kind: "map", place, entries, size: sizeOf([...entries.values()].map(({ value }) => value)) };
  }

  #follow(anchor: string, offset: number): ConfigNode {
    const { placeAt, syntaxError } = this.#context;
    const node = this.#anchors.get(anchor);
    if (node !== undefined) return { ...node, place: placeAt(offset) };
    const problem = this.#anchors.has(anchor) ? "is inside what it stands for" : "has no anchor before it";
    throw syntaxError(offset, `the alias *${anchor} ${problem}`);
  }
}

function offsetOf(source: Node): number {
  return source.range?.[0] ?? 0;
}

function sizeOf(inner: readonly ConfigNode[]): number {
  return inner.reduce((sum, { size }) => sum + size, 1);
}

function nothingAt(place: Place): ScalarNode {
  return { kind: "scalar", value: null, text: "", place, size: 1 };
}

function scalarOf(source: Node, place: Place): ScalarNode {
  const { value, source: text } = isScalar(source) ? source : { value: null, source: "" };
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return { kind: "scalar", value, text: text ?? String(value), place, size: 1 };
    default:
      return { kind: "scalar", value: null, text: text ?? "", place, size: 1 };
  }
}
