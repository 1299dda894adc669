import { open } from "node:fs/promises";
import type { Job } from "./job.ts";

const chunkBytes = 1024 * 1024;

/**
 * Plain JavaScript as one would write it with some care: chunks of 1 MiB, lines split as text, `JSON.parse` on each, survivors joined
 * and written at once.
 */
export async function filterWithJsonParse({ input, output }: Job): Promise<number> {
  const source = await open(input, "r");
  const target = await open(output, "w");
  const chunk = Buffer.alloc(chunkBytes);
  const decoder = new TextDecoder();
  let rest = "";
  let kept = 0;
  try {
    for (;;) {
      const { bytesRead } = await source.read(chunk, 0, chunkBytes);
      if (bytesRead === 0) break;
      const lines = (rest + decoder.decode(chunk.subarray(0, bytesRead), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      const survivors: string[] = [];
      for (const line of lines) if (JSON.parse(line).level === "error") survivors.push(line);
      kept += survivors.length;
      if (survivors.length > 0) await target.write(`${survivors.join("\n")}\n`);
    }
  } finally {
    await source.close();
    await target.close();
  }
  return kept;
}
