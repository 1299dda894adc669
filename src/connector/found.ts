import type { z } from "zod";
import type { ConnectorSpec } from "./spec.ts";

export type ConnectorEnd = "source" | "sink";

/** A connector and the end of it that a type names. */
export interface FoundConnector {
  readonly spec: ConnectorSpec;
  readonly end: ConnectorEnd;
}

/** The schema of the settings of an end. */
export function settingsOf({ spec, end }: FoundConnector): z.ZodType {
  return (end === "sink" ? spec.sinkSettings : undefined) ?? spec.settings;
}
