import { randomUUID } from "node:crypto";
import { readdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { FreeBytes } from "./disk.ts";
import { type Environment, markDeleted, openEnvironment, otherProcesses } from "./environment.ts";
import { storeError } from "./store-error.ts";

/** Begins the name of a folder that was a topic. No topic's name begins with a dot. */
const deletedPrefix = ".deleted-";

/**
 * Deletes the folder of a topic, in this order:
 *
 * 1. It is refused while another process has the topic open, as far as lmdb's table of readers tells.
 * 2. In one transaction the folder gets another name, and then the topic its mark. So whoever opened the topic meanwhile
 *    gets an error at the next append, instead of records that go with the file, and a topic that is made anew under the
 *    name is another folder.
 * 3. The folder is removed. What a crash leaves of it, the next deletion takes along.
 *
 * @throws MillraceError `topic.in-use`, `topic.store`; or what lmdb or Node throw
 */
export async function deleteTopicFolder(name: string, folder: string, freeBytes: FreeBytes): Promise<void> {
  const deleted = join(dirname(folder), `${deletedPrefix}${randomUUID()}`);
  const environment = await openIfSound(folder, freeBytes);
  if (environment === undefined) renameSync(folder, deleted);
  else {
    try {
      refuseIfInUse(name, environment);
      // A transaction on a full disk may end the process, and deleting is what people do then.
      const hasRoom = freeBytes(folder) >= limits.topicDiskBytesMin.default;
      if (hasRoom) markDeleted(environment, () => renameSync(folder, deleted));
      else renameSync(folder, deleted);
    } finally {
      await environment.root.close();
    }
  }
  await removeDeleted(dirname(folder));
}

/** The topic's databases, or undefined where they are damaged: what cannot be read can still be deleted. */
async function openIfSound(folder: string, freeBytes: FreeBytes): Promise<Environment | undefined> {
  try {
    return await openEnvironment(folder, freeBytes);
  } catch (thrown) {
    const error = storeError("opening the topic", thrown, { file: folder });
    if (error.code === "topic.corrupt") return undefined;
    throw error;
  }
}

function refuseIfInUse(name: string, environment: Environment): void {
  const ids = otherProcesses(environment);
  if (ids.length === 0) return;
  const processes = `${ids.length === 1 ? "process" : "processes"} ${ids.join(", ")}`;
  throw new MillraceError("topic.in-use", `the topic "${name}" is in use by ${processes}`, {
    where: { topic: name },
    hint: "end what reads or writes it first, such as `millrace run` or `millrace topic consume --follow`",
  });
}

async function removeDeleted(topicsFolder: string): Promise<void> {
  const left = readdirSync(topicsFolder).filter((name) => basename(name).startsWith(deletedPrefix));
  for (const name of left) await rm(join(topicsFolder, name), { recursive: true, force: true });
}
