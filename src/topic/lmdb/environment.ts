import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Database, RootDatabase } from "lmdb";
import { MillraceError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { AccumulatorKey } from "../accumulators.ts";
import { checkDataFile, checkLockFile, fillUpDataFile } from "./data-file.ts";
import { checkRoom, type FreeBytes } from "./disk.ts";

/** One topic's databases. Values that are not frames are text: numbers in decimal, positions as JSON. */
export interface Environment {
  /** Frames as they are, by the offset of their first record. */
  readonly frames: Database<Uint8Array, number>;
  /**
   * `format`, and `next`: the offset of the next record, which is its version too, so that a write can depend on it.
   */
  readonly meta: Database<string, string>;
  /** Positions of sources, by the name of their pipeline. */
  readonly positions: Database<string, string>;
  /** Offsets of consumers, by their name. */
  readonly consumers: Database<string, string>;
  /** Accumulators in their stored form, by owner and step. */
  readonly accumulators: Database<Uint8Array, AccumulatorKey>;
  /** All of it: transactions and reads span the databases. */
  readonly root: RootDatabase;
}

const format = "1";
/** Stands in the place of the format once a topic is to go. Versions that do not know it refuse the topic. */
const deletedFormat = "deleted";

/**
 * How lmdb is opened, and why.
 *
 * - `overlappingSync: false`. By default lmdb-js resolves a write when it is visible and flushes it afterwards: a reader
 *   could act on records that a power loss takes back, and their offsets would be given out again. Without it a commit is
 *   LMDB's own: pages are written, fdatasync, then the root of the tree through a descriptor with O_DSYNC; only then can
 *   others see it and does the promise resolve. So resolved means durable.
 * - `eventTurnBatching: false`, and no transaction begun in the middle of a block: a write is handed over when it is
 *   complete. So the write lock is held for as long as the disk takes, and never while this thread, which may run a
 *   module, is busy.
 * - A fixed map, see `topicMapBytes`.
 */
const options = {
  noSubdir: false,
  overlappingSync: false,
  eventTurnBatching: false,
  batchStartThreshold: Number.POSITIVE_INFINITY,
  encoding: "binary",
  maxDbs: 8,
} as const;

export function dataFileOf(folder: string): string {
  return join(folder, "data.mdb");
}

/**
 * Opens the environment in a folder, making both where they are not there.
 * @throws MillraceError `topic.store`, `topic.corrupt`; or what lmdb or Node throw
 */
export async function openEnvironment(folder: string, freeBytes: FreeBytes): Promise<Environment> {
  const dataFile = dataFileOf(folder);
  const isNew = !existsSync(dataFile);
  mkdirSync(folder, { recursive: true });
  if (isNew) checkRoom(freeBytes(folder), 0, { file: folder });
  checkDataFile(dataFile);
  checkLockFile(join(folder, "lock.mdb"));
  const { open } = await import("lmdb");
  const root: RootDatabase = open(folder, {
    ...options,
    ...(isAddressSpaceLimited() ? {} : { mapSize: limits.topicMapBytes.default }),
  });
  try {
    // No page but the first two has been looked at so far.
    const { lastPageNumber, pageSize } = root.getStats() as { lastPageNumber: number; pageSize: number };
    const byteCount = (lastPageNumber + 1) * pageSize;
    root.transactionSync(() => fillUpDataFile(dataFile, byteCount));
    const environment: Environment = {
      root,
      frames: root.openDB("frames", { encoding: "binary" }),
      meta: root.openDB("meta", { encoding: "string", useVersions: true }),
      positions: root.openDB("positions", { encoding: "string" }),
      consumers: root.openDB("consumers", { encoding: "string" }),
      accumulators: root.openDB("accumulators", { encoding: "binary" }),
    };
    begin(environment, folder);
    if (isNew) await syncFolders(folder);
    return environment;
  } catch (error) {
    await root.close();
    throw error;
  }
}

function begin({ meta }: Environment, folder: string): void {
  const found = meta.get("format");
  if (found === undefined) {
    meta.transactionSync(() => {
      if (meta.get("format") !== undefined) return;
      meta.putSync("format", format, 0);
      meta.putSync("first", "0", 0);
      meta.putSync("next", "0", 0);
    });
  } else if (found !== format) {
    throw new MillraceError(
      "topic.store",
      `the topic is in format ${found}, this version reads format ${format}`,
      {
        where: { file: folder },
        hint: "use the version of Millrace that wrote it",
      },
    );
  }
}

/** Whether the topic is marked as deleted. */
export function isDeleted({ meta }: Environment): boolean {
  return meta.get("format") === deletedFormat;
}

/**
 * Marks a topic as deleted. An append depends on `next` in its transaction, so one that comes after this fails, in
 * whichever process, and is not lost with the file.
 *
 * @param first what is to be done before the mark can be seen; when it throws, there is no mark
 */
export function markDeleted({ meta }: Environment, first: () => void): void {
  meta.transactionSync(() => {
    first();
    meta.putSync("format", deletedFormat, 0);
    meta.removeSync("next");
    meta.removeSync("first");
  });
}

/**
 * Ids of the other processes that have read the topic and not closed it, which every process does that opens it. Those
 * that have ended are not among them.
 */
export function otherProcesses({ root }: Environment): readonly number[] {
  root.readerCheck();
  const ids = [...root.readerList().matchAll(/^ *(\d+) /gm)].map(([, id]) => Number(id));
  return [...new Set(ids)].filter((id) => id !== process.pid);
}

/** lmdb ends the process when there is no room for its map, so where room is limited it gets a small one that grows. */
function isAddressSpaceLimited(): boolean {
  try {
    return !/^Max address space +unlimited/m.test(readFileSync("/proc/self/limits", "utf8"));
  } catch {
    return false;
  }
}

/** A new file is found again after a power loss only when the folders above it are durable too. */
async function syncFolders(folder: string): Promise<void> {
  const topics = dirname(folder);
  const store = dirname(topics);
  for (const path of [folder, topics, store, dirname(store)]) {
    try {
      const handle = await openFile(path, "r");
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch {
      // Systems that cannot sync a folder do not need it, or have nothing better to offer.
    }
  }
}
