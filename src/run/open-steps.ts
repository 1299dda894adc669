import type { Logger } from "../base/index.ts";
import {
  type ModuleLogLine,
  type ModuleParts,
  moduleOf,
  openChain,
  partsOf,
  type WorldOptions,
} from "../engine/index.ts";
import type { Where } from "../errors.ts";
import type { LastResort, LookBack, PipelineStep } from "../pipeline/index.ts";
import type { Accumulator } from "../topic/index.ts";
import { type LoadedStep, placedAt } from "./steps.ts";

/** All that it takes to open a step, as plain data, so that it can be opened in another thread. */
export interface StepToOpen {
  readonly stage: string;
  readonly name: string;
  readonly onError: LastResort;
  readonly module: ModuleParts;
  readonly sha256?: string | undefined;
  readonly parameters: ReadonlyMap<string, string>;
  readonly accumulator: Uint8Array | undefined;
  readonly lookBack: LookBack | undefined;
  readonly stateful: boolean | undefined;
  readonly world: WorldOptions;
  readonly where: Where;
}

/** @param stored what an earlier run has left of the steps' accumulators; a step that is not in it gets its initial one */
export function stepsToOpen(
  steps: readonly LoadedStep[],
  stored: readonly Accumulator[],
  world: WorldOptions,
): readonly StepToOpen[] {
  return steps.map(({ plan, module, sha256, name }) => {
    const { stage, onError, parameters, lookBack, stateful, where } = plan;
    const initial = plan.accumulator === undefined ? undefined : new TextEncoder().encode(plan.accumulator);
    const accumulator = stored.find(({ step }) => step === name)?.bytes ?? initial;
    return {
      stage,
      name,
      onError,
      module: partsOf(module),
      sha256,
      parameters,
      accumulator,
      lookBack,
      stateful,
      world,
      where,
    };
  });
}

/**
 * Opens one instance for each step and initialises it.
 * @throws MillraceError `module.init`, `module.trap`, `module.fuel`, `module.answer`, at the place in the config that
 * names the module
 * @param begin told of each step before it is opened, by its index
 */
export async function openSteps(
  steps: readonly StepToOpen[],
  log: Logger,
  begin?: (step: number) => void,
): Promise<readonly PipelineStep[]> {
  const opened: PipelineStep[] = [];
  for (const { stage, name, onError, module, sha256, world, where, ...more } of steps) {
    const { parameters, accumulator, lookBack, stateful } = more;
    begin?.(opened.length);
    const chain = [{ module: moduleOf(module), parameters, accumulator, lookBack, stateful }];
    const { transforms } = await placedAt(where, () =>
      openChain(chain, { ...world, now: () => performance.now(), log: (line) => logLine(log, line) }),
    );
    opened.push(...transforms.map((transform) => ({ stage, name, transform, sha256, onError })));
  }
  return opened;
}

function logLine(log: Logger, { module, level, text }: ModuleLogLine): void {
  // A module that logs an error has not failed; what has goes through its verdicts.
  log[level === "error" ? "warn" : level](`${module}: ${text}`);
}
