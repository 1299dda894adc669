import { parseReference } from "../../modules/index.ts";
import { locate, type MapNode } from "../yaml/node.ts";
import type { AddNote } from "./note.ts";

const keysOfStep = ["uses", "with", "lookback"];

/** What Fluvio makes of the steps under `transforms:`. */
export function stepNotes(root: MapNode, isInbound: boolean, add: AddNote): void {
  const { node } = locate(root, ["transforms"]);
  if (node?.kind !== "list") return;
  for (const [index, step] of node.items.entries()) {
    if (step.kind !== "map") continue;
    const path = ["transforms", index] as const;
    for (const key of step.entries.keys()) {
      if (!keysOfStep.includes(key)) add("ignored", [...path, key], "Fluvio has no such key");
    }
    if (isInbound && step.entries.has("lookback")) {
      const message = "Fluvio's sources do not look back; with a module that does, they do not start";
      add("different", [...path, "lookback"], message);
    }
    const uses = step.entries.get("uses")?.value;
    if (uses?.kind === "scalar") usesNotes(String(uses.value), [...path, "uses"], add);
  }
}

function usesNotes(uses: string, path: readonly (string | number)[], add: AddNote): void {
  const reference = parseReference(uses);
  if ("path" in reference) {
    const message =
      "Fluvio takes modules by their names; `fluvio smartmodule create NAME --wasm-file FILE` gives it one";
    add("refused", path, message);
    return;
  }
  const { group, version } = reference.name;
  if (reference.sha256 !== undefined) add("refused", path, "Fluvio takes the hash for a part of the name");
  if (group === undefined && version !== undefined) {
    add("refused", path, "without a group, Fluvio takes the version for a part of the name");
  }
}
