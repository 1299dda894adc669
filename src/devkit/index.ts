export { type Baseline, baselineContender, readBaseline, saveBaseline } from "./bench/baseline.ts";
export type { Contender } from "./bench/contender.ts";
export { type MeasureOptions, measure, type Progress } from "./bench/measure.ts";
export { type ModuleProfile, type ProfileOptions, profileModule } from "./bench/profile/profile.ts";
export { type RecordsFrom, usualSeed } from "./bench/records.ts";
export { reportPage } from "./bench/report/report.ts";
export type {
  ColdStart,
  Comparison,
  Figures,
  MeasuredCase,
  MeasuredModule,
  Measurement,
  MemoryPoint,
  Outcome as MeasuredOutcome,
  SpeedRatio,
  Verdict,
} from "./bench/result.ts";
export type { Spread } from "./bench/statistics.ts";
export { falsePositiveShareMax } from "./bench/verdict.ts";
export { writeTextFile } from "./bench/write-file.ts";
export { type BuildOptions, type BuiltModule, buildModule } from "./build.ts";
export {
  type ComparedModule,
  type DiffCounts,
  type DiffedRecord,
  type DiffInput,
  type DiffOptions,
  type DiffResult,
  type DiffTime,
  diffModules,
  type OldAndNew,
} from "./diff/index.ts";
export {
  type FuzzResult,
  fuzzModule,
  type LawName,
  type LawResult,
  lawNames,
  testFileText,
} from "./fuzz/index.ts";
export { type Advice, type AdviceFacts, adviceFor } from "./inspect/advice.ts";
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
