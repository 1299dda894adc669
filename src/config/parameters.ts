import { jsonOf } from "./json-text.ts";
import type { Report } from "./report.ts";
import { describe, formatPath, isNothing, type MapNode, type Path } from "./yaml/node.ts";

/**
 * The `with` of a step as its module receives it: a text as it is, a list or a mapping as compact JSON with sorted
 * keys. A bare number, truth value or nothing is a problem, since Fluvio refuses it too: it cannot know how the module
 * would like to have it written.
 */
export function parametersOf(given: MapNode, path: Path, report: Report): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const [name, { keyPlace, value }] of given.entries) {
    if (value.kind !== "scalar") {
      parameters.set(name, jsonOf(value));
    } else if (typeof value.value === "string") {
      parameters.set(name, value.value);
    } else {
      const place = isNothing(value) ? keyPlace : value.place;
      const expected = "expected a text, a list or a mapping";
      const hint = `put quotes around it: ${name}: ${JSON.stringify(value.text)}`;
      report.error(place, `${formatPath([...path, name])}: ${expected}, found ${describe(value)}`, hint);
    }
  }
  return parameters;
}
