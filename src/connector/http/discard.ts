import type { Readable } from "node:stream";
import { limits } from "../../limits.ts";

/**
 * Reads a body that nobody wants to its end, so that its connection can be used again; one that is longer than
 * `discardedBytesMax` is cut off. Resolves also where it breaks, which does not matter any more.
 */
export async function discard(body: Readable): Promise<void> {
  let byteCount = 0;
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      byteCount += chunk.length;
      // Leaving the loop early destroys the body.
      if (byteCount > limits.discardedBytesMax.default) return;
    }
  } catch {
    // Whatever it was, the answer is known.
  }
}
