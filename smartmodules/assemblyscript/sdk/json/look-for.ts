import { refuse } from "../parameters/refusal";
import { JsonField } from "./field";
import { JsonNode } from "./node";
import { PathReader } from "./path-reader";

/**
 * Makes a tree of nodes look for a path as well, and returns the field where it will be noted: the given one, or that of the same path if
 * it is there already. A path that cannot be read makes the module refuse its parameters.
 */
export function lookFor(root: JsonNode, path: string, field: JsonField): JsonField {
  const reader = new PathReader(path);
  if (reader.problem.length > 0) {
    refuse(`the path \`${path}\` cannot be read: ${reader.problem}`);
    return field;
  }
  const way: JsonNode[] = [root];
  for (let i = 0; i < reader.names.length; i++) {
    const last = way[i];
    way.push(reader.positions[i] < 0 ? last.member(reader.names[i]) : last.element(reader.positions[i]));
  }
  const leaf = way[way.length - 1];
  const present = leaf.found;
  if (present !== null) return present;
  leaf.look(field);
  for (let i = 0; i < way.length; i++) way[i].wanted++;
  return field;
}
