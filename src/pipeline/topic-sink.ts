import type { RecordFailure } from "../record/index.ts";
import type { Topic } from "../topic/index.ts";
import type { Sink } from "./ports.ts";

/**
 * A topic as the outbound end of an inbound pipeline: the records of a batch and the position that the source had
 * after them are stored in one transaction, so that a source which can be read again from a place is exactly-once
 * here. What its aggregates have added up is stored with them, also where the source has no position. Whoever opened
 * the topic closes it.
 */
export function createTopicSink(topic: Topic, pipeline: string): Sink {
  return {
    async open(): Promise<void> {},

    async write(batch, { source, accumulators = [] }): Promise<readonly RecordFailure[]> {
      const isRecordsAlone = source === undefined && accumulators.length === 0;
      await topic.append(batch, isRecordsAlone ? undefined : { pipeline, position: source, accumulators });
      return [];
    },

    // What was written is durable already.
    async flush(): Promise<void> {},

    async close(): Promise<void> {},
  };
}
