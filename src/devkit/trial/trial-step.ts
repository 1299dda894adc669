import type { Module } from "../../engine/index.ts";
import type { Where } from "../../errors.ts";

/** Which of the earlier records a step is shown: the last ones, or those up to an age; both together, those in both. */
export interface TrialLookBack {
  readonly last?: number | undefined;
  readonly ageMs?: number | undefined;
}

/** One module of a trial, with all that a config may say of it. */
export interface TrialStep {
  readonly module: Module;
  /** What people call its place: `filter`, `shape`, `transform`, or `module` for one by itself. */
  readonly stage?: string | undefined;
  readonly parameters?: ReadonlyMap<string, string> | undefined;
  /** What an aggregate begins with. */
  readonly accumulator?: Uint8Array | undefined;
  /** Without it, a module that looks back is shown all earlier records there are. */
  readonly lookBack?: TrialLookBack | undefined;
  readonly stateful?: boolean | undefined;
  /** Where a config names the module; errors of its start have this place. */
  readonly where?: Where | undefined;
}
