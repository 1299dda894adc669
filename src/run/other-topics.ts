import { realpathSync } from "node:fs";
import type { OpenTopicOptions } from "../connector/index.ts";
import { MillraceError } from "../errors.ts";
import { openLmdbStore, type Topic, type TopicStore } from "../topic/index.ts";

/** Topics that a connector opens beside the pipeline's own, in the same store or in others. */
export class OtherTopics {
  readonly #own: { readonly store: TopicStore; readonly topic: Topic };
  readonly #opened: TopicStore[] = [];

  constructor(store: TopicStore, topic: Topic) {
    this.#own = { store, topic };
  }

  /**
   * @throws MillraceError `topic.loop` for the pipeline's own topic: a pipeline that feeds itself never ends; and what
   * opening a store and a topic throws
   */
  async open(name: string, { create = false, folder }: OpenTopicOptions = {}): Promise<Topic> {
    const store = folder === undefined ? this.#own.store : await this.#storeIn(folder, create);
    if (store === this.#own.store && name === this.#own.topic.name) {
      throw new MillraceError(
        "topic.loop",
        `the pipeline would read from the topic "${name}" what it writes there`,
        {
          where: { topic: name },
          hint: "name two different topics in `meta.topic` and in the section of the connector",
        },
      );
    }
    return store.open(name, { create });
  }

  /** Closes the stores that are not the pipeline's own. */
  async close(): Promise<void> {
    for (const store of this.#opened.splice(0)) await store.close();
  }

  async #storeIn(folder: string, create: boolean): Promise<TopicStore> {
    const place = placeOf(folder);
    if (place === undefined && !create) {
      throw new MillraceError("topic.not-found", "there is no such folder of topics", {
        where: { file: folder },
        hint: "check the path; a relative one counts from the config",
      });
    }
    const known = [this.#own.store, ...this.#opened].find(({ location }) => placeOf(location) === place);
    if (place !== undefined && known !== undefined) return known;
    const store = await openLmdbStore(folder);
    this.#opened.push(store);
    return store;
  }
}

/** Where a folder really is, or undefined when it is not there. */
function placeOf(folder: string): string | undefined {
  try {
    return realpathSync(folder);
  } catch {
    return undefined;
  }
}
