import type { ConnectorSpec } from "../spec.ts";
import {
  extract,
  type HttpExtract,
  type HttpSettings,
  type HttpSinkSettings,
  settings,
  sinkSettings,
} from "./settings.ts";

export const httpConnector: ConnectorSpec<HttpSettings, HttpExtract, undefined, HttpSinkSettings> = {
  system: "http",
  summary:
    "Asks a URL for records again and again, or reads an endless response or a websocket; sends records to a URL.",
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
    sink: `meta:
  name: send-orders
  type: http-sink
  topic: orders
http:
  endpoint: https://example.com/orders
  headers:
    - "Content-Type: application/json"
`,
  },
  settings,
  sinkSettings,
  extract,
  async source(given, givenExtract, context) {
    const { createHttpSource } = await import("./source.ts");
    return createHttpSource(given, givenExtract, context);
  },
  async sink(given, _packing, context) {
    const { createHttpSink } = await import("./sink.ts");
    return createHttpSink(given, context);
  },
};
