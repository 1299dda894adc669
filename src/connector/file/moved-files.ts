import { open, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Bookmark, differenceFrom } from "./bookmark.ts";
import { isGzip } from "./gzip-input.ts";
import type { Positions } from "./positions.ts";

/** A file that was read under one path, and lies under another now. */
interface MovedFile {
  readonly from: string;
  readonly to: string;
  readonly bookmark: Bookmark;
}

/**
 * Finds files that were moved since their places were stored, by what they hold. Places of files that are not there
 * any more are forgotten.
 *
 * @param files that are to be read
 * @param isPattern a moved file must be among these then; else it may be any whose name begins with the old one
 */
export async function findMoved(
  positions: Positions,
  files: readonly string[],
  isPattern: boolean,
): Promise<readonly MovedFile[]> {
  const homeless = new Map<string, Bookmark>();
  for (const path of positions.paths) {
    const bookmark = positions.get(path);
    if (bookmark !== undefined && bookmark.byte > 0 && !(await fits(path, bookmark)))
      homeless.set(path, bookmark);
  }
  const moved = new Map<string, MovedFile>();
  for (const [from, bookmark] of homeless) {
    const candidates = isPattern ? files : await namesakes(from);
    const free = candidates.filter(
      (to) => to !== from && !moved.has(to) && (positions.get(to) === undefined || homeless.has(to)),
    );
    const to = await firstThatFits(free, bookmark);
    if (to !== undefined) moved.set(to, { from, to, bookmark });
    else if (!files.includes(from)) positions.delete(from);
  }
  return [...moved.values()];
}

async function firstThatFits(paths: readonly string[], bookmark: Bookmark): Promise<string | undefined> {
  for (const path of paths) if (await fits(path, bookmark)) return path;
  return undefined;
}

/** Files beside one whose names begin with its name, as those that log rotation leaves. */
async function namesakes(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const start = basename(path);
  return names.filter((name) => name.startsWith(start) && name !== start).map((name) => join(folder, name));
}

async function fits(path: string, bookmark: Bookmark): Promise<boolean> {
  try {
    const handle = await open(path, "r");
    try {
      if (!(await handle.stat()).isFile()) return false;
      const isArchive = await isGzip(path, handle);
      // The places in a file and in an archive of it are told by other bytes.
      if (isArchive !== (bookmark.format?.endsWith(" gzip") === true)) return false;
      return (await differenceFrom(bookmark, handle, isArchive)) === undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return false;
  }
}
