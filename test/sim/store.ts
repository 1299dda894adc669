import type { Clock } from "../../src/base/index.ts";
import { storeClosed, topicNotFound } from "../../src/topic/failures.ts";
import type { TopicStore } from "../../src/topic/index.ts";
import { LmdbTopic } from "../../src/topic/lmdb/lmdb-topic.ts";
import { checkTopicName } from "../../src/topic/names.ts";
import type { SimulatedDisk } from "./disk.ts";
import { SimulatedEnvironment } from "./environment.ts";

/** A topic that a process has open on a simulated disk: the code is the real one, only lmdb itself is not. */
export function openSimulatedTopic(disk: SimulatedDisk, name: string, clock: Clock): LmdbTopic {
  const environment = new SimulatedEnvironment(disk, name).open();
  // There is no such folder, so no other process is noticed but by the look at intervals.
  return new LmdbTopic(name, "simulated", environment, { clock, freeBytes: () => disk.freeBytes });
}

/** The topics of a simulated disk. */
export function openSimulatedStore(disk: SimulatedDisk, clock: Clock): TopicStore {
  const location = "simulated";
  const topics = new Map<string, LmdbTopic>();
  let isClosed = false;

  function checkOpen(what: string): void {
    if (isClosed) throw storeClosed(what);
  }

  return {
    location,

    async open(name, { create = false } = {}) {
      checkTopicName(name);
      checkOpen(`the topic "${name}"`);
      const isThere = disk.topicNames.includes(name);
      if (!create && !isThere) throw topicNotFound(name, location, disk.topicNames);
      const topic = topics.get(name) ?? openSimulatedTopic(disk, name, clock);
      topics.set(name, topic);
      return topic;
    },

    async delete(name) {
      checkTopicName(name);
      checkOpen(`the topic "${name}"`);
      if (!disk.topicNames.includes(name)) throw topicNotFound(name, location, disk.topicNames);
      await topics.get(name)?.close();
      topics.delete(name);
      disk.remove(name);
    },

    async list() {
      checkOpen("the list of topics");
      const names = disk.topicNames;
      const opened = names.map((name) => topics.get(name) ?? openSimulatedTopic(disk, name, clock));
      return opened.map((topic) => ({ name: topic.name, ...topic.bounds(), storedBytes: 1 }));
    },

    async close() {
      isClosed = true;
      await Promise.all([...topics.values()].map((topic) => topic.close()));
    },
  };
}
