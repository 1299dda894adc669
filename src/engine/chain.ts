import type { Batch } from "../record/index.ts";
import type { ModuleLogLine, Transform } from "./abi/index.ts";
import type { Module } from "./module/index.ts";

/** One module of a chain. */
export interface ChainStep {
  readonly module: Module;
  /** What the module gets at init; every value is a text. */
  readonly parameters?: ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined;
  /** What an aggregate begins with, as an earlier run left it or as a config says. */
  readonly accumulator?: Uint8Array | undefined;
  /** In place of that of the module. */
  readonly fuelPerRecord?: number | undefined;
}

export interface ChainOptions {
  /** Milliseconds from any origin, to time the steps with; without it nothing is timed. */
  readonly now?: (() => number) | undefined;
  /** Told of every line that a module logs; without it they are dropped. */
  readonly log?: ((line: ModuleLogLine) => void) | undefined;
}

/** Transforms that run one after another, each on what the one before left in play. */
export interface Chain {
  readonly transforms: readonly Transform[];
  /**
   * Runs a batch through all transforms. What is in play afterwards is the result; failed records are in the batch's
   * failures.
   * @throws MillraceError `module.trap`, `module.fuel`, `module.answer`
   */
  process(batch: Batch): void;
}

/**
 * Opens an instance of each module and initialises it with its parameters.
 * @throws MillraceError `module.init`, `module.trap`, `module.fuel`, `module.answer`
 */
export async function openChain(steps: readonly ChainStep[], options: ChainOptions = {}): Promise<Chain> {
  const transforms: Transform[] = [];
  const { now, log } = options;
  for (const { module, parameters = {}, accumulator, fuelPerRecord } of steps) {
    const map = parameters instanceof Map ? parameters : new Map(Object.entries(parameters));
    const limits = fuelPerRecord === undefined ? module.limits : { ...module.limits, fuelPerRecord };
    transforms.push(await module.abi.open({ ...module, limits }, { parameters: map, now, log, accumulator }));
  }
  return {
    transforms,
    process(batch) {
      for (const transform of transforms) transform.process(batch);
    },
  };
}
