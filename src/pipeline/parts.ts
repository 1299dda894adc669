import type { Clock, Redactor } from "../base/index.ts";
import type { Topic } from "../topic/index.ts";
import type { ErrorWindowSize } from "./error-window.ts";
import type { ErrorPolicy, FailedRecord } from "./policy.ts";
import type { Sink, Source } from "./ports.ts";
import type { Processor } from "./processor.ts";

export interface PipelineEnd<Port> {
  /** What people call it: a connector's type, or `topic NAME`. */
  readonly name: string;
  readonly port: Port;
  /** For records that it refuses; the pipeline's where it is absent. A source cannot be asked again. */
  readonly onError?: ErrorPolicy | undefined;
}

/** Where dead letters go. */
export interface DeadLetterBox {
  readonly topic: Topic;
  /** Name of the pipeline, which is in each letter. */
  readonly pipeline: string;
}

export interface PipelineParts {
  readonly source: PipelineEnd<Source>;
  readonly processor: Processor;
  readonly sink: PipelineEnd<Sink>;
  /** For records that the source or the sink refuses. */
  readonly onError: ErrorPolicy;
  readonly clock: Clock;
  /** Told of every record that is left out. */
  readonly onSkip: (record: FailedRecord) => void;
  /** Told of every record that was kept as a dead letter, once it is durable. */
  readonly onDeadLetter?: ((record: FailedRecord) => void) | undefined;
  /** There whenever a policy is `dead-letter`. */
  readonly deadLetters?: DeadLetterBox | undefined;
  /** Without it any number of records may fail. */
  readonly errorWindow?: ErrorWindowSize | undefined;
  /** Takes secrets out of what is told and kept of failed records; without it there are none. */
  readonly redactor?: Redactor | undefined;
  /** Batches that are between source and sink at once; the limit's default where it is absent. */
  readonly framesInFlight?: number | undefined;
  /** A number from 0 to below 1, for the delays between attempts; tests bring their own. */
  readonly random?: (() => number) | undefined;
}
