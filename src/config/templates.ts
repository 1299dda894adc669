import type { Report } from "./report.ts";
import type { ConfigNode, MapNode, Place } from "./yaml/node.ts";

/** Fluvio renders the whole file as a template; these open an expression, a block and a comment. */
const opening = /\$\{[{%#]/;

/** Refuses the use of secrets and templates: passed on as they stand, they would be taken for the values themselves. */
export function refuseTemplates(root: MapNode, report: Report): void {
  const seen = new Set<ConfigNode>();
  const refuse = (text: unknown, place: Place): void => {
    if (typeof text !== "string" || !opening.test(text)) return;
    report.error(
      place,
      "secrets and templates, written as `${{`, are not available yet",
      "write the value itself, and keep the file from others",
    );
    // What stands there is not the value, so nothing can be said of that.
    report.settle(place);
  };
  const visit = (node: ConfigNode): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "scalar") refuse(node.value, node.place);
    if (node.kind === "list") for (const item of node.items) visit(item);
    if (node.kind !== "map") return;
    for (const [key, { keyPlace, value }] of node.entries) {
      refuse(key, keyPlace);
      visit(value);
    }
  };
  visit(root);
}
