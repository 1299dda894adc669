import { type Logger, silentLogger } from "../../base/index.ts";
import type { Plan, StepPlan } from "../../config/index.ts";
import type { TrialStep } from "./trial-step.ts";

/**
 * The steps of a pipeline's config, or of one of its stages, with their modules loaded.
 * @throws MillraceError `config.invalid`, and what loading a module throws, at the place in the config that names it
 */
export async function stepsOfPlan(
  { steps }: Pick<Plan, "steps">,
  stage?: StepPlan["stage"],
  log: Logger = silentLogger,
): Promise<readonly TrialStep[]> {
  // What runs pipelines takes long to load, and a trial of one module does not need it.
  const { loadSteps } = await import("../../run/index.ts");
  const wanted = steps.filter((step) => stage === undefined || step.stage === stage);
  const loaded = await loadSteps(wanted, log);
  return loaded.map(({ plan, module }) => ({ ...ofPlan(plan), module }));
}

function ofPlan({
  stage,
  parameters,
  accumulator,
  lookBack,
  stateful,
  where,
}: StepPlan): Omit<TrialStep, "module"> {
  return {
    stage,
    parameters,
    accumulator: accumulator === undefined ? undefined : new TextEncoder().encode(accumulator),
    // Absent, a config says that nothing is shown.
    lookBack: lookBack ?? {},
    stateful,
    where,
  };
}
