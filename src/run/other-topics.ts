import { realpathSync } from "node:fs";
import type { OpenTopicOptions } from "../connector/index.ts";
import { MillraceError } from "../errors.ts";
import { openLmdbStore, type Topic, type TopicStore } from "../topic/index.ts";

/** Topics that a connector opens beside the pipeline's own, in the same store or in others. */
export class OtherTopics {
  readonly #own: TopicStore;
  readonly #taken: readonly string[];
  readonly #opened: TopicStore[] = [];

  /** @param taken names of the topics that the pipeline reads or writes anyway */
  constructor(store: TopicStore, taken: readonly string[]) {
    this.#own = store;
    this.#taken = taken;
  }

  /**
   * @throws MillraceError `topic.loop` for the pipeline's own topic, or that of its dead letters: a pipeline that feeds
   * itself never ends; and what opening a store and a topic throws
   */
  async open(name: string, { create = false, folder }: OpenTopicOptions = {}): Promise<Topic> {
    const store = folder === undefined ? this.#own : await this.#storeIn(folder, create);
    if (store === this.#own && this.#taken.includes(name)) {
      throw new MillraceError(
        "topic.loop",
        `the pipeline would read from the topic "${name}" what it writes there`,
        {
          where: { topic: name },
          hint: "name different topics in `meta.topic`, in the section of the connector, and for the dead letters",
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
    const known = [this.#own, ...this.#opened].find(({ location }) => placeOf(location) === place);
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
