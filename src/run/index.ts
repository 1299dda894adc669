export {
  type BatchEnvelope,
  type Became,
  becameOf,
  type CapturedStep,
  type CaptureOptions,
  CaptureReader,
  type CaptureSummary,
  captureFile,
  type HeadEnvelope,
  isSameRecord,
  Stepper,
  type StepRun,
  type TakenStep,
} from "./capture/index.ts";
export { nodeContext } from "./context.ts";
export { preparePipeline, type RunnablePipeline, type RunOptions } from "./prepare.ts";
export { openProcessor } from "./processor.ts";
export type { Exchange } from "./reload.ts";
export type { LettersToReplay } from "./replay.ts";
export { type LoadedStep, loadSteps } from "./steps.ts";
