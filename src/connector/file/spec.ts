import type { ConnectorSpec } from "../spec.ts";
import { type FileSettings, settings } from "./settings.ts";

export const fileConnector: ConnectorSpec<FileSettings> = {
  system: "file",
  summary: "Reads the lines of a file as records, and writes records as lines of a file.",
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
