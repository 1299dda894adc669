import { statfsSync } from "node:fs";
import { MillraceError, type Where } from "../../errors.ts";
import { limits } from "../../limits.ts";

/** Bytes that may still be written to the disk that a folder is on. */
export type FreeBytes = (folder: string) => number;

export const freeBytesOf: FreeBytes = (folder) => {
  try {
    const { bavail, bsize, blocks } = statfsSync(folder);
    // Some file systems do not say how large they are.
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
};

/**
 * Checks that the disk has room before lmdb finds out that it has not: an error while it writes its pages is put into
 * words in a buffer that is too short for them, and may end the process.
 * @throws MillraceError `topic.store`
 */
export function checkRoom(free: number, byteCount: number, where: Where): void {
  const needed = byteCount + limits.topicDiskBytesMin.default;
  if (free >= needed) return;
  throw new MillraceError("topic.store", `the disk has ${free} bytes left, this needs ${needed}`, {
    where,
    hint: "free space on the disk, then start again; nothing was stored, and nothing stored is lost",
  });
}
