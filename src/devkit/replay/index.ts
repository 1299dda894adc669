export { partThatDiffers } from "./compare.ts";
export { diffLines } from "./line-diff.ts";
export { openCapturedSteps, type ReplayWith } from "./open-step.ts";
export { shownRecords } from "./outcomes.ts";
export { recordLines, recordText } from "./record-text.ts";
export { replayCapture, replayFailure } from "./replay.ts";
export type {
  ReplayDifference,
  ReplayResult,
  ShownRecord,
  StepComparison,
  Trail,
  TrailStep,
} from "./result.ts";
export { trailsOf } from "./trail.ts";
