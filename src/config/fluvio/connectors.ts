/** The connectors that Fluvio has itself, and the keys that each heeds in its section; versions of 2025. */
export const fluvioConnectors: ReadonlyMap<string, readonly string[]> = new Map([
  [
    "http-source",
    [
      ...["endpoint", "method", "body", "headers", "user_agent", "interval", "stream", "delimiter"],
      ...["output_parts", "output_type", "websocket_config"],
    ],
  ],
  [
    "http-sink",
    [
      ...["endpoint", "method", "headers", "user_agent", "http_request_timeout", "http_connect_timeout"],
      ...["backoff_min", "backoff_max"],
    ],
  ],
  ["mqtt-source", ["url", "topic", "client_id", "timeout", "payload_output_type"]],
  ["kafka-source", ["url", "topic", "partition", "group", "fetch-max-bytes-per-partition"]],
  ["kafka-sink", ["url", "topic", "partition", "options", "create-topic", "security"]],
  ["sql-sink", ["url", "backoff-min", "backoff-max"]],
  ["duckdb-sink", ["url"]],
  ["graphite-sink", ["metric-path", "addr"]],
  ["redis-sink", ["prefix", "url", "operation"]],
]);
