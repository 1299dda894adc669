import type { ConnectorSpec } from "../spec.ts";
import { type FileSettings, settings } from "./settings.ts";

export const fileConnector: ConnectorSpec<FileSettings> = {
  system: "file",
  summary: "Reads the lines of a file as records, and writes records as lines of a file.",
  example: {
    source: `meta:
  name: read-log
  type: file-source
  topic: log
file:
  path: app.ndjson
`,
    sink: `meta:
  name: write-log
  type: file-sink
  topic: log
file:
  path: out.ndjson
`,
  },
  settings,
  async source(given, _extract, context) {
    const { createFileSource } = await import("./source.ts");
    return createFileSource(given, context);
  },
  async sink(given, _packing, context) {
    const { createFileSink } = await import("./sink.ts");
    return createFileSink(given, context);
  },
};
