import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
  STATUS_CODES,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Readable } from "node:stream";
import type { Clock } from "../../base/index.ts";
import { decoded } from "./content-encoding.ts";
import type { HeaderPair } from "./header.ts";

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array | string | undefined;
}

export interface HttpResponse {
  readonly version: string;
  readonly status: number;
  readonly statusText: string;
  /** In the order in which they came, with names in small letters; one that came several times is there several times. */
  readonly headers: readonly HeaderPair[];
  /** The body with its content encoding taken off. Whoever gets it reads it to its end or destroys it. */
  readonly body: Readable;
}

export interface HttpClientOptions {
  readonly clock: Clock;
  /** How long it may take to connect; as long as it takes where absent. */
  readonly connectTimeoutMs?: number;
}

/** Sends requests over connections that are kept for the next ones. */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true }),
  };

  constructor(options: HttpClientOptions) {
    this.#options = options;
  }

  /**
   * Sends one request and resolves with the head of its response. When the signal aborts, before or afterwards, the
   * exchange is given up and its body fails. Rejects with what the system says.
   */
  async send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    for (;;) {
      const { message, wasStale } = await this.#attempt(request, signal);
      if (!wasStale) return responseOf(message, request.method);
    }
  }

  close(): void {
    this.#agents["http:"].destroy();
    this.#agents["https:"].destroy();
  }

  #attempt(
    { url, method, headers, body }: HttpRequest,
    signal: AbortSignal,
  ): Promise<
    | { readonly message: IncomingMessage; readonly wasStale: false }
    | { readonly message: undefined; readonly wasStale: true }
  > {
    return new Promise((resolve, reject) => {
      const isSecure = url.protocol === "https:";
      const agent = this.#agents[isSecure ? "https:" : "http:"];
      const send = isSecure ? requestHttps : requestHttp;
      const request = send(url, { method, agent, signal, headers: headersObject(headers) });
      const connected = new AbortController();
      this.#watchConnecting(request, connected);
      request.once("response", (message) => resolve({ message, wasStale: false }));
      request.once("error", (error) => {
        connected.abort();
        // A server may close a kept connection just when a request goes out on it, which says nothing about the server.
        if (request.reusedSocket && !signal.aborted && isReset(error))
          resolve({ message: undefined, wasStale: true });
        else reject(error);
      });
      request.end(body);
    });
  }

  #watchConnecting(request: ClientRequest, connected: AbortController): void {
    const { clock, connectTimeoutMs } = this.#options;
    if (connectTimeoutMs === undefined) return;
    request.once("socket", (socket) => {
      const done = (): void => connected.abort();
      if (!socket.connecting) done();
      else socket.once("encrypted" in socket ? "secureConnect" : "connect", done);
    });
    void clock.sleep(connectTimeoutMs, connected.signal).then(() => {
      if (!connected.signal.aborted)
        request.destroy(new Error(`no connection within ${connectTimeoutMs} ms`));
    });
  }
}

function responseOf(message: IncomingMessage, method: string): HttpResponse {
  const headers: HeaderPair[] = [];
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    headers.push([(message.rawHeaders[i] as string).toLowerCase(), message.rawHeaders[i + 1] as string]);
  }
  const status = message.statusCode as number;
  const hasBody = method !== "HEAD" && status !== 204 && status !== 304;
  return {
    version: message.httpVersion,
    status,
    statusText: message.statusMessage || (STATUS_CODES[status] ?? ""),
    headers,
    body: hasBody ? decoded(message, message.headers["content-encoding"]) : message,
  };
}

/** The first value of a header, by its name in small letters. */
export function headerOf({ headers }: Pick<HttpResponse, "headers">, name: string): string | undefined {
  return headers.find(([given]) => given === name)?.[1];
}

/** Headers as Node takes them: those of one name together. */
export function headersObject(headers: readonly HeaderPair[]): Record<string, string | string[]> {
  const byName = new Map<string, string | string[]>();
  for (const [name, value] of headers) {
    const known = [...byName.keys()].find((each) => each.toLowerCase() === name.toLowerCase()) ?? name;
    const before = byName.get(known);
    byName.set(known, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(byName);
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === "ECONNRESET" || error.code === "EPIPE";
}
