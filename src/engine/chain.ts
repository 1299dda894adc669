import type { Batch } from "../record/index.ts";
import type { ModuleLogLine, OpenOptions, Transform, WorldOptions } from "./abi/index.ts";
import type { Module, ModuleParts } from "./module/index.ts";

/** One module of a chain. */
export interface ChainStep {
  readonly module: ModuleParts & Pick<Module, "abi">;
  /** What the module gets at init; every value is a text. */
  readonly parameters?: ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined;
  /** What an aggregate begins with, as an earlier run left it or as a config says. */
  readonly accumulator?: Uint8Array | undefined;
  /** Which earlier records it will be shown, for a module that is told so; showing them is the caller's part. */
  readonly lookBack?: OpenOptions["lookBack"];
  /**
   * Whether the module keeps something from one record to a later one, where the user says so; what a packed module says
   * itself counts otherwise. False: an instance is given up for a new one whenever that helps. True: never, unless the module
   * looks back. Absent, for a module built for Fluvio: only after a trap, with a warning in the log.
   */
  readonly stateful?: boolean | undefined;
  /** In place of that of the module. */
  readonly fuelPerRecord?: number | undefined;
}

export interface ChainOptions extends WorldOptions {
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
   * @throws MillraceError as `Transform.process`
   */
  process(batch: Batch): void;
}

/**
 * Opens an instance of each module and initialises it with its parameters.
 * @throws MillraceError `module.init`, `module.trap`, `module.fuel`, `module.answer`
 */
export async function openChain(steps: readonly ChainStep[], options: ChainOptions = {}): Promise<Chain> {
  const transforms: Transform[] = [];
  for (const { module, parameters = {}, fuelPerRecord, ...more } of steps) {
    const map = parameters instanceof Map ? parameters : new Map(Object.entries(parameters));
    const limits = fuelPerRecord === undefined ? module.limits : { ...module.limits, fuelPerRecord };
    transforms.push(await module.abi.open({ ...module, limits }, { ...options, ...more, parameters: map }));
  }
  return {
    transforms,
    process(batch) {
      for (const transform of transforms) transform.process(batch);
    },
  };
}
