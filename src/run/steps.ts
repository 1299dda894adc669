import type { StepPlan } from "../config/index.ts";
import { type Module, openChain } from "../engine/index.ts";
import { MillraceError, type Where } from "../errors.ts";
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
 * kind in the wrong stage; at the place in the config that names the module
 */
export async function loadSteps(steps: readonly StepPlan[]): Promise<readonly LoadedStep[]> {
  const loaded: LoadedStep[] = [];
  for (const plan of steps) {
    const module = await placedAt(plan.where, () => loadModuleFile(plan.modulePath));
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
 * @throws MillraceError `module.init`, `module.trap`, `module.answer`, at the place in the config that names the module
 */
export async function openSteps(steps: readonly LoadedStep[]): Promise<readonly PipelineStep[]> {
  const opened: PipelineStep[] = [];
  for (const { plan, module } of steps) {
    const chain = [{ module, parameters: plan.parameters }];
    const { transforms } = await placedAt(plan.where, () =>
      openChain(chain, { now: () => performance.now() }),
    );
    opened.push(...transforms.map((transform) => ({ stage: plan.stage, transform, onError: plan.onError })));
  }
  return opened;
}

/** Errors about a module name the module in their text; who runs a config also needs the line that uses it. */
async function placedAt<Result>(where: Where, load: () => Promise<Result>): Promise<Result> {
  try {
    return await load();
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    throw new MillraceError(error.code, error.message, { where, hint: error.hint, cause: error });
  }
}
