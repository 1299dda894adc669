export { isSameRecord } from "./became.ts";
export type { BatchEnvelope, CapturedStep, EndEnvelope, HeadEnvelope, StepRun } from "./envelope.ts";
export { captureFile } from "./file.ts";
export { type Became, becameOf } from "./layout.ts";
export { type CaptureEntry, CaptureReader } from "./reader.ts";
export type { CaptureScope, CaptureSummary } from "./recorder.ts";
export { type Capture, type CaptureOptions, startCapture } from "./start.ts";
export { Stepper } from "./stepper.ts";
export type { TakenStep } from "./taken.ts";
