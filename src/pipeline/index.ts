export { noPipelineCounts, type PipelineCounts, type StageCounts } from "./counts.ts";
export { type DeadLetterCause, openLetter } from "./dead-letter.ts";
export type { ErrorWindowSize } from "./error-window.ts";
export { createInlineProcessor } from "./inline-processor.ts";
export { type LookBack, lookBackBatches } from "./look-back.ts";
export type { DeadLetterBox, PipelineEnd, PipelineParts } from "./parts.ts";
export { Pipeline } from "./pipeline.ts";
export {
  type ErrorPolicy,
  type FailedRecord,
  type LastResort,
  lastResortOf,
  type RetryPolicy,
} from "./policy.ts";
export type { BatchPosition, Reading, Rejection, Sink, Source } from "./ports.ts";
export {
  type PipelineStep,
  type Processed,
  type Processor,
  type ProcessorStep,
  runSteps,
} from "./processor.ts";
export { type ReplayCounts, ReplaySource } from "./replay-source.ts";
export { createTopicSink } from "./topic-sink.ts";
export { createTopicSource, startOf } from "./topic-source.ts";
