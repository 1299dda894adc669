import { nearMiss } from "../../base/index.ts";
import { type FoundConnector, isConnectorPath } from "../../connector/index.ts";
import { MillraceError } from "../../errors.ts";
import type { FindConnector } from "../connector-section.ts";
import type { Report } from "../report.ts";
import { mapAt, textAt } from "../yaml/make.ts";
import { describe, type MapEntry, type MapNode } from "../yaml/node.ts";
import { sectionEntries } from "./section.ts";
import { takeSmartOptions } from "./smart-options.ts";

/*
 * The flat forms of 2021 and 2022, and where their keys stand today:
 *
 *   version: v1            meta.version
 *   name, topic            meta.name, meta.topic
 *   type: http             meta.type: http-source
 *   direction: source
 *   create_topic: true     an inbound pipeline makes its topic
 *   parameters:
 *     endpoint: …          http.endpoint
 *     interval: 10         http.interval: 10s
 *     filter: only-cats    filter: { uses: only-cats }
 *   producer, consumer     meta.producer, meta.consumer
 *   secrets                environment variables of a container
 *   transforms             transforms
 */

const keysOfMeta = ["version", "name", "topic", "producer", "consumer"] as const;
const otherKeys = ["type", "direction", "create_topic", "parameters", "secrets"] as const;
/** What means the same at the top of both forms. */
const keysOfBoth = ["transforms", "filter", "shape", "millrace"] as const;
const needed: readonly string[] = ["name", "type", "topic"];

/** Before `meta:` came, its keys stood at the top. */
export function isFlatForm({ entries }: MapNode): boolean {
  if (entries.has("meta") || entries.has("apiVersion")) return false;
  const isDescribed = entries.has("version") && needed.some((key) => entries.has(key));
  return (
    entries.has("parameters") ||
    entries.has("direction") ||
    isDescribed ||
    (entries.has("name") && entries.has("type"))
  );
}

export interface FlatContext {
  /** Where files that parameters name count from. */
  readonly folder: string;
  readonly find: FindConnector;
}

/**
 * Brings a config in the flat form of 2021 or 2022 into the current form. What was one program's command line is a
 * section, modules among its options are steps, and messages call all of them as the file does.
 */
export function fromFlatForm(root: MapNode, { folder, find }: FlatContext, report: Report): MapNode {
  const top = withoutUnknown(root, report);
  const type = typeOf(top, find, report);
  const found = type === undefined ? undefined : foundOf(type.value, find);
  const system = found?.spec.system ?? systemOf(type?.value);
  const meta: [string, MapEntry][] = [];
  for (const key of keysOfMeta) {
    const entry = top.get(key);
    if (entry !== undefined) meta.push([key, entry]);
  }
  if (type !== undefined) meta.push(["type", type.entry]);
  const entries: [string, MapEntry][] = [["meta", entryAt(root.place, mapAt(root.place, meta))]];
  const parameters = top.get("parameters");
  // What is no mapping is for the check of the section to say.
  if (parameters !== undefined && parameters.value.kind !== "map") entries.push([system, parameters]);
  if (parameters?.value.kind === "map") {
    const { rest, stages } = takeSmartOptions(parameters.value, folder, report);
    const section = mapAt(parameters.value.place, sectionEntries(rest, system, found));
    if (rest.size > 0) entries.push([system, { ...parameters, value: section }]);
    for (const [stage, entry] of stages) entries.push([stage, entry]);
  }
  for (const key of keysOfBoth) {
    const entry = top.get(key);
    const taken = entries.find(([name]) => name === key);
    if (entry !== undefined && taken === undefined) entries.push([key, entry]);
    if (entry === undefined || taken === undefined) continue;
    const { line } = taken[1].keyPlace;
    report.error(
      entry.keyPlace,
      `${key}: cannot be used together with the module in line ${line}`,
      `name all modules under \`${key}:\``,
    );
  }
  warnOfDead(top, type?.value.endsWith("-sink") === true, report);
  report.callBy([
    ["meta", ""],
    [system, "parameters"],
  ]);
  return mapAt(root.place, entries);
}

function entryAt(keyPlace: MapNode["place"], value: MapNode): MapEntry {
  return { keyPlace, value };
}

/** The keys that the flat form knows. Fluvio ignored the others, unless one that is needed was meant. */
function withoutUnknown(root: MapNode, report: Report): ReadonlyMap<string, MapEntry> {
  const known: readonly string[] = [...keysOfMeta, ...otherKeys, ...keysOfBoth];
  const free = known.filter((key) => !root.entries.has(key));
  const top = new Map<string, MapEntry>();
  for (const [key, entry] of root.entries) {
    const spelled = key.replaceAll("-", "_") === "create_topic" ? "create_topic" : key;
    if (known.includes(spelled)) top.set(spelled, entry);
    else if (!key.startsWith("x-")) {
      const near = nearMiss(key, free);
      const suggestion = near === undefined ? "" : `; did you mean "${near}"?`;
      const isNeeded = near !== undefined && [...needed, ...keysOfBoth].includes(near);
      const name = JSON.stringify(key.slice(0, 40));
      if (isNeeded) report.error(entry.keyPlace, `${name}: unknown key${suggestion}`);
      else report.warn(entry.keyPlace, `${name}: unknown key, ignored${suggestion}`);
      if (isNeeded && needed.includes(near)) {
        // Said once: without it the key that was meant would be missing too.
        top.set(near, entry);
        report.settle(entry.value.place);
      }
    }
  }
  return top;
}

interface FlatType {
  readonly value: string;
  readonly entry: MapEntry;
}

/** The type with its direction, which stood in a key of its own in 2021; what those types could do without one is read. */
function typeOf(
  top: ReadonlyMap<string, MapEntry>,
  find: FindConnector,
  report: Report,
): FlatType | undefined {
  const entry = top.get("type");
  const given = entry?.value;
  const direction = directionOf(top, report);
  if (entry === undefined || given?.kind !== "scalar" || typeof given.value !== "string") {
    return entry && { value: "", entry };
  }
  const { value: name } = given;
  const end = /-(source|sink)$/.exec(name)?.[1];
  if (end !== undefined || isConnectorPath(name)) {
    const place = top.get("direction")?.value.place ?? given.place;
    if (end !== undefined && direction !== undefined && direction !== end) {
      report.error(
        place,
        `direction: ${JSON.stringify(direction)} contradicts the type ${JSON.stringify(name)}`,
        "remove one of the two",
      );
    }
    return { value: name, entry };
  }
  const chosen = direction ?? (foundOf(`${name}-source`, find) ? "source" : "sink");
  const value = `${name}-${foundOf(`${name}-${chosen}`, find) || direction ? chosen : "source"}`;
  return { value, entry: { ...entry, value: textAt(given.place, value) } };
}

function directionOf(top: ReadonlyMap<string, MapEntry>, report: Report): "source" | "sink" | undefined {
  const node = top.get("direction")?.value;
  if (node === undefined) return undefined;
  const value = node.kind === "scalar" ? node.value : undefined;
  if (value === "source" || value === "sink") return value;
  report.error(node.place, `direction: expected "source" or "sink", found ${describe(node)}`);
  return undefined;
}

/** Undefined where the type is none; who checks `meta.type` says so. */
function foundOf(type: string, find: FindConnector): FoundConnector | undefined {
  if (isConnectorPath(type)) return undefined;
  try {
    return find(type);
  } catch (error) {
    if (MillraceError.is(error)) return undefined;
    throw error;
  }
}

function systemOf(type: string | undefined): string {
  const system = type?.replace(/-(source|sink)$/, "") ?? "";
  return system === "" || system.includes("/") ? "parameters" : system;
}

function warnOfDead(top: ReadonlyMap<string, MapEntry>, isSink: boolean, report: Report): void {
  const secrets = top.get("secrets");
  if (secrets !== undefined) {
    report.warn(
      secrets.keyPlace,
      "secrets: has no effect: these were environment variables of a container; a value that is used is named where it belongs",
    );
  }
  const create = top.get("create_topic");
  if (create === undefined) return;
  const wanted = create.value.kind === "scalar" && create.value.value === true;
  if (isSink) report.warn(create.keyPlace, "create_topic: has no effect: this pipeline reads its topic");
  else if (!wanted) report.warn(create.keyPlace, "create_topic: has no effect: the pipeline makes its topic");
}
