export { type ConnectorEnd, connectors, type FoundConnector, findConnector } from "./registry.ts";
export { durationMs, notYet } from "./schema.ts";
export type { ConnectorContext, ConnectorSpec } from "./spec.ts";
