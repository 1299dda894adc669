import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface WebServer {
  /** Its address with a slash at the end. */
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  /** Bodies of the requests, in the same order. */
  readonly bodies: readonly string[];
  /** Resolves once `count` requests have come in. */
  requested(count: number): Promise<void>;
  close(): Promise<void>;
}

export type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** An HTTP server on loopback that is closed when the test is over. */
export async function serve(answer: Answer, port = 0): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const bodies: string[] = [];
  const watchers: (() => void)[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push(request);
    bodies.push(Buffer.concat(chunks).toString());
    for (const watcher of watchers.splice(0)) watcher();
    answer(response, request);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  };
  onTestFinished(close);
  const requested = async (count: number): Promise<void> => {
    while (requests.length < count) await new Promise<void>((resolve) => watchers.push(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    bodies,
    requested,
    close,
  };
}

/** The URL of a port on which nothing listens: it was free a moment ago. */
export async function unusedUrl(): Promise<string> {
  const server = await serve(() => {});
  await server.close();
  return server.url;
}
