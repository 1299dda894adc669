export { diffLines } from "./line-diff.ts";
export { openCapturedSteps, type ReplayWith } from "./open-step.ts";
export { recordLines } from "./record-text.ts";
export { replayCapture, replayFailure } from "./replay.ts";
export type { ReplayDifference, ReplayResult, StepComparison, Trail, TrailStep } from "./result.ts";
export { trailsOf } from "./trail.ts";
