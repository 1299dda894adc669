import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

export interface ServedWebsocket {
  readonly url: string;
  /** Of the handshakes, in order. */
  readonly requests: readonly IncomingMessage[];
  readonly sockets: readonly WebSocket[];
}

/** A websocket server on loopback, which is closed with the test. */
export async function serveWebsocket(
  greet: (socket: WebSocket, turn: number) => void,
  options: { readonly refuse?: () => number | undefined } = {},
): Promise<ServedWebsocket> {
  const requests: IncomingMessage[] = [];
  const sockets: WebSocket[] = [];
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    verifyClient: (_info, answer) => {
      const status = options.refuse?.();
      answer(status === undefined, status);
    },
  });
  server.on("connection", (socket, request) => {
    requests.push(request);
    sockets.push(socket);
    greet(socket, sockets.length - 1);
  });
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/feed`, requests, sockets };
}
