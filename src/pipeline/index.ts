export type { PipelineCounts, StageCounts } from "./counts.ts";
export { createInlineProcessor } from "./inline-processor.ts";
export { type LookBack, lookBackBatches } from "./look-back.ts";
export { Pipeline, type PipelineEnd, type PipelineParts } from "./pipeline.ts";
export type { ErrorPolicy, FailedRecord } from "./policy.ts";
export type { BatchPosition, Reading, Rejection, Sink, Source } from "./ports.ts";
export {
  type PipelineStep,
  type Processed,
  type Processor,
  type ProcessorStep,
  runSteps,
} from "./processor.ts";
export { createTopicSink } from "./topic-sink.ts";
export { createTopicSource, startOf } from "./topic-source.ts";
