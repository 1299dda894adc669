import { type Logger, withArticle } from "../base/index.ts";
import type { StepPlan } from "../config/index.ts";
import type { Module } from "../engine/index.ts";
import { MillraceError, type Where } from "../errors.ts";
import { loadModuleFile } from "../modules/index.ts";

/** A step of a plan with its module, loaded and of a kind that its stage takes. */
export interface LoadedStep {
  readonly plan: StepPlan;
  readonly module: Module;
  /** Of the module's bytes, in hex. */
  readonly sha256: string;
  /** Its own in the pipeline and the same in each run, so that what it adds up can be kept under it. */
  readonly name: string;
}

/**
 * Loads the modules of a plan's steps.
 * @throws MillraceError what `loadModuleFile` throws; `config.invalid` for a kind in the wrong stage or an accumulator for a
 * module that has none; at the place in the config that names the module
 */
export async function loadSteps(steps: readonly StepPlan[], log: Logger): Promise<readonly LoadedStep[]> {
  const loaded: LoadedStep[] = [];
  for (const plan of steps) {
    const { modulePath, moduleName: name, limits } = plan;
    const wanted = { name, sha256: plan.sha256 };
    const module = await placedAt(plan.where, () => loadModuleFile(modulePath, limits, wanted));
    checkKind(plan, module, log);
    loaded.push({ plan, module, sha256: await module.sha256(), name: `${loaded.length + 1}-${module.name}` });
  }
  return loaded;
}

function checkKind({ stage, accumulator, lookBack, where }: StepPlan, module: Module, log: Logger): void {
  const { kind, looksBack } = module.abi;
  const isFilter = kind === "filter";
  if ((stage === "filter" && !isFilter) || (stage === "shape" && isFilter)) {
    throw new MillraceError(
      "config.invalid",
      `${module.name} is ${withArticle(kind)}, which the stage \`${stage}:\` does not take`,
      {
        where,
        hint: isFilter
          ? "put it under `filter:`"
          : "put it under `shape:`, or use one list under `transforms:`",
      },
    );
  }
  if (accumulator !== undefined && kind !== "aggregate") {
    throw new MillraceError(
      "config.invalid",
      `${module.name} is ${withArticle(kind)} and adds nothing up, so it takes no \`accumulator:\``,
      { where, hint: "remove it; parameters of a module stand under `with:`" },
    );
  }
  if (lookBack !== undefined && !looksBack) {
    log.warn(`${module.name} does not look back at earlier records; its \`lookback:\` has no effect`);
  }
}

/** Errors about a module name the module in their text; who runs a config also needs the line that uses it. */
export async function placedAt<Result>(where: Where, load: () => Promise<Result>): Promise<Result> {
  try {
    return await load();
  } catch (error) {
    if (!MillraceError.is(error)) throw error;
    throw new MillraceError(error.code, error.message, { where, hint: error.hint, cause: error });
  }
}
