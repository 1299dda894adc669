export type { ReplayWith } from "./open-step.ts";
export type { ReplayDifference, ReplayResult, StepComparison, Trail, TrailStep } from "./result.ts";

/** What replays captures. It needs most of this project, which a trial of one module starts without. */
export function loadReplaying(): Promise<typeof import("./api.ts")> {
  return import("./api.ts");
}
