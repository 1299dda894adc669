export interface InboundOptions {
  readonly name?: string;
  readonly topic?: string;
  /** Lines of the section `generate:`. */
  readonly generate: readonly string[];
  /** Lines behind it. */
  readonly more?: readonly string[];
}

/** A config that makes records up. */
export function generateConfig({
  name = "orders-in",
  topic = "orders",
  generate,
  more = [],
}: InboundOptions): string {
  return [
    "apiVersion: 0.1.0",
    "meta:",
    `  name: ${name}`,
    "  type: generate-source",
    `  topic: ${topic}`,
    "  version: 0.1.0",
    "generate:",
    ...generate.map((line) => `  ${line}`),
    ...more,
    "",
  ].join("\n");
}

/** A config that writes the topic "orders" to a file. */
export function fileSinkConfig(path: string, more: readonly string[] = []): string {
  return [
    "apiVersion: 0.1.0",
    "meta:",
    "  name: orders-out",
    "  type: file-sink",
    "  topic: orders",
    "  version: 0.1.0",
    "  consumer:",
    "    id: orders-out",
    "    offset:",
    "      start: beginning",
    "      strategy: auto",
    "file:",
    `  path: ${path}`,
    ...more,
    "",
  ].join("\n");
}
