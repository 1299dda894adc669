import type { ConnectorSpec } from "./spec.ts";

export type ConnectorEnd = "source" | "sink";

/** A connector and the end of it that a type names. */
export interface FoundConnector {
  readonly spec: ConnectorSpec;
  readonly end: ConnectorEnd;
}
