import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../../base/index.ts";
import { MillraceError, messageOf } from "../../errors.ts";
import { limits } from "../../limits.ts";
import type { Intake } from "./intake.ts";
import type { WebhookSettings } from "./settings.ts";

/** How often connections are looked at that take too long, in parts of what they may take. */
const checksPerTimeout = 4;

/** A server that listens, with its address. */
export interface Listening {
  readonly url: string;
  /** Waits for answers to arrive, and then cuts all connections. */
  close(clock: Clock): Promise<void>;
}

/** @throws MillraceError `webhook.listen` */
export async function listen(
  { host, port, path, request_timeout }: WebhookSettings,
  intake: Intake,
): Promise<Listening> {
  const headersTimeout = Math.min(limits.webhookHeadMsMax.default, request_timeout);
  const server = createServer({
    requestTimeout: request_timeout,
    headersTimeout,
    connectionsCheckingInterval: Math.ceil(headersTimeout / checksPerTimeout),
  });
  server.maxConnections = limits.webhookConnectionsMax.default;
  server.on("request", (request, response) => void intake.take(request, response, false));
  server.on("checkContinue", (request, response) => void intake.take(request, response, true));
  const wanted = urlOf(host, port, path);
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (error) {
    throw listenFailure(wanted, port, error);
  }
  const { port: actual } = server.address() as AddressInfo;
  return { url: urlOf(host, actual, path), close: (clock) => close(server, clock) };
}

async function close(server: Server, clock: Clock): Promise<void> {
  const closed = new AbortController();
  server.close(() => closed.abort());
  server.closeIdleConnections();
  await clock.sleep(limits.webhookCloseMsMax.default, closed.signal);
  server.closeAllConnections();
  if (!closed.signal.aborted) await once(closed.signal, "abort");
}

function urlOf(host: string, port: number, path: string): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}${path}`;
}

function listenFailure(url: string, port: number, thrown: unknown): MillraceError {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  const [problem, hint] =
    code === "EADDRINUSE"
      ? [`port ${port} is in use already`, "choose another `webhook.port`, or stop what listens there"]
      : code === "EACCES"
        ? [`this user may not listen on port ${port}`, "choose a `webhook.port` from 1024 on"]
        : code === "EADDRNOTAVAIL" || code === "ENOTFOUND"
          ? ["this machine does not have the address", "check `webhook.host`"]
          : [messageOf(thrown), "check `webhook.host` and `webhook.port`"];
  return new MillraceError("webhook.listen", `the webhook cannot listen: ${problem}`, {
    where: { url },
    hint,
    cause: thrown,
  });
}
