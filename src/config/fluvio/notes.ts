import { isFlatForm } from "../flat/flat-form.ts";
import type { Report } from "../report.ts";
import { usesOfSecrets } from "../secrets/fill-in.ts";
import {
  type ConfigNode,
  formatPath,
  locate,
  locateKey,
  type MapNode,
  type Path,
  plainOf,
} from "../yaml/node.ts";
import { fluvioConnectors } from "./connectors.ts";
import type { AddNote, FluvioNote } from "./note.ts";
import { stepNotes } from "./step-notes.ts";

const keysOfMeta = ["name", "type", "topic", "version", "producer", "consumer", "secrets"];
const keysOfProducer = ["linger", "compression", "batch-size", "batch_size"];
const keysOfConsumer = ["partition", "max-bytes", "max_bytes", "id", "offset"];
const keysOfOffset = ["start", "strategy", "flush-period"];

/**
 * Says what Fluvio would refuse, ignore or do otherwise of a config that is right here.
 * @param root as it is written, before anything was filled in
 */
export function notesForFluvio(root: MapNode, isInbound: boolean, report: Report): readonly FluvioNote[] {
  const notes: FluvioNote[] = [];
  const add: AddNote = (effect, path, message) => {
    const { node, place } = locate(root, path);
    const isValue = node?.kind === "scalar" && effect !== "ignored";
    const at = isValue ? place : locateKey(root, path);
    notes.push({ where: report.where(at), effect, message: `${formatPath(path)}: ${message}` });
  };
  if (isFlatForm(root)) {
    const message = "Fluvio takes configs with `meta:` only, since 2023";
    return [{ where: report.where(root.place), effect: "refused", message }];
  }
  topNotes(root, add);
  metaNotes(root, isInbound, add);
  consumerNotes(root, isInbound, add);
  stepNotes(root, isInbound, add);
  secretNotes(root, add);
  return notes.toSorted(byPlace);
}

function topNotes(root: MapNode, add: AddNote): void {
  const type = String(plainAt(root, ["meta", "type"]));
  const system = type.replace(/-(source|sink)$/, "");
  const known = fluvioConnectors.get(type);
  if (known === undefined) {
    add("refused", ["meta", "type"], `Fluvio has no connector ${type} of its own`);
  }
  for (const key of root.entries.keys()) {
    if (key === "filter" || key === "shape") {
      add("ignored", [key], "its modules would not run; Fluvio runs those under `transforms:`");
    } else if (!["apiVersion", "meta", "transforms", system].includes(key) && !key.startsWith("x-")) {
      add("ignored", [key], "Fluvio has no such key");
    }
  }
  if (known !== undefined) strange(root, [system], known, add);
}

function metaNotes(root: MapNode, isInbound: boolean, add: AddNote): void {
  strange(root, ["meta"], keysOfMeta, add);
  strange(root, ["meta", "producer"], keysOfProducer, add);
  strange(root, ["meta", "consumer"], keysOfConsumer, add);
  strange(root, ["meta", "consumer", "offset"], keysOfOffset, add);
  if (plainAt(root, ["meta", "version"]) === undefined) {
    add("refused", ["meta", "version"], "missing; Fluvio needs the version of its connector");
  }
  if (plainAt(root, ["meta", isInbound ? "consumer" : "producer"]) !== undefined) {
    add("ignored", ["meta", isInbound ? "consumer" : "producer"], "it is for the other direction");
  }
}

function consumerNotes(root: MapNode, isInbound: boolean, add: AddNote): void {
  const offset: Path = ["meta", "consumer", "offset"];
  const strategy = plainAt(root, [...offset, "strategy"]);
  const period = plainAt(root, [...offset, "flush-period"]);
  if (plainAt(root, offset) !== undefined && strategy === undefined) {
    add("refused", [...offset, "strategy"], "missing; Fluvio needs none, manual or auto");
  }
  if (
    (strategy === "auto" || strategy === "manual") &&
    plainAt(root, ["meta", "consumer", "id"]) === undefined
  ) {
    add("refused", ["meta", "consumer", "id"], `missing; Fluvio needs it for the strategy ${strategy}`);
  }
  if (typeof period === "string") {
    add("refused", [...offset, "flush-period"], "Fluvio wants a mapping: { secs: 10, nanos: 0 }");
  }
  if (!isInbound && plainAt(root, [...offset, "start"]) === undefined) {
    add("different", ["meta", "consumer"], "without `offset.start`, Fluvio begins at the end of the topic");
  }
}

/** Fluvio fills in only what `meta.secrets` names, and nothing before 0.1.0. */
function secretNotes(root: MapNode, add: AddNote): void {
  const version = plainAt(root, ["apiVersion"]) ?? "0.0.0";
  const { node } = locate(root, ["meta", "secrets"]);
  const names = new Set<unknown>();
  if (node?.kind === "list") for (const item of node.items) names.add(plainAt(item, ["name"]));
  for (const { name, path } of usesOfSecrets(root)) {
    if (version === "0.0.0") add("refused", path, "Fluvio fills in secrets from `apiVersion: 0.1.0` on");
    else if (!names.has(name))
      add("refused", path, `Fluvio fills in ${name} where \`meta.secrets\` names it`);
  }
}

/** Notes the keys of a mapping that Fluvio does not know. */
function strange(root: MapNode, path: Path, known: readonly string[], add: AddNote): void {
  const { node } = locate(root, path);
  if (node?.kind !== "map") return;
  for (const key of node.entries.keys()) {
    if (!known.includes(key)) add("ignored", [...path, key], "Fluvio has no such key");
  }
}

function plainAt(root: ConfigNode, path: Path): unknown {
  const { node } = locate(root, path);
  const plain = node === undefined ? undefined : plainOf(node);
  return plain === null ? undefined : plain;
}

function byPlace(left: FluvioNote, right: FluvioNote): number {
  const [a, b] = [left.where, right.where];
  if (!("file" in a) || !("file" in b)) return 0;
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
