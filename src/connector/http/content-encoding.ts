import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";

/** What requests say of the encodings of bodies that are understood here. */
export const acceptedEncodings = "gzip, deflate, br";

/** A body without its content encoding; as it is where that is not known here. */
export function decoded(body: Readable, encoding: string | undefined): Readable {
  const decoder = decoderOf(encoding?.trim().toLowerCase());
  if (decoder === undefined) return body;
  // A failure of the one is a failure of the other, and whoever reads the decoder hears of it.
  return pipeline(body, decoder, () => undefined);
}

function decoderOf(encoding: string | undefined): ReturnType<typeof createGunzip> | undefined {
  if (encoding === "gzip" || encoding === "x-gzip") return createGunzip();
  if (encoding === "deflate") return createInflate();
  return encoding === "br" ? createBrotliDecompress() : undefined;
}
