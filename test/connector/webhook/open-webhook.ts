import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { ConnectorContext } from "../../../src/connector/index.ts";
import type { Source } from "../../../src/pipeline/index.ts";
import { sourceOf } from "../support/open-connector.ts";
import type { RecordingLogger } from "../support/recording-logger.ts";
import { testContext } from "../support/test-context.ts";

export interface OpenWebhook {
  readonly source: Source;
  readonly url: string;
  readonly log: RecordingLogger;
}

/** A webhook that listens on a free port, and is closed when the test is over. */
export async function openWebhook(
  settings: object = {},
  { extract, ...changes }: Partial<ConnectorContext> & { readonly extract?: unknown } = {},
): Promise<OpenWebhook> {
  const context = testContext({ once: false, ...changes });
  const source = await sourceOf("webhook-source", { port: 0, ...settings }, context, extract);
  await source.open(undefined);
  onTestFinished(() => source.close());
  return { source, url: urlIn(context.log), log: context.log };
}

/** Where a webhook listens, as it says. */
export function urlIn(log: RecordingLogger): string {
  const [, url = ""] = /takes requests at ([^\s,]+)/.exec(log.lines.join("\n")) ?? [];
  return url;
}

export interface Connection {
  readonly socket: Socket;
  /** All that has come, once the other side has ended the connection. */
  readonly received: Promise<string>;
  /** Resolves once what has come matches. */
  until(pattern: RegExp): Promise<string>;
}

/** A bare connection to a server, to send what no client would. */
export function connectTo(url: string): Connection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let text = "";
  const watchers: (() => void)[] = [];
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    for (const watcher of watchers.splice(0)) watcher();
  });
  // A cut connection is what some tests wait for.
  socket.on("error", () => undefined);
  const received = new Promise<string>((resolve) => socket.once("close", () => resolve(text)));
  return {
    socket,
    received,
    async until(pattern) {
      while (!pattern.test(text)) await new Promise<void>((resolve) => watchers.push(resolve));
      return text;
    },
  };
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

export async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, text: (await response.text()).trim(), headers: response.headers };
}
