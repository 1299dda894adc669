import { type FlatContext, fromFlatForm, isFlatForm } from "./flat/flat-form.ts";
import type { Report } from "./report.ts";
import {
  type ConfigNode,
  describe,
  formatPath,
  locate,
  type MapEntry,
  type MapNode,
  type Path,
} from "./yaml/node.ts";

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
export function toCurrentForm(
  root: ConfigNode | undefined,
  context: FlatContext,
  report: Report,
): MapNode | undefined {
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
  const current = isFlatForm(root) ? fromFlatForm(root, context, report) : root;
  const spelled = otherSpellings.reduce(
    (tree, { path, from, to }) => renameKey(tree, path, from, to),
    current,
  );
  return withoutInvoke(spelled, report);
}

/** Configs of late 2022 said which of a module's functions is meant; since then each module has one. */
function withoutInvoke(root: MapNode, report: Report): MapNode {
  const { node } = locate(root, ["transforms"]);
  if (node?.kind !== "list") return root;
  const items = node.items.map((item, index) => {
    const invoke = item.kind === "map" ? item.entries.get("invoke") : undefined;
    if (item.kind !== "map" || invoke === undefined) return item;
    const path = formatPath(["transforms", index, "invoke"]);
    report.warn(invoke.keyPlace, `${path}: has no effect: the module itself says what it does with records`);
    return { ...item, entries: new Map([...item.entries].filter(([key]) => key !== "invoke")) };
  });
  return replaceAt(root, ["transforms"], { ...node, items });
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
