export { type BuildOptions, type BuiltModule, buildModule } from "./build.ts";
export {
  type FuzzResult,
  fuzzModule,
  type LawName,
  type LawResult,
  lawNames,
  testFileText,
} from "./fuzz/index.ts";
export {
  diffLines,
  openCapturedSteps,
  type ReplayDifference,
  type ReplayResult,
  type ReplayWith,
  recordLines,
  replayCapture,
  replayFailure,
  type StepComparison,
  type Trail,
  type TrailStep,
  trailsOf,
} from "./replay/index.ts";
export { reportJsonSchema } from "./reports/index.ts";
export type { BuiltKind } from "./source-shape.ts";
export {
  type FileReport,
  runTestFile,
  type TestReport,
  type TestRunOptions,
  testReportJsonSchema,
} from "./testing/index.ts";
export {
  type Fate,
  outputOf,
  runTrial,
  stepsOfPlan,
  Trial,
  type TrialOptions,
  type TrialOutcome,
  type TrialRecord,
  type TrialResult,
  type TrialStep,
} from "./trial/index.ts";
