import { MillraceError } from "../../errors.ts";
import { type HttpResponse, headerOf } from "./client.ts";

/** The parts of a response that are needed to read its body. */
interface Bodied extends Pick<HttpResponse, "headers"> {
  readonly body: AsyncIterable<Uint8Array>;
}

/** Reads a body whole. @throws MillraceError `http.too-large` as soon as it is known to pass the limit */
export async function readBody(
  response: Bodied,
  { url, bodyBytesMax }: { readonly url: string; readonly bodyBytesMax: number },
): Promise<Uint8Array> {
  const tooLarge = (): MillraceError =>
    new MillraceError("http.too-large", `the answer has more than ${bodyBytesMax} bytes`, {
      where: { url },
      hint: "a body is held whole while records are taken out of it; ask for less at once, such as one page",
    });
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  const announced = Number(headerOf(response, "content-length") ?? 0);
  // Leaving the loop early, also by throwing, cancels the rest of the body.
  for await (const chunk of response.body) {
    byteCount += chunk.length;
    if (Math.max(announced, byteCount) > bodyBytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const body = new Uint8Array(byteCount);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
