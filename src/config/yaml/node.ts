/** A place in a text: lines and columns count from 1, columns in UTF-16 units as editors count them. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

interface NodeBase {
  /** Where it is written; for what an alias stands for, the place of the alias. */
  readonly place: Place;
  /** How many values it holds, itself among them and aliases followed. */
  readonly size: number;
}

export interface ScalarNode extends NodeBase {
  readonly kind: "scalar";
  /** Whole numbers are bigints, so that none loses digits; other numbers are numbers. */
  readonly value: string | number | bigint | boolean | null;
  /** As written, without quotes; empty where a key has no value. */
  readonly text: string;
  /** Whether a secret was filled in, so that the value must not be told. */
  readonly isSecret?: true;
}

export interface ListNode extends NodeBase {
  readonly kind: "list";
  readonly items: readonly ConfigNode[];
}

export interface MapEntry {
  readonly keyPlace: Place;
  readonly value: ConfigNode;
}

export interface MapNode extends NodeBase {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/**
 * A value of a config together with its place. Whatever rebuilds a config (an older form, say) moves these nodes about,
 * so that a problem found later still points at what the user wrote.
 */
export type ConfigNode = ScalarNode | ListNode | MapNode;

/** Keys and indexes from the root to a value. */
export type Path = readonly (string | number)[];

/** What a path leads to. */
export interface Located {
  /** The value, or undefined where there is none. */
  readonly node: ConfigNode | undefined;
  /**
   * The place to name for it: of a text or number itself, of the key of anything else; of the innermost holder where it
   * is missing.
   */
  readonly place: Place;
}

export function locate(root: ConfigNode, path: Path): Located {
  let node: ConfigNode = root;
  let place = root.place;
  for (const step of path) {
    const entry: MapEntry | undefined = node.kind === "map" ? node.entries.get(String(step)) : undefined;
    const item: ConfigNode | undefined = node.kind === "list" ? node.items[Number(step)] : entry?.value;
    if (item === undefined) return { node: undefined, place };
    const namedByKey = entry !== undefined && (item.kind !== "scalar" || isNothing(item));
    place = namedByKey ? entry.keyPlace : item.place;
    node = item;
  }
  return { node, place };
}

/** Whether a key has no value at all; `""` is one. */
export function isNothing({ value, text }: ScalarNode): boolean {
  return value === null && text === "";
}

/** Place of the key that a path ends with. */
export function locateKey(root: ConfigNode, path: Path): Place {
  const { node, place } = locate(root, path.slice(0, -1));
  const entry = node?.kind === "map" ? node.entries.get(String(path.at(-1))) : undefined;
  return entry?.keyPlace ?? place;
}

/** The value as plain data for a schema; whole numbers that a number cannot hold exactly stay bigints. */
export function plainOf(node: ConfigNode): unknown {
  if (node.kind === "list") return node.items.map(plainOf);
  if (node.kind === "map") {
    // Without a prototype, a key such as `__proto__` is a key like any other.
    const plain: Record<string, unknown> = Object.create(null);
    for (const [key, { value }] of node.entries) plain[key] = plainOf(value);
    return plain;
  }
  const { value } = node;
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** A path as people write it: `http.headers`, `transforms[0].with`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(shorten(step))}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join("");
}

/** What was found, for messages: `the number 5`, `a list`. */
export function describe(node: ConfigNode): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "a mapping";
  const { value, text } = node;
  if (node.isSecret === true) return "a text with a secret in it";
  if (value === null) return "nothing";
  if (typeof value === "string") return `the text ${JSON.stringify(shorten(value))}`;
  return typeof value === "boolean" ? text : `the number ${shorten(text)}`;
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
