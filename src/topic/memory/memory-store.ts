import { type Clock, systemClock } from "../../base/index.ts";
import { storeClosed, topicNotFound } from "../failures.ts";
import { checkTopicName } from "../names.ts";
import type { Topic, TopicStore, TopicSummary } from "../topic.ts";
import { MemoryTopic } from "./memory-topic.ts";

/** A store for tests and for pipelines that need to keep nothing: its topics are gone with it. */
export function createMemoryStore(clock: Clock = systemClock): TopicStore {
  const location = "memory";
  const topics = new Map<string, MemoryTopic>();
  let isClosed = false;

  return {
    location,

    async open(name, { create = false } = {}): Promise<Topic> {
      checkTopicName(name);
      if (isClosed) throw storeClosed(`the topic "${name}"`);
      const present = topics.get(name);
      if (present !== undefined) return present;
      if (!create) throw topicNotFound(name, location, topics.keys());
      const topic = new MemoryTopic(name, clock);
      topics.set(name, topic);
      return topic;
    },

    async delete(name): Promise<void> {
      checkTopicName(name);
      if (isClosed) throw storeClosed(`the topic "${name}"`);
      const present = topics.get(name);
      if (present === undefined) throw topicNotFound(name, location, topics.keys());
      present.close();
      topics.delete(name);
    },

    async list(): Promise<readonly TopicSummary[]> {
      if (isClosed) throw storeClosed("the list of topics");
      return [...topics.keys()].sort().map((name) => (topics.get(name) as MemoryTopic).summary());
    },

    async close(): Promise<void> {
      isClosed = true;
      for (const topic of topics.values()) topic.close();
    },
  };
}
