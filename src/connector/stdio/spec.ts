import { type Format, readFormat, writtenFormat } from "../format/index.ts";
import type { ConnectorSpec } from "../spec.ts";
import { type StdioSettings, settings } from "./settings.ts";

export const stdioConnector: ConnectorSpec<StdioSettings, Format, Format> = {
  system: "stdio",
  summary: "Reads records from standard input, to its end, and writes records to standard output.",
  example: {
    source: `meta:
  name: from-a-pipe
  type: stdio-source
  topic: orders
millrace:
  extract: csv
`,
    sink: `meta:
  name: into-a-pipe
  type: stdio-sink
  topic: orders
`,
  },
  settings,
  extract: readFormat,
  packing: writtenFormat,
  async source(_given, format, context) {
    const { createStdioSource } = await import("./source.ts");
    return createStdioSource(format, context);
  },
  async sink(_given, format) {
    const { createStdioSink } = await import("./sink.ts");
    return createStdioSink(format);
  },
};
