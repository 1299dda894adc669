import { readSteps } from "../../config/index.ts";
import { stepsOfPlan, type TrialStep } from "../../devkit/trial/index.ts";
import { MillraceError } from "../../errors.ts";

/**
 * The steps that `--transforms` or `--transforms-line` name, with their modules loaded.
 * @param folder of the modules that are called by name
 * @throws MillraceError `config.*`, and what loading a module throws; `cli.usage` where both are given
 */
export async function chainSteps(
  file: string | undefined,
  lines: readonly string[],
  folder: string,
): Promise<readonly TrialStep[]> {
  if (file !== undefined && lines.length > 0) {
    throw new MillraceError("cli.usage", "--transforms and --transforms-line say the same thing twice", {
      hint: "give one of them",
    });
  }
  // JSON is YAML, too.
  const text = `transforms:\n${lines.map((line) => `  - ${line.replaceAll("\n", " ")}\n`).join("")}`;
  const steps = await (file === undefined
    ? readSteps("--transforms-line", folder, text)
    : readSteps(file, folder));
  return stepsOfPlan({ steps });
}
