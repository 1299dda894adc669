import type { ConnectorSpec } from "../spec.ts";
import { extract, settings, type WebhookExtract, type WebhookSettings } from "./settings.ts";

export const webhookConnector: ConnectorSpec<WebhookSettings, WebhookExtract> = {
  system: "webhook",
  summary: "Takes records as requests that others send, and answers once they are stored.",
  example: {
    source: `meta:
  name: take-events
  type: webhook-source
  topic: events
webhook:
  port: 8080
  path: /events
  signature:
    header: X-Hub-Signature-256
    secret: "it is between us"
    prefix: sha256=
`,
  },
  settings,
  extract,
  async source(given, givenExtract, context) {
    const { createWebhookSource } = await import("./source.ts");
    return createWebhookSource(given, givenExtract, context);
  },
};
