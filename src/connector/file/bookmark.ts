import type { FileHandle } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Position } from "../../topic/index.ts";

/** Bytes at the start of a file, and right before a bookmark, that tell whether a file is still the same. */
const headBytesMax = 1024;
const tailBytesMax = 256;

/**
 * A place in a file, with what the file held at its start and right before that place. Content tells better than
 * names and inodes whether this is the file that was read before: a copy of it may be read on, and one that was
 * rewritten in place may not.
 */
export interface Bookmark {
  readonly byte: number;
  /** Lines before the place, or records where the format has no lines. */
  readonly line: number;
  readonly headBytes: number;
  readonly headCrc: number;
  readonly tailBytes: number;
  readonly tailCrc: number;
  /** How records were taken out, where that was not as lines, and what it takes to go on with it. */
  readonly format?: string;
  readonly state?: string;
}

export const startOfFile: Bookmark = { byte: 0, line: 0, headBytes: 0, headCrc: 0, tailBytes: 0, tailCrc: 0 };

/** What was read from one place to the next. */
export interface Passage {
  readonly byteCount: number;
  readonly lineCount: number;
  /** Its first bytes, and its last ones; both may be all of it. */
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

/** The bookmark behind a passage that begins at `from`. */
export function advance(from: Bookmark, passage: Passage): Bookmark {
  const head = from.byte === 0 ? passage.first.subarray(0, headBytesMax) : undefined;
  const tail = passage.last.subarray(Math.max(0, passage.last.length - tailBytesMax));
  return {
    byte: from.byte + passage.byteCount,
    line: from.line + passage.lineCount,
    headBytes: head?.length ?? from.headBytes,
    headCrc: head === undefined ? from.headCrc : crc32(head),
    tailBytes: tail.length,
    tailCrc: crc32(tail),
  };
}

/** A bookmark from a stored position; undefined when the position is none of a file. */
export function bookmarkOf(position: Position): Bookmark | undefined {
  const { byte, line, headBytes, headCrc, tailBytes, tailCrc, format, state } = position;
  const isValid =
    isCount(byte) &&
    isCount(line) &&
    isCount(headBytes) &&
    isCount(headCrc) &&
    isCount(tailBytes) &&
    isCount(tailCrc) &&
    headBytes <= Math.min(byte, headBytesMax) &&
    tailBytes <= Math.min(byte, tailBytesMax);
  if (!isValid) return undefined;
  return {
    byte,
    line,
    headBytes,
    headCrc,
    tailBytes,
    tailCrc,
    ...(typeof format === "string" ? { format } : {}),
    ...(typeof state === "string" ? { state } : {}),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * The bookmark at a place up to which a file was read, from what the file holds there.
 * @param isArchive the place counts bytes that the file holds packed: only its start can be told then
 */
export async function bookmarkAt(
  handle: FileHandle,
  { byte, line }: { readonly byte: number; readonly line: number },
  isArchive: boolean,
): Promise<Bookmark> {
  const headBytes = Math.min(byte, headBytesMax, (await handle.stat()).size);
  const tailBytes = isArchive ? 0 : Math.min(byte, tailBytesMax);
  const headCrc = await crcAt(handle, 0, headBytes);
  return {
    byte,
    line,
    headBytes,
    headCrc,
    tailBytes,
    tailCrc: await crcAt(handle, byte - tailBytes, tailBytes),
  };
}

/** Why a file is not the one in which the bookmark was made, as the end of a sentence; undefined when it is. */
export async function differenceFrom(
  bookmark: Bookmark,
  handle: FileHandle,
  isArchive = false,
): Promise<string | undefined> {
  const { size } = await handle.stat();
  if (size < bookmark.byte && !isArchive)
    return `it has ${size} bytes, and ${bookmark.byte} were read before`;
  if ((await crcAt(handle, 0, bookmark.headBytes)) !== bookmark.headCrc) return "it begins differently";
  const tailAt = bookmark.byte - bookmark.tailBytes;
  if (!isArchive && (await crcAt(handle, tailAt, bookmark.tailBytes)) !== bookmark.tailCrc) {
    return "it holds something else where reading stopped";
  }
  return undefined;
}

async function crcAt(handle: FileHandle, at: number, length: number): Promise<number> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  return crc32(bytes.subarray(0, bytesRead));
}
