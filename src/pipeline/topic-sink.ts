import type { RecordFailure } from "../record/index.ts";
import type { SourcePosition, Topic } from "../topic/index.ts";
import type { Sink } from "./ports.ts";

/** Under which name a topic keeps the place of a source, and whose accumulators those are that come with it. */
export type PositionOwner = Pick<SourcePosition, "pipeline" | "accumulatorsOf">;

/**
 * A topic as the outbound end of an inbound pipeline: the records of a batch and the position that the source had
 * after them are stored in one transaction, so that a source which can be read again from a place is exactly-once
 * here. What its aggregates have added up is stored with them, also where the source has no position. Whoever opened
 * the topic closes it.
 */
export function createTopicSink(topic: Topic, owner: string | PositionOwner): Sink {
  const named = typeof owner === "string" ? { pipeline: owner } : owner;
  return {
    refusesNone: true,

    async open(): Promise<void> {},

    async write(batch, { source, accumulators = [] }): Promise<readonly RecordFailure[]> {
      const isRecordsAlone = source === undefined && accumulators.length === 0;
      await topic.append(batch, isRecordsAlone ? undefined : { ...named, position: source, accumulators });
      return [];
    },

    // What was written is durable already.
    async flush(): Promise<void> {},

    async close(): Promise<void> {},
  };
}
