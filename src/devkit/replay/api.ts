export { diffLines } from "./line-diff.ts";
export { openCapturedSteps } from "./open-step.ts";
export { recordLines } from "./record-text.ts";
export { replayCapture, replayFailure } from "./replay.ts";
export { trailsOf } from "./trail.ts";
