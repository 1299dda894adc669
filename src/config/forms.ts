import type { Report } from "./report.ts";
import { type ConfigNode, describe, locate, type MapEntry, type MapNode, type Path } from "./yaml/node.ts";

/** Spellings with an underscore that Fluvio takes for the ones with a hyphen. */
const otherSpellings: readonly { readonly path: Path; readonly from: string; readonly to: string }[] = [
  { path: ["meta", "producer"], from: "batch_size", to: "batch-size" },
  { path: ["meta", "consumer"], from: "max_bytes", to: "max-bytes" },
];

/**
 * Brings a config into the current form: `meta:`, one section of the connector, the steps and `millrace:`, with the
 * spellings that the schemas know. Everything after this sees only that form. An older form is a front end here: it
 * rebuilds the tree from the nodes of the old one, which keep the places where the user wrote them.
 *
 * @returns undefined, and a problem in the report, for what has no such form
 */
export function toCurrentForm(root: ConfigNode | undefined, report: Report): MapNode | undefined {
  if (root === undefined || root.kind !== "map") {
    const place = root?.place ?? { line: 1, column: 1 };
    const found = root === undefined ? "an empty file" : describe(root);
    report.error(
      place,
      `expected a mapping with \`meta:\` in it, found ${found}`,
      "a config begins with `meta:` and, below it, name, type and topic",
    );
    return undefined;
  }
  if (isFlatForm(root)) {
    report.error(
      root.place,
      "this is the flat form of Fluvio's configs before 2023, which is not available yet",
      "put name, type and topic below `meta:`, and the parameters into a section of the connector, such as `http:`",
    );
    return undefined;
  }
  return otherSpellings.reduce((tree, { path, from, to }) => renameKey(tree, path, from, to), root);
}

/** Before `meta:` came, its keys stood at the top. */
function isFlatForm({ entries }: MapNode): boolean {
  if (entries.has("meta")) return false;
  return (
    entries.has("parameters") || entries.has("direction") || (entries.has("name") && entries.has("type"))
  );
}

function renameKey(root: MapNode, path: Path, from: string, to: string): MapNode {
  const { node } = locate(root, path);
  if (node?.kind !== "map" || !node.entries.has(from) || node.entries.has(to)) return root;
  const entries = [...node.entries].map(([key, entry]): [string, MapEntry] => [
    key === from ? to : key,
    entry,
  ]);
  return replaceAt(root, path, { ...node, entries: new Map(entries) });
}

/** The same tree with another node at a path of keys. */
function replaceAt(root: MapNode, [key, ...inner]: Path, node: ConfigNode): MapNode {
  const entry = root.entries.get(String(key));
  if (entry === undefined) return root;
  const value = inner.length > 0 && entry.value.kind === "map" ? replaceAt(entry.value, inner, node) : node;
  return { ...root, entries: new Map(root.entries).set(String(key), { ...entry, value }) };
}
