import type { ServerResponse } from "node:http";
import type { ConnectorContext } from "../../../src/connector/index.ts";
import type { Source } from "../../../src/pipeline/index.ts";
import type { Position } from "../../../src/topic/index.ts";
import { sourceOf } from "../support/open-connector.ts";
import { serve, type WebServer } from "../support/web-server.ts";

/** An http-source, opened. */
export async function open(
  settings: object,
  context: ConnectorContext,
  { extract, position }: { readonly extract?: unknown; readonly position?: Position | undefined } = {},
): Promise<Source> {
  const source = await sourceOf("http-source", settings, context, extract);
  await source.open(position);
  return source;
}

/** A server whose answers to one request after another are given by functions; the last one repeats. */
export function serveInTurn(...answers: ((response: ServerResponse) => void)[]): Promise<WebServer> {
  let turn = 0;
  return serve((response) => answers[Math.min(turn++, answers.length - 1)]!(response));
}
