import { MillraceError } from "../../errors.ts";
import type { TopicStore } from "../../topic/index.ts";
import type { Outcome } from "../outcome.ts";
import type { CommonOptions, Session } from "../session.ts";
import { withNewTopics } from "./store.ts";

export interface CreateOptions extends CommonOptions {
  readonly ifMissing?: boolean;
}

/** What `topic create --json` gives. */
interface TopicCreateResult {
  readonly folder: string;
  readonly topic: string;
  /** False where it was there already. */
  readonly created: boolean;
}

/** @throws MillraceError `topic.exists`, `topic.name`, `topic.store` */
export function createTopic(
  name: string,
  options: CreateOptions,
  session: Session,
): Promise<Outcome<TopicCreateResult>> {
  return withNewTopics(options, session, async (store) => {
    const created = !(await isThere(store, name));
    if (!created && options.ifMissing !== true) {
      throw new MillraceError("topic.exists", `there is a topic "${name}" already in ${store.location}`, {
        where: { topic: name },
        hint: "give another name; with --if-missing this is no failure",
      });
    }
    await store.open(name, { create: true });
    const summary = created ? `created the topic ${name}` : `the topic ${name} is there already`;
    const { green, glyphs } = session.stdout.style;
    return {
      summary,
      result: { folder: store.location, topic: name, created },
      text: `${green(glyphs.done)} ${summary}`,
    };
  });
}

async function isThere(store: TopicStore, name: string): Promise<boolean> {
  try {
    await store.open(name);
    return true;
  } catch (error) {
    if (MillraceError.is(error) && error.code === "topic.not-found") return false;
    throw error;
  }
}
