import { jsonOf } from "./json-text.ts";
import type { Report } from "./report.ts";
import { type ConfigNode, describe, formatPath, isNothing, type MapNode, type Path } from "./yaml/node.ts";

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

/** Stands for a parameter with a secret somewhere in it; it begins as what names one in a config. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the mark of a template in a config
const someSecret = "${{ secrets }}";

/** The parameters that hold a secret, each as the config writes it. */
export function writtenSecrets(given: MapNode): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  for (const [name, { value }] of given.entries) {
    if (!holdsSecret(value)) continue;
    const isWritten = value.kind === "scalar" && value.text.includes("${{");
    written.set(name, isWritten ? value.text : someSecret);
  }
  return written;
}

function holdsSecret(node: ConfigNode): boolean {
  if (node.kind === "scalar") return node.isSecret === true;
  if (node.kind === "list") return node.items.some(holdsSecret);
  return [...node.entries.values()].some(({ value }) => holdsSecret(value));
}
