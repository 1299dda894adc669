import type { ConnectorSpec } from "../spec.ts";
import { type GenerateSettings, settings } from "./settings.ts";

export const generateConnector: ConnectorSpec<GenerateSettings> = {
  system: "generate",
  summary: "Makes records up: JSON logs, orders or a template, the same bytes for the same seed.",
  example: {
    source: `meta:
  name: made-up-orders
  type: generate-source
  topic: orders
generate:
  kind: order
  rate: 100
  count: 10000
`,
  },
  settings,
  async source(given, _extract, context) {
    const { createGenerateSource } = await import("./source.ts");
    return createGenerateSource(given, context);
  },
};
