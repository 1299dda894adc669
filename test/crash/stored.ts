import { join } from "node:path";
import { openLmdbStore, type Position } from "../../src/topic/index.ts";
import { readAll } from "../conformance/topic.ts";

export interface Stored {
  /** Values of the topic's records, in order. */
  readonly values: readonly string[];
  /** Where the source of a pipeline is to go on. */
  readonly position: Position | undefined;
}

/** What is in a topic of the store in a folder, while no pipeline runs there. */
export async function storedIn(folder: string, topicName: string, pipeline: string): Promise<Stored> {
  const store = await openLmdbStore(join(folder, ".millrace"));
  try {
    const topic = await store.open(topicName, { create: true });
    return {
      values: readAll(topic).map(([, value]) => value),
      position: topic.sourcePosition(pipeline),
    };
  } finally {
    await store.close();
  }
}
