import type { ConnectorSpec } from "../spec.ts";
import { settings, type TopicSettings } from "./settings.ts";

export const topicConnector: ConnectorSpec<TopicSettings> = {
  system: "topic",
  summary: "Reads the records of another topic, each exactly once, and writes records to another topic.",
  settings,
  async source(given, _extract, context) {
    const { createOtherTopicSource } = await import("./source.ts");
    return createOtherTopicSource(given, context);
  },
  async sink(given, _packing, context) {
    const { createOtherTopicSink } = await import("./sink.ts");
    return createOtherTopicSink(given, context);
  },
};
