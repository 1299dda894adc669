import { resolve } from "node:path";
import { createTopicSource, type Source } from "../../pipeline/index.ts";
import type { ConnectorContext } from "../spec.ts";
import type { TopicSettings } from "./settings.ts";

/**
 * Another topic as the source of an inbound pipeline. Its place is stored with the records in the pipeline's own topic,
 * and nowhere else: each record arrives exactly once.
 */
export function createOtherTopicSource(
  { name, folder, start = { from: "beginning", skip: 0 } }: TopicSettings,
  context: ConnectorContext,
): Source {
  let source: Source | undefined;
  const opened = (): Source => source as Source;
  return {
    async open(position) {
      const topic = await context.openTopic(name, {
        folder: folder === undefined ? undefined : resolve(context.folder, folder),
      });
      source = createTopicSource(topic, { consumer: undefined, start, once: context.once });
      await source.open(position);
    },
    read: (buffer, signal) => opened().read(buffer, signal),
    close: async () => source?.close(),
    locate: (frame, index) => opened().locate(frame, index),
  };
}
