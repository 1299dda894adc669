import { Batch, type Frame } from "../../record/index.ts";
import { type LoadedContender, openContender } from "./contender.ts";
import { medianOf } from "./statistics.ts";
import type { Now } from "./timer.ts";

const chunkMs = 100;
const chunksMin = 3;
const chunksMax = 15;
/** Faster than the chunk before by more than this: the platform is still making the code better. */
const gainMin = 0.03;

/**
 * Lets a module work until it gets no faster: the platform compiles code anew that is used much, on another thread.
 * @returns milliseconds of a batch
 * @throws MillraceError what ends the module
 */
export async function warmUp(
  contender: LoadedContender,
  frames: readonly Frame[],
  now: Now,
): Promise<number> {
  const batch = new Batch();
  let before = Number.POSITIVE_INFINITY;
  for (let chunk = 0; ; chunk++) {
    const chain = await openContender(contender);
    const times: number[] = [];
    const begin = now();
    for (let at = 0; now() - begin < chunkMs || times.length === 0; at++) {
      batch.load(frames[at % frames.length] as Frame);
      const then = now();
      chain.process(batch);
      times.push(now() - then);
    }
    const ms = medianOf(times);
    const isSettled = chunk + 1 >= chunksMin && ms > before * (1 - gainMin);
    if (isSettled || chunk + 1 >= chunksMax) return ms;
    before = ms;
  }
}
