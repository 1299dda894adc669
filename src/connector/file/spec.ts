import { type Format, readFormat, writtenFormat } from "../format/index.ts";
import type { ConnectorSpec } from "../spec.ts";
import { type FileSettings, settings } from "./settings.ts";

export const fileConnector: ConnectorSpec<FileSettings, Format, Format> = {
  system: "file",
  summary:
    "Reads records from files, to their ends or following them, and writes records to a file, in any format, also packed.",
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
  extract: readFormat,
  packing: writtenFormat,
  async source(given, format, context) {
    const { createFileSource } = await import("./source.ts");
    return createFileSource(given, format, context);
  },
  async sink(given, format, context) {
    const { createFileSink } = await import("./sink.ts");
    return createFileSink(given, format, context);
  },
};
