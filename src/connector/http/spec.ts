import type { ConnectorSpec } from "../spec.ts";
import { extract, type HttpExtract, type HttpSettings, settings } from "./settings.ts";

export const httpConnector: ConnectorSpec<HttpSettings, HttpExtract> = {
  system: "http",
  summary:
    "Asks a URL for records again and again: each response, or each element of a JSON array in it, is a record.",
  example: {
    source: `meta:
  name: earthquakes
  type: http-source
  topic: earthquakes
http:
  endpoint: https://example.com/earthquakes.json
  interval: 60s
millrace:
  extract:
    json-array: /features
`,
  },
  settings,
  extract,
  async source(given, givenExtract, context) {
    const { createHttpSource } = await import("./source.ts");
    return createHttpSource(given, givenExtract, context);
  },
};
