import { MillraceError } from "../../errors.ts";
import { openLetter } from "../../pipeline/index.ts";
import { Batch, type RecordView } from "../../record/index.ts";
import type { Topic, TopicStore } from "../../topic/index.ts";
import { openTopic } from "../topic/store.ts";

/** How the topics are called that pipelines make for their letters where a config names none. */
const usualEnd = "-dead-letters";

/** The records of a topic from one offset to another, each borrowed until the next one. */
export function* recordsOf(topic: Topic, from: number, to: number): Generator<RecordView> {
  const batch = new Batch();
  for (let offset = from; offset < to; ) {
    const frame = topic.read(offset, batch.buffer);
    if (frame === undefined) return;
    batch.start(frame);
    offset = frame.baseOffset + frame.recordCount;
    for (const record of batch) {
      if ((record.offset ?? 0) >= to) break;
      yield record;
    }
    batch.release();
  }
}

/** Whether a topic is one of dead letters: its youngest record says so, or its name where it is empty. */
function holdsLetters(topic: Topic): boolean {
  const { first, next } = topic.bounds();
  if (first === next) return topic.name.endsWith(usualEnd);
  const [youngest] = recordsOf(topic, next - 1, next);
  return youngest !== undefined && openLetter(youngest.headers) !== undefined;
}

/** The topics of dead letters, ordered by name. */
export async function letterTopics(store: TopicStore | undefined): Promise<readonly Topic[]> {
  const topics: Topic[] = [];
  for (const { name } of (await store?.list()) ?? []) {
    const topic = await store?.open(name);
    if (topic !== undefined && holdsLetters(topic)) topics.push(topic);
  }
  return topics;
}

/**
 * Opens a topic of dead letters.
 * @throws MillraceError `topic.not-found`; `dead-letter.topic` for any other topic
 */
export async function openLetters(
  store: TopicStore | undefined,
  name: string,
  folder: string,
): Promise<Topic> {
  const topic = await openTopic(store, name, folder);
  if (holdsLetters(topic)) return topic;
  const names = (await letterTopics(store)).map((each) => each.name);
  throw new MillraceError("dead-letter.topic", `the topic "${name}" is not one of dead letters`, {
    where: { topic: name },
    hint:
      names.length === 0
        ? "there are none in this folder; `onError: dead-letter` makes them"
        : `those are ${names.join(", ")}; \`millrace topic\` works on all topics`,
  });
}
