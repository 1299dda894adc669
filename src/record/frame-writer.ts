import { MillraceError } from "../errors.ts";
import { limits } from "../limits.ts";
import { headerBytes, magic, none, word, writeInt64 } from "./layout.ts";

/** Where the parts of a frame lie, counted from its start; 0 where an optional column is absent. */
export interface FrameLayout {
  readonly frameBytes: number;
  readonly recordCount: number;
  readonly valuesAt: number;
  readonly keysAt?: number;
  readonly timestampsAt?: number;
  readonly offsetsAt?: number;
  readonly headersAt?: number;
  readonly bytesAt: number;
  readonly bytesLength: number;
  readonly traits?: number;
  readonly baseOffset?: number;
  readonly baseTimestamp?: number;
}

/**
 * Writes a frame's header at byte `at` of a memory given as 32-bit words.
 * @throws MillraceError `frame.too-large`, so that nothing can write what nobody could open
 */
export function writeHeader(words: Uint32Array, at: number, layout: FrameLayout): void {
  if (layout.frameBytes > limits.frameBytesMax.default) {
    throw new MillraceError(
      "frame.too-large",
      `the records would make a frame of ${layout.frameBytes} bytes`,
      {
        hint: `the limit is ${limits.frameBytesMax.default} bytes; make smaller batches`,
      },
    );
  }
  const start = at / 4;
  words.fill(0, start, start + headerBytes / 4);
  words[start + word.magic] = magic;
  words[start + word.frameBytes] = layout.frameBytes;
  words[start + word.recordCount] = layout.recordCount;
  words[start + word.valuesAt] = layout.valuesAt;
  words[start + word.keysAt] = layout.keysAt ?? 0;
  words[start + word.timestampsAt] = layout.timestampsAt ?? 0;
  words[start + word.offsetsAt] = layout.offsetsAt ?? 0;
  words[start + word.headersAt] = layout.headersAt ?? 0;
  words[start + word.bytesAt] = layout.bytesAt;
  words[start + word.bytesLength] = layout.bytesLength;
  words[start + word.traits] = layout.traits ?? 0;
  writeInt64(words, start + word.baseOffset, layout.baseOffset ?? none);
  writeInt64(words, start + word.baseTimestamp, layout.baseTimestamp ?? none);
}
