import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { MillraceError } from "../../errors.ts";

/*
 * lmdb maps its file into memory and believes what it finds: a file that is something else, or shorter than it says
 * of itself, ends the process instead of raising an error. So what lmdb relies on first is checked here, before it
 * looks.
 *
 * Page 0 and page 1 say where the trees begin; writes take turns with them. Little-endian, from the start of such a
 * page:
 *
 *   18  flags of the page, u16: 0x08      24  magic, u32        28  version of the format, u32
 *   40  size of the map, u64              48  page size, u32
 *  144  last page in use, u64            152  transaction, u64
 */
const metaBytes = 160;
const metaFlag = 0x08;
const magic = 0xbeefc0de;
const formatVersion = 2;

/**
 * Checks the data file of an environment, which need not be there yet.
 * @throws MillraceError `topic.store` when it is something else, `topic.corrupt` when it is damaged
 */
export function checkDataFile(path: string): void {
  let file: number;
  try {
    file = openSync(path, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    const { size } = fstatSync(file);
    if (size === 0) return;
    const bytes = Buffer.alloc(metaBytes);
    readAt(file, bytes, 0);
    if (size < metaBytes || !isMeta(bytes)) {
      throw new MillraceError("topic.store", "the file is not one of a topic", {
        where: { file: path },
        hint: "another program wrote it; move it away, or give another folder",
      });
    }
    const pageBytes = bytes.readUInt32LE(48);
    // Another process may be writing to them at this moment, so a first glance may be wrong.
    if (!isSound(file, pageBytes) && !isSound(file, pageBytes)) {
      throw new MillraceError("topic.corrupt", "the first pages of the topic's file are damaged", {
        where: { file: path },
        hint: "the disk or another program changed the file; restore it from a copy",
      });
    }
  } finally {
    closeSync(file);
  }
}

/** Checks that the lock file, where it is there, can be opened: lmdb ends the process when it cannot. */
export function checkLockFile(path: string): void {
  try {
    closeSync(openSync(path, "r+"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/**
 * Makes the data file as long as it says it is: what was cut off reads as zeros then, which is an error where
 * something is looked for there, instead of the end of the process. Must be called while holding the environment's
 * write lock.
 */
export function fillUpDataFile(path: string, byteCount: number): void {
  const file = openSync(path, "r+");
  try {
    if (fstatSync(file).size < byteCount) ftruncateSync(file, byteCount);
  } finally {
    closeSync(file);
  }
}

/** Whether both pages are of the right kind, and the newer one, which is what counts, makes sense. */
function isSound(file: number, pageBytes: number): boolean {
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) return false;
  const [even, odd] = [Buffer.alloc(metaBytes), Buffer.alloc(metaBytes)];
  readAt(file, even, 0);
  readAt(file, odd, pageBytes);
  if (!isMeta(even) || !isMeta(odd)) return false;
  const newer = odd.readBigUInt64LE(152) > even.readBigUInt64LE(152) ? odd : even;
  const lastPage = newer.readBigUInt64LE(144);
  return (
    newer.readUInt32LE(48) === pageBytes &&
    lastPage >= 1n &&
    (lastPage + 1n) * BigInt(pageBytes) <= newer.readBigUInt64LE(40)
  );
}

function isMeta(bytes: Buffer): boolean {
  return (
    (bytes.readUInt16LE(18) & metaFlag) !== 0 &&
    bytes.readUInt32LE(24) === magic &&
    (bytes.readUInt32LE(28) & 0xffff) === formatVersion
  );
}

function readAt(file: number, bytes: Buffer, position: number): void {
  readSync(file, bytes, 0, bytes.length, position);
}
