import type { ConnectorSpec } from "../spec.ts";
import { settings, type TopicSettings } from "./settings.ts";

export const topicConnector: ConnectorSpec<TopicSettings> = {
  system: "topic",
  summary: "Reads the records of another topic, each exactly once, and writes records to another topic.",
  example: {
    source: `meta:
  name: copy-orders
  type: topic-source
  topic: big-orders
topic:
  name: orders
`,
    sink: `meta:
  name: forward-orders
  type: topic-sink
  topic: orders
topic:
  name: orders-for-others
  folder: ../others/.millrace
`,
  },
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
