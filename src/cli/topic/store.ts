import { stat } from "node:fs/promises";
import { MillraceError } from "../../errors.ts";
import { openLmdbStore, type Topic, type TopicStore } from "../../topic/index.ts";
import type { CommonOptions, Session } from "../session.ts";
import { topicFolderOf } from "../topic-folder.ts";

/**
 * Runs `use` on the topics that a command is about. Where nothing names their folder and the usual one is not there,
 * there are no topics, and `use` gets undefined.
 *
 * @throws MillraceError `file.not-found` for a folder that was named and is not there, `topic.store`
 */
export async function withTopics<Result>(
  options: CommonOptions,
  { world }: Session,
  use: (store: TopicStore | undefined, folder: string) => Promise<Result>,
): Promise<Result> {
  const { path, namedBy } = topicFolderOf(options.topics, world.environment);
  // Opening would make the folder, and looking must not leave anything behind.
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    if (namedBy === undefined && found === undefined) return use(undefined, path);
    const what = found === undefined ? "there is no folder of topics at" : "this is no folder of topics:";
    throw new MillraceError("file.not-found", `${what} ${path}`, {
      hint: `${namedBy ?? "the current folder"} says where the topics are; \`millrace run\` makes them there`,
    });
  }
  const store = await openLmdbStore(path);
  try {
    return await use(store, path);
  } finally {
    await store.close();
  }
}

/**
 * Runs `use` on the topics that a command is about, and makes their folder where it is not there.
 * @throws MillraceError `topic.store`
 */
export async function withNewTopics<Result>(
  options: CommonOptions,
  { world }: Session,
  use: (store: TopicStore) => Promise<Result>,
): Promise<Result> {
  const store = await openLmdbStore(topicFolderOf(options.topics, world.environment).path);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/**
 * Opens a topic that is there.
 * @throws MillraceError `topic.not-found`, `topic.name`, `topic.store`
 */
export async function openTopic(store: TopicStore | undefined, name: string, folder: string): Promise<Topic> {
  if (store !== undefined) return store.open(name);
  throw new MillraceError("topic.not-found", `there is no topic "${name}": there is no folder ${folder}`, {
    where: { topic: name },
    hint: "say where the topics are with --topics, or make some with `millrace run` or `millrace topic create`",
  });
}
