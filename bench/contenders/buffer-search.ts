import { open } from "node:fs/promises";
import type { Job } from "./job.ts";

const chunkBytes = 1024 * 1024;
const needle = Buffer.from('"level":"error"');

/**
 * The fastest plain JavaScript known for this job: no parsing at all, a search for the bytes as they happen to be written. It is wrong
 * for JSON in general (blanks, escapes, the same text inside another value) and stands here as a ceiling.
 */
export async function filterWithBufferSearch({ input, output }: Job): Promise<number> {
  const source = await open(input, "r");
  const target = await open(output, "w");
  const buffer = Buffer.alloc(chunkBytes * 2);
  const survivors = Buffer.alloc(chunkBytes * 2);
  let carried = 0;
  let kept = 0;
  try {
    for (;;) {
      const { bytesRead } = await source.read(buffer, carried, chunkBytes);
      if (bytesRead === 0) break;
      const end = carried + bytesRead;
      const last = buffer.lastIndexOf(10, end - 1) + 1;
      const lines = buffer.subarray(0, last);
      let used = 0;
      let from = 0;
      for (;;) {
        const hit = lines.indexOf(needle, from);
        if (hit < 0) break;
        const start = lines.lastIndexOf(10, hit) + 1;
        from = lines.indexOf(10, hit) + 1;
        used += lines.copy(survivors, used, start, from);
        kept++;
      }
      if (used > 0) await target.write(survivors, 0, used);
      buffer.copyWithin(0, last, end);
      carried = end - last;
    }
  } finally {
    await source.close();
    await target.close();
  }
  return kept;
}
