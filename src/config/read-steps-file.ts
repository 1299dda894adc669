import { dirname, resolve } from "node:path";
import { guestLimits } from "../engine/index.ts";
import { ModuleStore } from "../modules/index.ts";
import type { StepPlan } from "./plan.ts";
import { readText } from "./read-text.ts";
import { Report } from "./report.ts";
import { readSteps as stepsIn } from "./steps.ts";
import { parseYaml } from "./yaml/parse.ts";

/**
 * Reads the steps of a file that need not be a whole config, such as one with `transforms:` alone.
 *
 * @param file its path; paths in it count from its folder
 * @param moduleFolder of the modules that are called by name
 * @param text what is in it, where it is in no file; `file` is what messages call it then
 * @throws MillraceError as `readPlan`
 */
export async function readSteps(
  file: string,
  moduleFolder: string,
  text?: string,
): Promise<readonly StepPlan[]> {
  const report = new Report(file);
  const root = parseYaml(text ?? (await readText(file)), file, report);
  const defaults = {
    folder: dirname(resolve(file)),
    store: new ModuleStore(moduleFolder),
    isInbound: true,
    onError: "fail" as const,
    limits: guestLimits(),
    isolation: "inline" as const,
  };
  let steps: readonly StepPlan[] = [];
  if (root?.kind === "map") steps = await stepsIn(root, defaults, report);
  else report.error({ line: 1, column: 1 }, "expected a mapping with `transforms:`");
  report.throwIfAny();
  return steps;
}
