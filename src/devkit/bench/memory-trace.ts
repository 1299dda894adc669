import { Batch, type Frame } from "../../record/index.ts";
import { type LoadedContender, openContender } from "./contender.ts";
import type { MemoryPoint } from "./result.ts";
import { transformOf, type Work } from "./slice.ts";

const pointsMax = 24;

/**
 * Lets one instance go on and on, and looks at its memory now and then: one that leaks grows on.
 * @throws MillraceError what ends the module
 */
export async function memoryTrace(
  contender: LoadedContender,
  { frames, batches }: Work,
): Promise<readonly MemoryPoint[]> {
  const chain = await openContender(contender);
  const transform = transformOf(chain);
  const batch = new Batch();
  const points = Math.min(pointsMax, batches);
  const trace: MemoryPoint[] = [];
  let done = 0;
  for (let point = 0; point <= points; point++) {
    for (; done < Math.round((point * batches) / points); done++) {
      chain.process(batch.load(frames[done % frames.length] as Frame));
    }
    const { counts, memoryBytes } = transform;
    trace.push({
      records: counts.records,
      guestBytes: memoryBytes,
      processBytes: process.memoryUsage.rss(),
    });
  }
  return trace;
}
