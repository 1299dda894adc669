import { nearMiss } from "../base/index.ts";
import { connectors, type FoundConnector, settingsOf } from "../connector/index.ts";
import type { Report } from "./report.ts";
import { locate, type MapNode, type Place } from "./yaml/node.ts";

const keysOfFluvio = ["apiVersion", "meta", "transforms"];
const keysOfOurs = ["filter", "shape", "millrace"];
const keysOfMeta = ["consumer", "producer", "secrets"];

/**
 * Reports keys at the top that mean nothing. Fluvio ignores them, and so they are ignored here, with a warning; but a
 * key that looks like `filter`, `shape`, `millrace` or the connector's section is a mistake, because the pipeline would
 * run without what it says. Keys that begin with `x-` are nobody's, for those who keep anchors there.
 *
 * @returns whether the connector's section can be checked: it is there, or not needed
 */
export function checkTopLevel(root: MapNode, found: FoundConnector | undefined, report: Report): boolean {
  const section = found?.spec.system;
  const isThere = section !== undefined && root.entries.has(section);
  const isNeeded = !isThere && found !== undefined && !settingsOf(found).safeParse({}).success;
  const known = [...keysOfFluvio, ...keysOfOurs, ...(section === undefined ? [] : [section])];
  const free = known.filter((key) => !root.entries.has(key));
  let isUsable = true;
  for (const [key, { keyPlace }] of root.entries) {
    if (known.includes(key) || key.startsWith("x-")) continue;
    const isSection = connectors.some(({ system }) => system === key);
    const near = isSection ? undefined : nearMiss(key, free);
    if (isSection && isNeeded) {
      reportOtherSection(root, key, keyPlace, `${section}`, report);
      isUsable = false;
    } else if (near !== undefined && !keysOfFluvio.includes(near)) {
      report.error(keyPlace, `${quoted(key)}: unknown key; did you mean "${near}"?`);
      if (near === section) isUsable = false;
    } else if (found !== undefined || near !== undefined) {
      report.warn(keyPlace, `${quoted(key)}: ${reasonFor(key, isSection, near)}`);
    }
  }
  if (isNeeded && isUsable) {
    const { place } = locate(root, ["meta", "type"]);
    report.error(place, `${section}: missing; ${typeOf(root)} is set up in a section of this name`);
  }
  return isThere || (isUsable && !isNeeded);
}

function reportOtherSection(root: MapNode, key: string, place: Place, section: string, report: Report): void {
  const { line } = locate(root, ["meta", "type"]).place;
  report.error(
    place,
    `${key}: this is the section of another connector; ${typeOf(root)} in line ${line} is set up in \`${section}:\``,
    `rename the section, or set meta.type to a type of the connector ${key}`,
  );
}

function typeOf(root: MapNode): string {
  const { node } = locate(root, ["meta", "type"]);
  return node?.kind === "scalar" ? `the type ${node.text}` : "the connector";
}

function reasonFor(key: string, isSection: boolean, near: string | undefined): string {
  if (isSection) return "the section of another connector, ignored";
  if (keysOfMeta.includes(key)) return "unknown key, ignored; it belongs under `meta:`";
  return `unknown key, ignored${near === undefined ? "" : `; did you mean "${near}"?`}`;
}

function quoted(key: string): string {
  return /^[\w-]{1,40}$/.test(key) ? key : JSON.stringify(key.slice(0, 40));
}
