import { parametersOf } from "./parameters.ts";
import { readText } from "./read-text.ts";
import { Report } from "./report.ts";
import { describe } from "./yaml/node.ts";
import { parseYaml } from "./yaml/parse.ts";

/**
 * Reads parameters of a module from a file that has what stands below `with:` in a config, as YAML or JSON.
 * @throws MillraceError `config.not-found`, `config.syntax`, `config.invalid`
 */
export async function readParametersFile(file: string): Promise<ReadonlyMap<string, string>> {
  const report = new Report(file);
  const root = parseYaml(await readText(file), file, report);
  if (root === undefined) return new Map();
  if (root.kind !== "map") {
    report.error(root.place, `expected a mapping of parameters, found ${describe(root)}`);
    report.throwIfAny();
    return new Map();
  }
  const parameters = parametersOf(root, [], report);
  report.throwIfAny();
  return parameters;
}
