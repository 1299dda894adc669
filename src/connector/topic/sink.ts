import { resolve } from "node:path";
import type { Sink } from "../../pipeline/index.ts";
import type { RecordFailure } from "../../record/index.ts";
import type { Topic } from "../../topic/index.ts";
import type { ConnectorContext } from "../spec.ts";
import type { TopicSettings } from "./settings.ts";

/**
 * Another topic as the sink of an outbound pipeline. The place is kept by the topic that is read, so after a crash the
 * last records may come twice; a `topic-source` brings them once.
 */
export function createOtherTopicSink(
  { name, folder, create = true }: TopicSettings,
  context: ConnectorContext,
): Sink {
  let topic: Topic | undefined;
  return {
    refusesNone: true,
    async open() {
      topic = await context.openTopic(name, {
        create,
        folder: folder === undefined ? undefined : resolve(context.folder, folder),
      });
    },
    async write(batch): Promise<readonly RecordFailure[]> {
      await topic?.append(batch);
      return [];
    },
    // What was appended is durable already.
    async flush() {},
    async close() {},
  };
}
