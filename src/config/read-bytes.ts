import { type FileHandle, open } from "node:fs/promises";

/**
 * A file's bytes, at most one more than `bytesMax`: enough to see that it is passed, also on a device without an end.
 * @throws what the platform throws
 */
export async function readBytes(file: string, bytesMax: number): Promise<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file);
    const bytes = new Uint8Array(bytesMax + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle?.close();
  }
}
