import type { StepPlan } from "../config/index.ts";
import { type Module, openChain } from "../engine/index.ts";
import { MillraceError } from "../errors.ts";
import { loadModuleFile } from "../modules/index.ts";
import type { PipelineStep } from "../pipeline/index.ts";

/** A step of a plan with its module, loaded and of a kind that its stage takes. */
export interface LoadedStep {
  readonly plan: StepPlan;
  readonly module: Module;
}

/**
 * Loads the modules of a plan's steps.
 * @throws MillraceError `module.not-found`, `module.not-wasm`, `module.abi`, `module.import`; `config.invalid` for a
 * kind in the wrong stage
 */
export async function loadSteps(steps: readonly StepPlan[]): Promise<readonly LoadedStep[]> {
  const loaded: LoadedStep[] = [];
  for (const plan of steps) {
    const module = await loadModuleFile(plan.modulePath, plan.where);
    const isFilter = module.abi.kind === "filter";
    if ((plan.stage === "filter" && !isFilter) || (plan.stage === "shape" && isFilter)) {
      throw new MillraceError(
        "config.invalid",
        `${module.name} is a ${module.abi.kind}, which the stage \`${plan.stage}:\` does not take`,
        {
          where: plan.where,
          hint: isFilter
            ? "put it under `filter:`"
            : "put it under `shape:`, or use one list under `transforms:`",
        },
      );
    }
    loaded.push({ plan, module });
  }
  return loaded;
}

/**
 * Opens one instance for each step and initialises it.
 * @throws MillraceError `module.init` at the place in the config that names the module, `module.trap`, `module.answer`
 */
export async function openSteps(steps: readonly LoadedStep[]): Promise<readonly PipelineStep[]> {
  const opened: PipelineStep[] = [];
  for (const { plan, module } of steps) {
    const { transforms } = await openChain([{ module, parameters: plan.parameters }], {
      now: () => performance.now(),
    });
    opened.push(...transforms.map((transform) => ({ stage: plan.stage, transform, onError: plan.onError })));
  }
  return opened;
}
