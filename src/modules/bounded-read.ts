import { constants, type FileHandle, open } from "node:fs/promises";

/**
 * Reads a whole file, or gives undefined where it is larger.
 * @param isStored whether it is a file that only a store has written, which is never a link
 * @throws what the platform throws
 */
export async function readFileAtMost(
  path: string,
  bytesMax: number,
  isStored = false,
): Promise<Uint8Array | undefined> {
  // Windows has no such flag, and makes links for administrators only.
  const flags = constants.O_RDONLY | (isStored ? (constants.O_NOFOLLOW ?? 0) : 0);
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags);
    const { size } = await handle.stat();
    if (size > bytesMax) return undefined;
    const bytes = await handle.readFile();
    return bytes.length > bytesMax ? undefined : bytes;
  } finally {
    await handle?.close();
  }
}
