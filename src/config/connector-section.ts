import {
  type FoundConnector,
  type findConnector,
  isConnectorPath,
  loadOwnConnector,
  settingsOf,
} from "../connector/index.ts";
import { MillraceError } from "../errors.ts";
import type { Report } from "./report.ts";
import { check } from "./schema/check.ts";
import { formatPath, locate, locateKey, type MapNode } from "./yaml/node.ts";

export type FindConnector = typeof findConnector;

/**
 * The connector that `meta.type` names, or undefined and a problem in the report.
 * @param folder where paths of the user's own connectors count from
 */
export async function readConnector(
  root: MapNode,
  folder: string,
  find: FindConnector,
  report: Report,
): Promise<FoundConnector | undefined> {
  const { node, place } = locate(root, ["meta", "type"]);
  if (node?.kind !== "scalar" || typeof node.value !== "string") return undefined;
  const where = report.where(place);
  try {
    return isConnectorPath(node.value)
      ? await loadOwnConnector(node.value, folder, where)
      : find(node.value, where);
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    report.add(error);
    return undefined;
  }
}

export interface ConnectorSection {
  readonly settings: unknown;
  /** What `millrace.extract` says of the end in use: how records are taken out, or packed. */
  readonly extract: unknown;
}

/**
 * Reads the connector's section, which bears the name of its system, and `millrace.extract`. Fluvio's connectors ignore
 * unknown keys, so they are ignored with a warning in the section; a missing section counts as an empty one.
 * `millrace.extract` is ours and strict.
 */
export function readConnectorSection(root: MapNode, found: FoundConnector, report: Report): ConnectorSection {
  const { spec, end } = found;
  const { system } = spec;
  const settings = check(settingsOf(found), root, [system], { unknownKeys: "warn", absent: {}, report });
  const path = ["millrace", "extract"];
  const schema = end === "source" ? spec.extract : spec.packing;
  if (schema !== undefined) {
    return {
      settings,
      extract: check(schema, root, path, { unknownKeys: "refuse", absent: undefined, report }),
    };
  }
  if (locate(root, path).node !== undefined) {
    const verb = end === "source" ? "taken out" : "packed";
    const problem = `the connector ${system}-${end} offers no choice of how records are ${verb}`;
    report.error(locateKey(root, path), `${formatPath(path)}: ${problem}`, "remove it");
  }
  return { settings, extract: undefined };
}
