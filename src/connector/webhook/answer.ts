import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { limits } from "../../limits.ts";

/** Answers with a short text. */
export function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (response.headersSent || response.destroyed) return;
  const body = text === "" ? "" : `${text}\n`;
  response
    .writeHead(status, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      ...headers,
    })
    .end(body);
}

/**
 * Answers a request of which the body is not wanted, and ends its connection. What the sender still sends is passed
 * over for a while: many read an answer only when they have sent everything, and would see a broken connection instead.
 */
export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
  headers: OutgoingHttpHeaders = {},
): void {
  if (request.complete) {
    answer(response, status, text, headers);
    return;
  }
  if (response.headersSent || response.destroyed) return;
  const body = `${text}\n`;
  // All of the answer, but not its end, at which the connection goes.
  response
    .writeHead(status, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(body),
      connection: "close",
      ...headers,
    })
    .write(body);
  let byteCount = 0;
  request.on("data", (chunk: Uint8Array) => {
    byteCount += chunk.length;
    if (byteCount > limits.webhookDiscardedBytesMax.default) request.destroy();
  });
  request.once("end", () => response.end());
  request.once("error", () => request.destroy());
  request.resume();
}
