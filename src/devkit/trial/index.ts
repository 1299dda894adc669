export { isSameRecord } from "./outcomes.ts";
export { stepsOfPlan } from "./plan-steps.ts";
export {
  type Fate,
  outputOf,
  type TrialBatch,
  type TrialFailure,
  type TrialLogLine,
  type TrialOutcome,
  type TrialRecord,
  type TrialResult,
  type TrialStepResult,
} from "./result.ts";
export { runTrial, Trial, type TrialOptions } from "./trial.ts";
export type { TrialLookBack, TrialStep } from "./trial-step.ts";
