import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Clock, systemClock } from "../../base/index.ts";
import { storeClosed, topicNotFound } from "../failures.ts";
import { checkTopicName } from "../names.ts";
import { Serial } from "../serial.ts";
import type { Topic, TopicStore, TopicSummary } from "../topic.ts";
import { deleteTopicFolder } from "./delete-topic.ts";
import { type FreeBytes, freeBytesOf } from "./disk.ts";
import { dataFileOf, openEnvironment } from "./environment.ts";
import { LmdbTopic, type Surroundings } from "./lmdb-topic.ts";
import { storeError } from "./store-error.ts";

interface LmdbStoreOptions {
  /** Tells the time of appends. */
  readonly clock?: Clock;
  /** Tells how many bytes may still be written to the disk that a folder is on. */
  readonly freeBytes?: FreeBytes;
}

/**
 * Opens the store in a folder, which is made where it is not there. Each topic is an LMDB environment of its own, in
 * `<folder>/topics/<name>`: deleting that folder frees its disk, and topics do not wait for each other's writes.
 *
 * @throws MillraceError `topic.store` when the folder cannot be made
 */
export async function openLmdbStore(folder: string, options: LmdbStoreOptions = {}): Promise<TopicStore> {
  const store = new LmdbStore(resolve(folder), {
    clock: systemClock,
    freeBytes: freeBytesOf,
    ...options,
  });
  store.begin();
  return store;
}

class LmdbStore implements TopicStore {
  readonly location: string;
  readonly #surroundings: Surroundings;
  readonly #topics = new Map<string, LmdbTopic>();
  /** One opening at a time, so that two calls for one topic give one object. */
  readonly #openings = new Serial();
  #closed = false;

  constructor(location: string, surroundings: Surroundings) {
    this.location = location;
    this.#surroundings = surroundings;
  }

  begin(): void {
    this.#guard("making the folder of topics", () => mkdirSync(this.location, { recursive: true }));
  }

  async open(name: string, { create = false }: { readonly create?: boolean } = {}): Promise<Topic> {
    checkTopicName(name);
    if (this.#closed) throw storeClosed(`the topic "${name}"`);
    return this.#openings.run(async () => {
      const present = this.#topics.get(name);
      if (present !== undefined) return present;
      if (!create && !this.#exists(name)) throw topicNotFound(name, this.location, this.#names());
      const topic = await this.#openTopic(name);
      this.#topics.set(name, topic);
      return topic;
    });
  }

  async delete(name: string): Promise<void> {
    checkTopicName(name);
    if (this.#closed) throw storeClosed(`the topic "${name}"`);
    return this.#openings.run(async () => {
      if (!this.#exists(name)) throw topicNotFound(name, this.location, this.#names());
      const folder = join(this.#topicsFolder, name);
      try {
        await deleteTopicFolder(name, folder, this.#surroundings.freeBytes);
      } catch (error) {
        throw storeError(`deleting the topic "${name}"`, error, { file: folder });
      }
      const present = this.#topics.get(name);
      this.#topics.delete(name);
      await present?.close();
    });
  }

  async list(): Promise<readonly TopicSummary[]> {
    if (this.#closed) throw storeClosed(`the store in ${this.location}`);
    return this.#openings.run(async () => {
      const summaries: TopicSummary[] = [];
      for (const name of this.#names()) {
        const present = this.#topics.get(name);
        const topic = present ?? (await this.#openTopic(name));
        try {
          summaries.push(topic.summary());
        } finally {
          if (topic !== present) await topic.close();
        }
      }
      return summaries;
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#openings.settled();
    const topics = [...this.#topics.values()];
    this.#topics.clear();
    await Promise.all(topics.map((topic) => topic.close()));
  }

  get #topicsFolder(): string {
    return join(this.location, "topics");
  }

  #exists(name: string): boolean {
    return existsSync(dataFileOf(join(this.#topicsFolder, name)));
  }

  #names(): readonly string[] {
    if (!existsSync(this.#topicsFolder)) return [];
    return this.#guard("listing the topics", () =>
      readdirSync(this.#topicsFolder)
        // A name with a dot in front is what is left of a deleted topic.
        .filter((name) => !name.startsWith(".") && this.#exists(name))
        .sort(),
    );
  }

  async #openTopic(name: string): Promise<LmdbTopic> {
    const folder = join(this.#topicsFolder, name);
    try {
      const environment = await openEnvironment(folder, this.#surroundings.freeBytes);
      return new LmdbTopic(name, folder, environment, this.#surroundings);
    } catch (error) {
      throw storeError(`opening the topic "${name}"`, error, { file: folder });
    }
  }

  #guard<Result>(doing: string, task: () => Result): Result {
    try {
      return task();
    } catch (error) {
      throw storeError(doing, error, { file: this.location });
    }
  }
}
