import type { Batch } from "../record/index.ts";
import type { Transform } from "./abi/index.ts";
import type { Module } from "./module/index.ts";

/** One module of a chain. */
export interface ChainStep {
  readonly module: Module;
  /** What the module gets at init; every value is a text. */
  readonly parameters?: ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined;
}

export interface ChainOptions {
  /** Milliseconds from any origin, to time the steps with; without it nothing is timed. */
  readonly now?: (() => number) | undefined;
}

/** Transforms that run one after another, each on what the one before left in play. */
export interface Chain {
  readonly transforms: readonly Transform[];
  /**
   * Runs a batch through all transforms. What is in play afterwards is the result; failed records are in the batch's
   * failures.
   * @throws MillraceError `module.trap`, `module.answer`
   */
  process(batch: Batch): void;
}

/**
 * Opens an instance of each module and initialises it with its parameters.
 * @throws MillraceError `module.init`, `module.trap`, `module.answer`
 */
export async function openChain(steps: readonly ChainStep[], options: ChainOptions = {}): Promise<Chain> {
  const transforms: Transform[] = [];
  for (const { module, parameters = {} } of steps) {
    const map = parameters instanceof Map ? parameters : new Map(Object.entries(parameters));
    transforms.push(await module.abi.open(module, { parameters: map, now: options.now }));
  }
  return {
    transforms,
    process(batch) {
      for (const transform of transforms) transform.process(batch);
    },
  };
}
